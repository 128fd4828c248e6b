// A server that answers badly on purpose, for tests/worker.rs: the source's name chooses how. It listens on a free
// port of loopback, prints its origin on one line, and ends when its standard input does. The sources of RELAYED are a
// real Prometheus, behind limits as the proxy has them.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

const HOLD_MS = 10_000;
const closed = new Map();
const held = new Map();
const seen = new Map();
const digests = new Map();

const RELAYED = {
  real: { max_points: 11_000, max_bytes: 256 << 20 },
  small: { max_points: 11_000, max_bytes: 200_000 },
  tight: { max_points: 100, max_bytes: 256 << 20 }
};
let prometheus = '';
let records = 0;

const envelope = (errorType, error, next) =>
  JSON.stringify({ status: 'error', errorType, error, ...(next && { next, request_id: 'r-1' }) });

function matrix(form) {
  const [start, end, step] = ['start', 'end', 'step'].map(key => Number(form.get(key)));
  const result = ['a', 'b', 'c'].map((which, row) => {
    const values = [];
    for (let k = 0; start + k * step <= end; k++) {
      values.push([start + k * step, String(row === 1 ? 5 * (k % 2) : 1 + (k % 2) / 4)]);
    }
    return { metric: { __name__: 'level', which }, values };
  });
  return JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } });
}

/** A wobble around 20 that repeats after 7 steps, and a jump at a time, for each series. */
function stepped(form, series) {
  const [start, end, step] = ['start', 'end', 'step'].map(key => Number(form.get(key)));
  const result = series.map(({ labels, at, by }, row) => {
    const values = [];
    for (let k = 0; start + k * step <= end; k++) {
      const time = start + k * step;
      const wobble = (((time / step) * ((row % 5) + 2)) % 7) / 7;
      values.push([time, String(20 + wobble + (time >= at ? by : 0))]);
    }
    return { metric: { __name__: 'level', ...labels }, values };
  });
  return JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } });
}

/** b jumps at 07:02 and c at 07:03, in the window of the kernel's tests. */
const STEPPED = [
  { labels: { which: 'a' }, at: Infinity, by: 0 },
  { labels: { which: 'b' }, at: 1795330920, by: 30 },
  { labels: { which: 'c' }, at: 1795330980, by: 10 }
];

/** Twenty servers in five zones; three of the four in zone z1 jump. */
const ZONES = Array.from({ length: 20 }, (_, server) => ({
  labels: { which: `s${server}`, zone: `z${Math.floor(server / 4)}` },
  at: 1795330920,
  by: server > 3 && server < 7 ? 30 : 0
}));

/** One target and its metrics, for what else moved: `level` of b jumps at 07:02, and so do what is named so. */
const TARGET = STEPPED.map(({ labels: { which }, ...jump }) => ({
  labels: { which, instance: `${which}:9100`, job: 'fleet' },
  ...jump
}));
const METRICS = ['disk_jumps', 'errors_total', 'level', 'memory_stays', 'request_seconds_bucket', 'broken', 'absent'];
const busy = { now: 0, most: 0, queries: [] };

