import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

import type { Browser, Page } from '@playwright/test';

import { expect, test } from '../support/fixtures.ts';
import { Notebook, plainText } from '../support/notebook.ts';
import { ROOT } from '../support/paths.ts';
import { Proxy } from '../support/proxy.ts';
import { BenchServer, core } from './decode-server.ts';
import { type IRow, report, row, RUNS } from './measure.ts';

const START_MS = 1_795_000_000_000;
const STEP_MS = 10_000;

/** The bodies that `cargo xtask bench decode` has written; the names are those of the results. */
const SIZES = ['1000x31', '1000x361', '10000x361'] as const;
type Size = (typeof SIZES)[number];

/** What the natively built decoder needs, from `cargo xtask bench decode`. */
interface INative {
  /** Milliseconds of one decoding. */
  milliseconds: Record<Size, number>;
  /** Nanoseconds and bytes per sample, by number of series. */
  growth: [series: number, nanoseconds: number, bytes: number][];
}

type Times = Record<'core' | 'json' | 'copy' | 'quotes', number[]>;

test('decode, beside JSON.parse and a loop, in one worker', async ({
  browser,
  page,
  drill
}) => {
  test.setTimeout(1_800_000);
  const bodies = path.join(ROOT, 'target/bench');
  const native = JSON.parse(
    readFileSync(path.join(bodies, 'native.json'), 'utf8')
  ) as INative;
  const server = await BenchServer.start(bodies);
  const rows: IRow[] = [];
  const notes: string[] = ['milliseconds; ratios are to JSON.parse and a loop'];
  const json: Record<string, number> = {};
  const keep = (name: string, samples: number[]): number => {
    const kept = row(name, samples);
    rows.push(kept);
    return kept.median;
  };
  try {
    await page.goto(server.origin);
    const first = await firstCalls(page);
    json.first_1000x31 = beside('1000x31, first call', first, keep);
    const warm: Partial<Record<Size, number>> = {};
    for (const size of SIZES) {
      const runs = size === '10000x361' ? Math.min(RUNS, 5) : RUNS;
      const times = await job<Times>(page, {
        job: 'warm',
        runs,
        ...body(size)
      });
      json[`warm_${size}`] = beside(`${size}, warm`, times, keep);
      warm[size] = row('', times.core).median;
      keep(`${size}: copy in`, times.copy);
      keep(`${size}: visit every quote`, times.quotes);
      keep(`${size}: natively`, [native.milliseconds[size]]);
    }
    json.native_ratio =
      native.milliseconds['1000x361'] / (warm['1000x361'] ?? NaN);
    json.growth_wasm =
      (warm['10000x361'] ?? NaN) / 10 / (warm['1000x361'] ?? NaN);

    const after: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      const { body: url, request } = body('1000x361');
      const options = {
        body: `${url}?paced`,
        request,
        warmup: body('1000x31')
      };
      after.push(await job<number>(page, { job: 'stream', ...options }));
    }
    json.after_last_byte_ms = keep('after the last byte, 11 MB', after);

    const peaks = await memoryPeaks(browser, server.origin);
    json.peak_memory_ratio =
      keep('peak MB of the renderer, 112 MB decoded', peaks.stream) /
      keep('peak MB of the renderer, 112 MB drained', peaks.drain);
  } finally {
    await server.stop();
  }

  const sources = { main: { url: drill.url } };
  const casebook = await Proxy.start('bench-decode', { sources });
  const python = await fromPython(page, await casebook.link()).finally(() =>
    casebook.stop()
  );
  json.python_1000x361 =
    keep('json.loads and a loop, 1000x361', python.python) /
    keep('the core from a cell, 1000x361', python.core);

  const wasm = readFileSync(core('casebook_wasm_bg.wasm'));
  json.wasm_brotli_kb =
    brotliCompressSync(wasm, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: 11,
        [constants.BROTLI_PARAM_SIZE_HINT]: wasm.length
      }
    }).length / 1024;
  const growth = (column: 1 | 2) => {
    const each = native.growth.map(measured => measured[column]);
    return Math.max(...each) / Math.min(...each);
  };
  json.growth_per_sample = growth(1);
  json.growth_memory_per_sample = growth(2);
  for (const [series, nanoseconds, bytes] of native.growth) {
    notes.push(
      `natively, ${series} series of 361: ${nanoseconds.toFixed(1)} ns and ${bytes.toFixed(1)} bytes per sample`
    );
  }
  for (const [name, value] of Object.entries(json)) {
    notes.push(`${name}: ${value.toFixed(2)}`);
  }
  report(rows, notes, json);
});

