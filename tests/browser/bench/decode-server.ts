import { execFileSync } from 'node:child_process';
import { createReadStream, readFileSync, statSync } from 'node:fs';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import * as path from 'node:path';

import { ROOT } from '../support/paths.ts';

/** Bytes of a paced body that are sent every millisecond: 400 Mbit/s. */
const PACE = 50_000;

/** Serves the core, the worker and the bodies to a page that has nothing else. */
export class BenchServer {
  private constructor(
    private readonly _server: http.Server,
    readonly origin: string
  ) {}

  static async start(bodies: string): Promise<BenchServer> {
    const limits = touchingBytes();
    const server = http.createServer((request, response) => {
      const { pathname, searchParams } = new URL(
        request.url ?? '/',
        'http://bench'
      );
      const name = path.basename(pathname);
      const send = (type: string, content: string | Buffer) =>
        response.writeHead(200, { 'content-type': type }).end(content);
      if (pathname === '/') {
        send('text/html', '<!doctype html><title>bench</title>');
      } else if (name === 'limits.wasm') {
        send('application/wasm', limits);
      } else if (name === 'decode-worker.mjs') {
        send(
          'text/javascript',
          readFileSync(path.join(import.meta.dirname, name))
        );
      } else if (name.endsWith('.js')) {
        send('text/javascript', readFileSync(core(name)));
      } else if (name.endsWith('.wasm')) {
        send('application/wasm', readFileSync(core(name)));
      } else if (name.endsWith('.json')) {
        const file = path.join(bodies, name);
        response.writeHead(200, {
          'content-type': 'application/json',
          'content-length': statSync(file).size
        });
        if (searchParams.has('paced')) {
          paced(response, readFileSync(file));
        } else {
          createReadStream(file).pipe(response);
        }
      } else {
        response.writeHead(404).end();
      }
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return new BenchServer(server, `http://127.0.0.1:${port}`);
  }

  async stop(): Promise<void> {
    this._server.closeAllConnections();
    await new Promise(resolve => this._server.close(resolve));
  }
}

/** A file of the built core. */
export function core(name: string): string {
  return path.join(ROOT, 'target/wasm', name);
}

function paced(response: http.ServerResponse, body: Buffer): void {
  const from = performance.now();
  let sent = 0;
  const send = () => {
    const due = Math.min(
      body.length,
      Math.ceil(performance.now() - from) * PACE
    );
    if (due > sent) {
      response.write(body.subarray(sent, due));
      sent = due;
    }
    if (sent < body.length) {
      setTimeout(send, 1);
    } else {
      response.end();
    }
  };
  send();
}

/** The module that visits every quote, from its text. */
function touchingBytes(): Buffer {
  const optimiser = path.join(ROOT, 'js/node_modules/binaryen/bin/wasm-opt');
  const text = path.join(import.meta.dirname, 'quotes.wat');
  const module = path.join(ROOT, 'target/bench/quotes.wasm');
  execFileSync('node', [optimiser, '-O3', text, '-o', module]);
  return readFileSync(module);
}
