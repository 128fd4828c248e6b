import * as net from 'node:net';

import { expect, test } from '../support/fixtures.ts';

test('whoever asks for another host and breaks off is noted, and no test is lost', async ({
  outside
}) => {
  const [host, port] = outside.address.split(':');
  for (const asked of ['one.example:443', 'two.example:443']) {
    await new Promise<void>((resolve, reject) => {
      const socket = net.connect(Number(port), host);
      socket.on('error', reject);
      socket.on('close', () => resolve());
      socket.on('data', () => socket.resetAndDestroy());
      socket.write(`CONNECT ${asked} HTTP/1.1\r\nhost: ${asked}\r\n\r\n`);
    });
  }
  expect(outside.asked.splice(0)).toEqual([
    'one.example:443',
    'two.example:443'
  ]);
});
