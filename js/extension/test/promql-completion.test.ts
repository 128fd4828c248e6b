import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';

import { completeCell } from '../src/promql-completion';
import { PromqlSources } from '../src/promql-source';
import { ProxyStand } from './proxy';

const SOURCES = ['edge', 'main'];

describe('completion of a query', () => {
  let proxy: ProxyStand;
  let remote: PromqlSources;
  let now: number;

  beforeEach(async () => {
    now = 1_000_000;
    proxy = new ProxyStand();
    await proxy.start();
    remote = new PromqlSources({ origin: proxy.origin, now: () => now });
    for (const source of SOURCES) {
      answer(source, 'label/__name__/values', ['level', 'latency_total', `only_${source}`]);
      answer(source, 'metadata', { level: [{ type: 'gauge', help: 'How full.', unit: '' }] });
      answer(source, 'labels', ['__name__', 'which', 'zone']);
      answer(source, 'label/which/values', ['object1', 'a "quoted" one']);
    }
  });

  afterEach(async () => {
    await proxy.stop();
  });

  function answer(source: string, endpoint: string, data: unknown): void {
    proxy.answers.set(`/api/prom/${source}/api/v1/${endpoint}`, {
      status: 200,
      body: { status: 'success', data }
    });
  }

  /**
   * Complete at the bar, and write what would be inserted.
   */
  async function at(marked: string): Promise<string[]> {
    const position = marked.indexOf('|');
    const text = marked.replace('|', '');
    const { items } = await completeCell(text, position, SOURCES, remote);
    return items.map(({ insert }) => insert);
  }

  it('offers metrics of the source, functions and aggregations', async () => {
    const offered = await at('%%promql\nl|');
    assert.ok(offered.includes('level') && offered.includes('latency_total'));
    assert.ok(offered.includes('label_replace'), 'a function');
    assert.ok((await at('%%promql\nsu|')).includes('sum'), 'an aggregation');
    assert.ok((await at('%%promql\nrate(lev|)')).includes('level'), 'inside of a call');
  });

  it('begins with what begins so, and keeps what holds it', async () => {
    const offered = await at('%%promql\nsort_by_l|');
    assert.deepEqual(offered.slice(0, 1), ['sort_by_label']);
    assert.ok((await at('%%promql\ntotal|')).includes('latency_total'));
  });

  it('says what a metric is', async () => {
    const { items } = await completeCell('%%promql\nlevel', 14, SOURCES, remote);
    const level = items.find(({ label }) => label === 'level');
    assert.deepEqual([level?.type, level?.info], ['gauge', 'How full.']);
  });

  it('offers labels and their values, escaped for the string that they stand in', async () => {
    assert.deepEqual(await at('%%promql\nlevel{wh|}'), ['which']);
    assert.ok((await at('%%promql\nsum by (zo|) (level)')).includes('zone'));
    assert.deepEqual(await at('%%promql\nlevel{which="|"}'), ['object1', 'a \\"quoted\\" one']);
    const values = proxy.requests.find(({ path }) => path.includes('/label/which/values'));
    assert.match(decodeURIComponent(values?.path ?? ''), /match\[\]=level&/);
  });

  it('asks the source of the first line, else the one that the kernel would ask', async () => {
    assert.ok((await at('%%promql --source edge\nonly|')).includes('only_edge'));
    assert.ok((await at('%%promql x\nonly|')).includes('only_main'));
    const { items } = await completeCell('%%promql\nonly', 13, ['edge'], remote);
    assert.ok(!items.some(({ label }) => label === 'only_edge'), 'a query of it would fail');
  });

  it('replaces the whole word, also when there are other than ASCII letters before it', async () => {
    const text = '%%promql\n# ä€🙂\nlevel';
    const { from, to } = await completeCell(text, text.length - 2, SOURCES, remote);
    assert.equal(text.slice(from, to), 'level');
  });

  it('offers options and sources on the first line', async () => {
    assert.deepEqual(await at('%%promql --s|'), ['--start', '--step', '--source']);
    assert.deepEqual(await at('%%promql level |\nlevel'), [
      '--last',
      '--start',
      '--end',
      '--step',
      '--source',
      '--unit'
    ]);
    assert.deepEqual(await at('%%promql --source |\nlevel'), SOURCES);
    assert.deepEqual(await at('%%promql --source e|\nlevel'), ['edge']);
    assert.deepEqual(await at('%%promql --last |\nlevel'), []);
    assert.deepEqual(await at('%%pro|mql'), []);
    assert.equal(proxy.requests.length, 0);
  });

  it('asks once in five minutes, with a limit and for the last day', async () => {
    const names = (): string[] =>
      proxy.requests.map(({ path }) => path).filter(path => path.includes('__name__/values'));
    await at('%%promql\nl|');
    await at('%%promql\nle|');
    assert.equal(names().length, 1);
    assert.match(names()[0] ?? '', /limit=\d+/);
    assert.match(names()[0] ?? '', /start=\d{4}-.*end=\d{4}-/);
    now += 5 * 60_000;
    await at('%%promql\nle|');
    assert.equal(names().length, 2);
  });

  it('still offers functions when the proxy is away, and does not ask it at every key', async () => {
    const { origin } = proxy;
    await proxy.stop();
    assert.ok((await at('%%promql\nrat|')).includes('rate'));
    await proxy.start();
    assert.equal(proxy.origin, origin);
    await at('%%promql\nl|');
    assert.equal(proxy.requests.length, 0);
    now += 15_000;
    assert.ok((await at('%%promql\nl|')).includes('level'));
  });

  it('does not ask a source that is down at every key, and takes a bad question for one', async () => {
    const endpoints = ['label/__name__/values', 'metadata', 'labels', 'label/which/values'];
    const refuse = (status: number): void => {
      for (const endpoint of endpoints) {
        const body = { status: 'error', errorType: 'any', error: 'no' };
        proxy.answers.set(`/api/prom/main/api/v1/${endpoint}`, { status, body });
      }
    };
    for (const status of [401, 502]) {
      now += 6 * 60_000;
      refuse(status);
      await at('%%promql\nl|');
      const { length } = proxy.requests;
      assert.ok((await at('%%promql\nrat|')).includes('rate'));
      assert.deepEqual(await at('%%promql\nlevel{wh|}'), []);
      assert.equal(proxy.requests.length, length, `no more after ${status}`);
    }
    now += 6 * 60_000;
    refuse(400);
    assert.deepEqual(await at('%%promql\nlevel{which="|"}'), []);
    answer('main', 'labels', ['which']);
    assert.deepEqual(await at('%%promql\nlevel{wh|}'), ['which']);
  });

  it('takes an error, a page and too much for no answer', async () => {
    const path = '/api/prom/main/api/v1/label/__name__/values';
    for (const body of [
      { status: 'error', errorType: 'session', error: 'no session' },
      '<h1>sign in</h1>',
      JSON.stringify({ status: 'success', data: ['x'.repeat(9_000_000)] })
    ]) {
      now += 6 * 60_000;
      proxy.answers.set(path, { status: 200, body });
      assert.ok((await at('%%promql\nrat|')).includes('rate'));
    }
  });
});
