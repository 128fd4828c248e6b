// Runs in the worker that decodes: what is measured, nothing else.

/** Files of the core; `limits.wasm` only touches bytes. */
import { Feed, initSync, warm_up } from '/casebook_wasm.js';

const CHUNK = 64 * 1024;
/** Nothing is done for a body but what is asked, so that the first call is one. */
const works = { core, json };

/** The core, as it is fed by fetch: chunks of 64 KB. */
function core(body, request) {
  const feed = new Feed(request);
  for (let at = 0; at < body.length; at += CHUNK) {
    feed.push(body.subarray(at, at + CHUNK));
  }
  const handle = feed.finish();
  const swings = handle.swings();
  handle.free();
  return swings;
}

/** The same without it: a value for each series and step, and how far each series swings. */
function json(body, request) {
  const { start_ms, end_ms, step_ms } = JSON.parse(request);
  const { result } = JSON.parse(new TextDecoder().decode(body)).data;
  const steps = (end_ms - start_ms) / step_ms + 1;
  const values = new Float64Array(result.length * steps).fill(NaN);
  const swings = new Float64Array(result.length);
  for (let row = 0; row < result.length; row++) {
    let min = Infinity;
    let max = -Infinity;
    for (const [time, text] of result[row].values) {
      const value = Number(text);
      values[row * steps + (time * 1000 - start_ms) / step_ms] = value;
      if (value < min) min = value;
      if (value > max) max = value;
    }
    swings[row] = max - min;
  }
  return swings;
}

const bytes = async path =>
  new Uint8Array(await (await fetch(path)).arrayBuffer());

const timed = work => {
  const from = performance.now();
  work();
  return performance.now() - from;
};

/** Milliseconds of the one call that this worker makes. */
async function first({ work, body, request }) {
  const content = await bytes(body);
  return timed(() => works[work](content, request));
}

/** Milliseconds of each run of each work, in turn, so that a busy moment falls on all. */
async function warm({ body, request, runs }) {
  const content = await bytes(body);
  const limits = await WebAssembly.instantiate(await bytes('/limits.wasm'));
  const { memory, quotes } = limits.instance.exports;
  memory.grow(Math.ceil(content.length / 65536) + 1);
  const inside = new Uint8Array(memory.buffer);
  const all = {
    core: () => core(content, request),
    json: () => json(content, request),
    copy: () => inside.set(content),
    quotes: () => quotes(0, content.length)
  };
  same(all.core(), all.json());
  all.copy();
  all.quotes();
  const times = { core: [], json: [], copy: [], quotes: [] };
  const repeat = content.length < 4e6 ? 5 : 1;
  for (let run = 0; run < runs; run++) {
    for (const [name, work] of Object.entries(all)) {
      const spent = timed(() => {
        for (let again = 0; again < repeat; again++) work();
      });
      times[name].push(spent / repeat);
    }
  }
  return times;
}

function same(ours, theirs) {
  const other = ours.findIndex((swing, row) => !Object.is(swing, theirs[row]));
  if (ours.length !== theirs.length || other >= 0) {
    throw new Error(`the answers differ at ${other}`);
  }
}

/** Milliseconds of work for the last bytes and after them, without the wait for the news that there are no more. */
async function stream({ body, request, warmup }) {
  if (warmup) {
    core(await bytes(warmup.body), warmup.request);
  }
  const feed = new Feed(request);
  const reader = (await fetch(body)).body.getReader();
  let last = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    last = timed(() => feed.push(value));
  }
  return (
    last +
    timed(() => {
      const handle = feed.finish();
      handle.swings();
      handle.free();
    })
  );
}

async function drain({ body }) {
  const reader = (await fetch(body)).body.getReader();
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return length;
    length += value.length;
  }
}

const jobs = { first, warm, stream, drain };

onmessage = async ({ data: { job, ...options } }) => {
  initSync({ module: await bytes('/casebook_wasm_bg.wasm') });
  // As the kernel does when it starts.
  warm_up();
  postMessage(await jobs[job](options));
};