async function target(response, form) {
  const query = form.get('query');
  busy.queries.push(query);
  busy.most = Math.max(busy.most, ++busy.now);
  response.on('close', () => (busy.now -= 1));
  await new Promise(resolve => setTimeout(resolve, 30));
  if (query.includes('broken')) {
    return plain(422, json, envelope('execution', 'too many samples'))(response);
  }
  if (query.includes('hangs')) {
    return ANSWERS.endless(response, form);
  }
  if (query === 'level') {
    return response.writeHead(200, json).end(stepped(form, TARGET));
  }
  const by = query.includes('jumps') || query.includes('errors') ? 30 : 0;
  const __name__ = query.match(/^\w+(?=\{)/)?.[0];
  const labels = { ...TARGET[1].labels, __name__ };
  const series = query.includes('absent') ? [] : [{ labels, at: 1795330920, by }];
  return response.writeHead(200, json).end(stepped(form, series));
}

const json = { 'content-type': 'application/json' };
const plain = (status, type, text) => response => response.writeHead(status, type).end(text);

function digested(name, body) {
  digests.set(name, createHash('sha256').update(body).digest('hex'));
  return body;
}

const ANSWERS = {
  fleet: (response, form) =>
    response
      .writeHead(200, { ...json, 'x-casebook-seq': '7', 'x-casebook-hash': 'ab12', 'x-request-id': 'r-9' })
      .end(digested('fleet', matrix(form))),
  // More than the core keeps for the browser to digest.
  long: (response, form) => response.writeHead(200, json).end(digested('long', matrix(form) + ' '.repeat(13 << 20))),
  stepped: (response, form) => response.writeHead(200, json).end(stepped(form, STEPPED)),
  zones: (response, form) => response.writeHead(200, json).end(stepped(form, ZONES)),
  target,
  // Half, and the rest only when the client has shown that it saw the first half.
  paused: (response, form) => {
    const body = matrix(form);
    response.writeHead(200, json).write(body.slice(0, body.length / 2));
    const timer = setTimeout(() => response.destroy(), HOLD_MS);
    held.set('paused', () => {
      clearTimeout(timer);
      response.end(body.slice(body.length / 2));
    });
  },
  endless: (response, form) => response.writeHead(200, json).write(matrix(form).slice(0, 200)),
  silent: () => {},
  html: plain(200, { 'content-type': 'text/html' }, '<!DOCTYPE html><title>Sign in</title>'),
  gateway: plain(503, { 'content-type': 'text/plain' }, 'no healthy upstream'),
  // Says more bytes than it sends, then closes.
  cut: (response, form) => {
    const body = matrix(form);
    response.writeHead(200, { ...json, 'content-length': body.length });
    response.write(body.slice(0, body.length / 2), () => setTimeout(() => response.destroy(), 50));
  },
  // Ends in an orderly way, half-way through the JSON.
  short: (response, form) => response.writeHead(200, json).end(matrix(form).slice(0, 150)),
  syntax: plain(
    400,
    json,
    envelope('bad_data', 'invalid parameter "query": 1:7: parse error: unexpected end of input')
  ),
  signedout: plain(401, json, envelope('session', 'there is no session', 'sign in')),
  toomany: (response, form) => {
    const [start, end, step] = ['start', 'end', 'step'].map(key => Number(form.get(key)));
    const asks = `This range query asks for ${Math.floor((end - start) / step) + 1} points of each series`;
    plain(422, json, envelope('bad_data', `${asks}; at most 11000 are allowed.`, 'Take a longer step.'))(response);
  },
  down: plain(502, json, envelope('upstream_unreachable', 'connection refused', 'Start Prometheus.')),
  slow: plain(504, json, envelope('upstream_timeout', 'no answer within 30s', 'Ask for less.')),
  scalar: plain(200, json, '{"status":"success","data":{"resultType":"scalar","result":[1700000000,"1"]}}')
};

async function relay(response, endpoint, form, { max_points: most, max_bytes: cap }) {
  const [start, end, step] = ['start', 'end', 'step'].map(key => Number(form.get(key)));
  const points = Math.floor((end - start) / step) + 1;
  if (endpoint === 'query_range' && points > most) {
    const asks = `This range query asks for ${points} points of each series`;
    return plain(422, json, envelope('bad_data', `${asks}; at most ${most} are allowed.`, 'Take a longer step.'))(response);
  }
  const answer = await fetch(`${prometheus}/api/v1/${endpoint}`, { method: 'POST', body: form });
  const body = Buffer.from(await answer.arrayBuffer());
  response.writeHead(answer.status, { ...json, 'x-casebook-seq': String(++records) });
  if (body.length <= cap) {
    return response.end(body);
  }
  return response.write(body.subarray(0, cap), () => setTimeout(() => response.destroy(), 50));
}

const server = createServer(async (request, response) => {
  for (const name of ['origin', 'headers', 'methods']) {
    response.setHeader(`access-control-allow-${name}`, '*');
  }
  response.setHeader('access-control-expose-headers', 'x-casebook-seq, x-casebook-hash, x-request-id');
  if (request.method === 'OPTIONS') {
    return response.writeHead(204).end();
  }
  const { pathname } = new URL(request.url, 'http://stub');
  const [, verb, source] = pathname.split('/');
  if (verb === 'release') {
    held.get(source)?.();
    return response.end();
  }
  if (verb === 'closed') {
    return response.end(String(closed.get(source) ?? ''));
  }
  if (verb === 'digest') {
    return response.end(digests.get(source));
  }
  if (verb === 'seen') {
    return response.writeHead(200, json).end(JSON.stringify(seen.get(source) ?? null));
  }
  if (pathname === '/api/prom/target/api/v1/series') {
    const { searchParams } = new URL(request.url, 'http://stub');
    busy.queries.push(searchParams.get('match[]'));
    const data = METRICS.map(metric => ({ __name__: metric, ...TARGET[1].labels }));
    return response.writeHead(200, json).end(JSON.stringify({ status: 'success', data }));
  }
  if (pathname === '/busy') {
    return response.writeHead(200, json).end(JSON.stringify(busy));
  }
  if (verb === 'relay') {
    prometheus = `http://127.0.0.1:${source}`;
    return response.end();
  }
  if (pathname === '/api/v1/catalog') {
    const sources = Object.entries(RELAYED).map(([name, limits]) => ({ name, ...limits }));
    return response.writeHead(200, json).end(JSON.stringify({ prometheus: sources }));
  }
  const [, name, endpoint] = pathname.match(/^\/api\/prom\/([^/]+)\/api\/v1\/(query|query_range)$/) ?? [];
  let body = '';
  for await (const chunk of request) {
    body += chunk;
  }
  seen.set(name, {
    method: request.method,
    headers: request.headers,
    form: Object.fromEntries(new URLSearchParams(body))
  });
  response.on('close', () => response.writableFinished || closed.set(name, Date.now()));
  if (RELAYED[name]) {
    return relay(response, endpoint, new URLSearchParams(body), RELAYED[name]);
  }
  return (ANSWERS[name] ?? plain(404, json, envelope('not_found', 'no such source')))(
    response,
    new URLSearchParams(body)
  );
});

server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
process.stdin.resume().on('end', () => process.exit());
