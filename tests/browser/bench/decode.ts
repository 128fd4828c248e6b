import { readFileSync } from 'node:fs';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import * as path from 'node:path';

import { test } from '../support/fixtures.ts';
import { ROOT } from '../support/paths.ts';
import { report, row, RUNS } from './measure.ts';

const SERIES = 1000;
const POINTS = 361;
const START = 1_795_000_000;
const STEP = 10;

/** What the worker sends back: milliseconds of each run. */
interface ITimes {
  wasm: number[];
  json: number[];
}

test('decode and rank, beside JSON.parse and a loop, in one worker', async ({
  page
}) => {
  test.setTimeout(300_000);
  const server = http.createServer(answer);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await page.goto(`http://127.0.0.1:${port}/`);
  const times = await page.evaluate(
    runs =>
      new Promise<ITimes>((resolve, reject) => {
        const worker = new Worker('/worker.mjs', { type: 'module' });
        worker.onmessage = ({ data }) => resolve(data as ITimes);
        worker.onerror = ({ message }) => reject(new Error(message));
        worker.postMessage(runs);
      }),
    RUNS
  );
  await new Promise(resolve => server.close(resolve));

  const rows = [
    row('wasm: decode, amplitude of all', times.wasm),
    row('JSON.parse, loop for max - min', times.json)
  ];
  const ratio = rows[1].median / rows[0].median;
  report(
    rows,
    [
      `milliseconds for ${SERIES} series of ${POINTS} points (${(BODY.length / 1e6).toFixed(1)} MB); ` +
        `wasm is ${ratio.toFixed(2)} times as fast as JSON.parse and a loop`
    ],
    { warm_1000x361: ratio }
  );
});

/** A body as Prometheus sends it: numbers of full length, three labels a series. */
const BODY = body();

function body(): string {
  let state = 1;
  const random = () => {
    // A linear congruential generator: the same body in every run.
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  const result = Array.from({ length: SERIES }, (_, at) => ({
    metric: {
      __name__: 'level',
      which: `object${at}`,
      instance: `10.0.${at >> 8}.${at & 255}:9100`
    },
    values: Array.from({ length: POINTS }, (_, point) => [
      START + point * STEP,
      String(20 + 10 * random())
    ])
  }));
  return JSON.stringify({
    status: 'success',
    data: { resultType: 'matrix', result }
  });
}

const WORKER = `
import { initSync, decode } from '/casebook_wasm.js';
const bytes = async path => new Uint8Array(await (await fetch(path)).arrayBuffer());
onmessage = async ({ data: runs }) => {
  initSync({ module: await bytes('/casebook_wasm_bg.wasm') });
  const body = await bytes('/body.json');
  const request = JSON.stringify({
    base: location.origin, source: 'main', query: 'level',
    start_ms: ${START * 1000}, end_ms: ${(START + (POINTS - 1) * STEP) * 1000}, step_ms: ${STEP * 1000}
  });
  const wasm = [], json = [];
  const timed = work => { const from = performance.now(); work(); return performance.now() - from; };
  const inWasm = () => {
    const handle = decode(body, request);
    const ranked = JSON.parse(handle.amplitude()).ranked.length;
    handle.free();
    if (ranked !== ${SERIES}) throw new Error('wasm ranked ' + ranked);
  };
  const inJs = () => {
    const { data } = JSON.parse(new TextDecoder().decode(body));
    const amplitudes = data.result.map(({ values }) => {
      let min = Infinity, max = -Infinity;
      for (const [, text] of values) { const value = Number(text); if (value < min) min = value; if (value > max) max = value; }
      return max - min;
    });
    if (amplitudes.length !== ${SERIES}) throw new Error('js ranked ' + amplitudes.length);
  };
  for (let warmup = 0; warmup < 3; warmup++) { inWasm(); inJs(); }
  for (let run = 0; run < runs; run++) { wasm.push(timed(inWasm)); json.push(timed(inJs)); }
  postMessage({ wasm, json });
};
`;

function answer(
  request: http.IncomingMessage,
  response: http.ServerResponse
): void {
  const send = (type: string, content: string | Buffer) =>
    response.writeHead(200, { 'content-type': type }).end(content);
  const built = (file: string) =>
    readFileSync(path.join(ROOT, 'target/wasm', file));
  switch (request.url) {
    case '/':
      send('text/html', '<!doctype html><title>bench</title>');
      break;
    case '/worker.mjs':
      send('text/javascript', WORKER);
      break;
    case '/body.json':
      send('application/json', BODY);
      break;
    case '/casebook_wasm.js':
      send('text/javascript', built('casebook_wasm.js'));
      break;
    case '/casebook_wasm_bg.wasm':
      send('application/wasm', built('casebook_wasm_bg.wasm'));
      break;
    default:
      response.writeHead(404).end();
  }
}
