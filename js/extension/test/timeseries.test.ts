import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { distance, lonely, plotData, readings, span } from '../src/plot-data';
import { readTimeSeries } from '../src/timeseries';

const START = Date.UTC(2026, 10, 22, 7);

function fleet(more: object = {}): Record<string, unknown> {
  return {
    title: 'level',
    alt: 'level: 2 series',
    unit: 's',
    threshold: 0.3,
    start_ms: START,
    step_ms: 10_000,
    steps: 4,
    of: 9,
    series: [
      { name: 'which=a', labels: { which: 'a' }, highlight: true, values: [1, 5, null, 2] },
      { name: 'which=b', labels: { which: 'b' }, highlight: false, values: [1, 1, 1, null] }
    ],
    ...more
  };
}

function envelope(): Record<string, unknown> {
  return fleet({
    steps: 5,
    series: [{ name: 'a', labels: {}, highlight: false, min: [1, null], max: [3, null] }]
  });
}

function read(data: unknown) {
  const chart = readTimeSeries(data);
  assert.ok(chart);
  return chart;
}

describe('time series', () => {
  it('what the kernel displays is read as it is', () => {
    const chart = read(fleet());
    assert.deepEqual(
      [chart.title, chart.unit, chart.threshold, chart.startMs, chart.of, chart.zeroBased],
      ['level', 's', 0.3, START, 9, false]
    );
    assert.deepEqual(chart.series[0]?.labels, [['which', 'a']]);
    assert.equal(chart.table, null);
  });

  it('what a verdict knows of the suspect is read beside the lines', () => {
    const onset = { after_ms: START, by_ms: START + 10_000, label: 'higher since 07:00' };
    const usual = { low: 1, high: 2.5, label: 'usual' };
    const chart = read(fleet({ onset, usual, note: 'It rose.' }));
    assert.deepEqual(chart.onset, {
      afterMs: START,
      byMs: START + 10_000,
      label: 'higher since 07:00'
    });
    assert.deepEqual([chart.usual, chart.note], [usual, 'It rose.']);
  });

  it('a band that cannot be one is left out, and the lines are drawn', () => {
    const onsets = [
      null,
      'now',
      { after_ms: START },
      { after_ms: START, by_ms: START - 1 },
      { after_ms: 9e15, by_ms: 9e15 },
      { after_ms: NaN, by_ms: START }
    ];
    for (const onset of onsets) {
      assert.equal(read(fleet({ onset })).onset, null, JSON.stringify(onset));
    }
    for (const usual of [null, [1, 2], { low: 2, high: 1 }, { low: '1', high: 2 }]) {
      assert.equal(read(fleet({ usual })).usual, null, JSON.stringify(usual));
    }
  });

  it('what is not a chart, or only half of one, is refused', () => {
    const one = { name: 'a', labels: {}, highlight: false };
    const refused: unknown[] = [
      null,
      'chart',
      [],
      {},
      fleet({ series: 'many' }),
      fleet({ series: [null] }),
      fleet({ series: [one] }),
      fleet({ series: [{ ...one, values: [1, 2, 3] }] }),
      fleet({ series: [{ ...one, values: [1, 2, 3, 'NaN'] }] }),
      fleet({ series: [{ ...one, values: [1, 2, 3, { toString: 4 }] }] }),
      fleet({ series: [{ ...one, values: [1, 2, 3, Infinity] }] }),
      fleet({ series: [{ ...one, min: [1], max: [1, 2] }] }),
      fleet({ series: [{ ...one, min: [], max: [] }] }),
      fleet({ series: [{ ...one, min: [1, 1, 1, 1, 1], max: [1, 1, 1, 1, 1] }] }),
      fleet({
        series: [
          { ...one, values: [1, 2, 3, 4] },
          { ...one, min: [1, 2, 3, 4], max: [1, 2, 3, 4] }
        ]
      }),
      fleet({ series: Array.from({ length: 1001 }, () => ({ ...one, values: [1, 2, 3, 4] })) }),
      fleet({ start_ms: '2026' }),
      fleet({ start_ms: 8.64e15 }),
      fleet({ step_ms: 0 }),
      fleet({ step_ms: NaN }),
      fleet({ steps: -1 }),
      fleet({ steps: 1e300 })
    ];
    for (const data of refused) {
      assert.equal(readTimeSeries(data), null, JSON.stringify(data));
    }
  });

  it('more numbers than a page can draw are refused', () => {
    const values = Array.from({ length: 300_000 }, () => 1);
    const series = Array.from({ length: 4 }, () => ({ name: 'a', values }));
    assert.equal(readTimeSeries(fleet({ steps: 300_000, series })), null);
    assert.ok(readTimeSeries(fleet({ steps: 300_000, series: series.slice(1) })));
  });

  it('words of the wrong kind are left out, and none is endless', () => {
    const chart = read(
      fleet({
        title: 7,
        alt: {},
        unit: 'x'.repeat(5000),
        threshold: '0.3',
        of: 'all',
        series: [{ labels: { a: 1, b: 'c' }, highlight: 'yes', values: [1, 1, 1, 1] }]
      })
    );
    assert.deepEqual(
      [chart.title, chart.alt, chart.unit.length, chart.threshold, chart.of],
      ['', '', 1000, null, 1]
    );
    assert.deepEqual(chart.series[0]?.labels, [
      ['a', ''],
      ['b', 'c']
    ]);
    assert.equal(chart.series[0].highlight, false);
    assert.equal(chart.series[0].name, 'value');
  });

  it('the highlighted line is the last column, so that it is drawn on top', () => {
    const data = plotData(read(fleet()));
    assert.deepEqual(
      data.lines.map(({ name }) => name),
      ['which=b', 'which=a']
    );
    assert.deepEqual(data.columns, [
      [START, START + 10_000, START + 20_000, START + 30_000],
      [1, 1, 1, null],
      [1, 5, null, 2]
    ]);
    assert.deepEqual(span(data, 1, read(fleet())), [START + 10_000, START + 10_000]);
  });

  it('an envelope becomes two points a part, and is read as one', () => {
    const chart = read(envelope());
    const data = plotData(chart);
    assert.equal(data.each, 2);
    assert.deepEqual(data.columns[1], [1, 3, null, null]);
    const [instants] = data.columns;
    assert.ok(instants.every((at, index) => index === 0 || at > (instants[index - 1] ?? 0)));
    assert.ok((instants[0] ?? 0) >= START - 5000);
    for (const at of [0, 1]) {
      assert.deepEqual(readings(data, at), [{ line: 0, min: 1, max: 3 }]);
      assert.deepEqual(span(data, at, chart), [START, START + 10_000]);
    }
    assert.deepEqual(readings(data, 3), []);
    assert.deepEqual(span(data, 3, chart), [START + 20_000, START + 40_000]);
  });

  it('gaps are not read as values', () => {
    const data = plotData(read(fleet()));
    assert.deepEqual(readings(data, 2), [{ line: 0, min: 1, max: 1 }]);
    assert.deepEqual(readings(data, 3), [{ line: 1, min: 2, max: 2 }]);
  });

  it('the nearest line is the one whose values are nearest', () => {
    const reading = { line: 0, min: 2, max: 4 };
    assert.deepEqual(
      [1, 2, 3, 4.5].map(value => distance(reading, value)),
      [1, 0, 0, 0.5]
    );
  });

  it('a sample between two gaps is not lost', () => {
    assert.deepEqual(lonely([1, null, 2, null, null, 3, 4, null, 5]), [0, 2, 8]);
    assert.deepEqual(lonely([]), []);
  });

  it('a chart without series has nothing to draw', () => {
    assert.deepEqual(plotData(read(fleet({ series: [] }))).columns, [[]]);
  });
});
