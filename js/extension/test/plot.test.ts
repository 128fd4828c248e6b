import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import { JSDOM } from 'jsdom';

import { plotData } from '../src/plot-data';
import { legend, note } from '../src/plot-head';
import { plotKey } from '../src/plot-keys';
import { lineColour, palette } from '../src/plot-palette';
import { readout } from '../src/plot-readout';
import { clock, scaledUnit, timeTicks, valueRange, valueText, valueTicks } from '../src/plot-scale';
import { readTimeSeries } from '../src/timeseries';

const START = Date.UTC(2026, 10, 22, 7);
const MINUTE = 60_000;
const EVIL = '<img src=x onerror="alert(1)">';

function chart(more: object = {}) {
  const read = readTimeSeries({
    title: 'level',
    unit: 's',
    start_ms: START,
    step_ms: 10_000,
    steps: 2,
    of: 500,
    series: [
      { name: 'which=a', labels: { which: 'a', job: EVIL }, highlight: true, values: [0.25, 2] },
      { name: 'which=b', labels: {}, highlight: false, values: [null, 1] }
    ],
    ...more
  });
  assert.ok(read);
  return read;
}

function texts(ticks: readonly { text: string }[]): string[] {
  return ticks.map(({ text }) => text);
}

describe('plot', () => {
  before(() => {
    globalThis.document = new JSDOM('<!doctype html><body></body>').window.document;
  });

  it('times are UTC, 24 h, round and few', () => {
    assert.deepEqual(texts(timeTicks(START, START + 5 * MINUTE, 6)), [
      '07:00',
      '07:01',
      '07:02',
      '07:03',
      '07:04',
      '07:05'
    ]);
    assert.deepEqual(texts(timeTicks(START + 11_000, START + 40_000, 4)), [
      '07:00:20',
      '07:00:30',
      '07:00:40'
    ]);
    assert.deepEqual(texts(timeTicks(START, START + 300, 4)), [
      '07:00:00.000',
      '07:00:00.100',
      '07:00:00.200',
      '07:00:00.300'
    ]);
    assert.deepEqual(texts(timeTicks(START, START, 5)), ['07:00:00.000']);
  });

  it('the first time of a day says which day it is', () => {
    const evening = Date.UTC(2026, 10, 22, 22);
    assert.deepEqual(texts(timeTicks(evening, evening + 4 * 60 * MINUTE, 5)), [
      '22:00',
      '23:00',
      '00:00\n2026-11-23',
      '01:00',
      '02:00'
    ]);
    const week = texts(timeTicks(evening, evening + 6 * 24 * 60 * MINUTE, 8));
    assert.equal(week[0], '2026-11-23');
  });

  it('no window makes endless ticks', () => {
    for (const [from, to] of [
      [-8.64e15, 8.64e15],
      [START, START + 400 * 24 * 60 * MINUTE]
    ] as const) {
      assert.ok(timeTicks(from, to, 6).length <= 7);
    }
  });

  it('an instant is as precise as its steps', () => {
    assert.deepEqual(
      [MINUTE, 10_000, 250].map(step => clock(START + 90_250, step)),
      ['07:01', '07:01:30', '07:01:30.250']
    );
  });

  it('values have the unit that fits, as in the picture of the core', () => {
    assert.deepEqual(scaledUnit('s', 0.3), [1e-3, 'ms']);
    assert.deepEqual(scaledUnit('bytes', 3 * 2 ** 20), [2 ** 20, 'MiB']);
    assert.deepEqual(scaledUnit('constructor', 3), [1, 'constructor']);
    assert.equal(valueText(0.3, 's'), '300 ms');
    assert.equal(valueText(12.3456, ''), '12.35');
    assert.equal(valueText(0, 's'), '0 s');
    assert.deepEqual(texts(valueTicks(0.1, 0.34, 's', 4)), ['100', '200', '300']);
    assert.deepEqual(texts(valueTicks(0, 45_000, '', 5)), ['0', '10k', '20k', '30k', '40k']);
    assert.deepEqual(texts(valueTicks(3, 17, '', 5)), ['5', '10', '15']);
    assert.deepEqual(texts(valueTicks(1e-12, 2e-12, '', 2)), ['1.0e-12', '1.5e-12', '2.0e-12']);
  });

  it('the value axis has room, and begins at zero only when it is asked to', () => {
    const [low, high] = valueRange([10, 20], false);
    assert.ok(low < 10 && low > 8 && high > 20 && high < 22);
    assert.equal(valueRange([10, 20], true)[0], 0);
    assert.equal(valueRange([-10, -5], true)[1], 0);
    assert.ok(valueRange([1, 2, 30], false)[1] > 30, 'the threshold is in sight');
  });

  it('a flat, an empty and an absurd range still have an axis', () => {
    for (const values of [[], [0], [5, 5], [-3], [5e-324], [1e308, -1e308], [null, undefined]]) {
      const [low, high] = valueRange(values, false);
      assert.ok(Number.isFinite(high - low) && high > low, String(values));
      assert.ok(valueTicks(low, high, 's', 5).length <= 101);
    }
  });

  it('the readout tells time, values and labels, as text', () => {
    const one = chart();
    const { nodes, sentence } = readout(
      one,
      plotData(one),
      1,
      [
        { line: 1, min: 2, max: 2 },
        { line: 0, min: 1, max: 1.5 }
      ],
      () => 'red'
    );
    const box = document.createElement('div');
    box.append(...nodes);
    assert.equal(sentence, '07:00:10 UTC: which=a 2 s');
    assert.match(box.textContent, /07:00:10 UTC.*which=a2 s.*which=b1 s to 1\.5 s.*which: a/);
    assert.ok(box.textContent.includes(EVIL));
    assert.equal(box.querySelectorAll('img').length, 0);
    assert.equal(readout(one, plotData(one), 0, [], () => '').sentence, '07:00:00 UTC: no samples');
  });

  it('a window over midnight tells the day of an instant', () => {
    const night = chart({ start_ms: Date.UTC(2026, 10, 22, 23, 59, 55) });
    assert.match(readout(night, plotData(night), 1, [], () => '').sentence, /^2026-11-23 00:00:05/);
  });

  it('the head names what is highlighted, the foot says what was left out', () => {
    const one = chart();
    const items = legend(plotData(one), () => 'red').map(item => item.textContent);
    assert.deepEqual(items, ['which=a', '1 more']);
    const sum = chart({ series: [{ name: '{}', labels: {}, highlight: true, values: [1, 2] }] });
    assert.deepEqual(
      legend(plotData(sum), () => 'red'),
      []
    );
    assert.equal(
      note(one, plotData(one)),
      '2026-11-22 UTC · 2 of 500 series, those of greatest amplitude'
    );
    const long = chart({
      steps: 1000,
      of: 1,
      series: [{ name: 'a', labels: {}, min: [1, 2], max: [3, 4] }]
    });
    assert.equal(
      note(long, plotData(long)),
      '2026-11-22 UTC · 1 series · least and greatest of each 5000 s'
    );
  });

  it('a highlighted line has a colour of its own in each theme', () => {
    for (const theme of ['light', 'dark'] as const) {
      const colours = palette(theme);
      assert.notEqual(lineColour(colours, 0), lineColour(colours, null));
      assert.notEqual(lineColour(colours, 0), lineColour(colours, 1));
      assert.equal(lineColour(colours, 8), lineColour(colours, 0));
    }
  });

  it('keys that belong to somebody else are left alone', () => {
    const key = (name: string, more = {}) =>
      plotKey({
        key: name,
        shiftKey: false,
        ctrlKey: false,
        altKey: false,
        metaKey: false,
        ...more
      });
    assert.deepEqual(key('ArrowRight'), { kind: 'step', by: 1 });
    assert.deepEqual(key('ArrowLeft', { shiftKey: true }), { kind: 'step', by: -10 });
    assert.deepEqual(key('+'), { kind: 'zoom', in: true });
    for (const other of [key('s'), key('Enter'), key('-', { ctrlKey: true }), key('Tab')]) {
      assert.equal(other, null);
    }
  });
});