/** Where the worker finds a body, and the request that it answers. */
function body(size: Size): { body: string; request: string } {
  const points = Number(size.split('x')[1]);
  const request = JSON.stringify({
    base: 'http://bench',
    source: 'main',
    query: 'level',
    start_ms: START_MS,
    end_ms: START_MS + (points - 1) * STEP_MS,
    step_ms: STEP_MS
  });
  return { body: `/${size}.json`, request };
}

/** Keeps both rows; gives how many times as fast the core is. */
function beside(
  name: string,
  times: Pick<Times, 'core' | 'json'>,
  keep: (name: string, samples: number[]) => number
): number {
  const ours = keep(`${name}: the core`, times.core);
  return keep(`${name}: JSON.parse, loop`, times.json) / ours;
}

/** One job in a worker of its own. */
async function job<T>(page: Page, options: object): Promise<T> {
  return page.evaluate(
    message =>
      new Promise<T>((resolve, reject) => {
        const worker = new Worker('/decode-worker.mjs', { type: 'module' });
        const end = (settle: () => void) => {
          worker.terminate();
          settle();
        };
        worker.onmessage = ({ data }) => end(() => resolve(data as T));
        worker.onerror = ({ message: text }) =>
          end(() => reject(new Error(text)));
        worker.postMessage(message);
      }),
    options
  );
}

async function firstCalls(page: Page): Promise<Pick<Times, 'core' | 'json'>> {
  const times: Pick<Times, 'core' | 'json'> = { core: [], json: [] };
  for (let run = 0; run < RUNS; run++) {
    for (const work of ['core', 'json'] as const) {
      const options = { job: 'first', work, ...body('1000x31') };
      times[work].push(await job<number>(page, options));
    }
  }
  return times;
}

/** Megabytes that the process of a page of its own has had at most. */
async function memoryPeaks(
  browser: Browser,
  origin: string
): Promise<Record<'stream' | 'drain', number[]>> {
  const peaks: Record<'stream' | 'drain', number[]> = { stream: [], drain: [] };
  for (let run = 0; run < 3; run++) {
    for (const name of ['stream', 'drain'] as const) {
      const before = await renderers(browser);
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.goto(origin);
      await job(page, { job: name, ...body('10000x361') });
      const own = (await renderers(browser)).filter(id => !before.includes(id));
      peaks[name].push(Math.max(...own.map(peakMegabytes)));
      await context.close();
    }
  }
  return peaks;
}

async function renderers(browser: Browser): Promise<number[]> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  return processInfo
    .filter(({ type }) => type === 'renderer')
    .map(({ id }) => id);
}

function peakMegabytes(id: number): number {
  const status = readFileSync(`/proc/${id}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}

/** The same from a cell of a notebook, against what Python has for it. */
async function fromPython(
  page: Page,
  link: string
): Promise<Record<'core' | 'python', number[]>> {
  const notebook = await Notebook.create(page, link);
  const { request } = body('1000x361');
  const cell = readFileSync(
    path.join(import.meta.dirname, 'decode-cell.py'),
    'utf8'
  );
  const setup = `RUNS, REQUEST = ${Math.min(RUNS, 7)}, ${JSON.stringify(request)}\n`;
  const text = plainText(await notebook.run(setup + cell));
  const times = JSON.parse(text) as Record<'core' | 'python', number[]>;
  expect(times.core.length).toBeGreaterThan(0);
  return times;
}
