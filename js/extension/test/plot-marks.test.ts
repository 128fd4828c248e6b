import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import type UPlot from 'uplot';

import { drawBandLabels, drawBands } from '../src/plot-marks';
import { palette } from '../src/plot-palette';
import { type ITimeSeries, readTimeSeries } from '../src/timeseries';

const START = Date.UTC(2026, 10, 22, 7);
const LETTER = 6;

const nothing = () => undefined;

/** A canvas that notes what is drawn on it. */
class Canvas {
  readonly words: { text: string; left: number; right: number; base: number }[] = [];
  readonly boxes: number[][] = [];
  textAlign = 'left';

  fillRect(...box: number[]) {
    this.boxes.push(box);
  }

  fillText(text: string, x: number, base: number) {
    const left = this.textAlign === 'right' ? x - text.length * LETTER : x;
    this.words.push({ text, left, right: left + text.length * LETTER, base });
  }

  measureText(text: string) {
    return { width: text.length * LETTER };
  }

  readonly save = nothing;
  readonly restore = nothing;
  readonly beginPath = nothing;
  readonly rect = nothing;
  readonly clip = nothing;
  readonly moveTo = nothing;
  readonly lineTo = nothing;
  readonly stroke = nothing;
  readonly strokeText = nothing;
  readonly setLineDash = nothing;
}

/** Five minutes on 600 pixels, values 0 to 10 on 200. */
function drawn(chart: ITimeSeries): Canvas {
  const canvas = new Canvas();
  const bbox = { left: 50, top: 20, width: 600, height: 200 };
  const scales = { x: { min: START, max: START + 300_000 } };
  const valToPos = (value: number, axis: string) =>
    axis === 'x' ? 50 + (value - START) / 500 : 220 - value * 20;
  const plot = { ctx: canvas, bbox, scales, valToPos } as unknown as UPlot;
  drawBands(plot, chart, palette('light'));
  drawBandLabels(plot, chart, palette('light'));
  return canvas;
}

function chart(more: object): ITimeSeries {
  const series = [{ name: 'a', labels: {}, highlight: true, values: [1, 2] }];
  const data = { start_ms: START, step_ms: 300_000, steps: 2, of: 1, series, ...more };
  const read = readTimeSeries(data);
  assert.ok(read);
  return read;
}

function onset(after: number, by: number) {
  const label = 'higher since 07:01:10–07:01:20 UTC';
  return { onset: { after_ms: START + after, by_ms: START + by, label } };
}

describe('the marks of a chart', () => {
  before(() => {
    globalThis.devicePixelRatio = 1;
  });

  it('an onset is a band as wide as what is not known of it, with its words above it', () => {
    const { boxes, words } = drawn(chart(onset(70_000, 80_000)));
    assert.deepEqual(boxes, [[190, 20, 20, 200]]);
    assert.deepEqual(
      words.map(({ text, left }) => [text, left]),
      [['higher since 07:01:10–07:01:20 UTC', 190]]
    );
  });

  it('its words stay inside of the chart wherever the band is', () => {
    for (let at = 0; at <= 290_000; at += 10_000) {
      const { words } = drawn(chart(onset(at, at + 10_000)));
      assert.ok(
        words.every(({ left, right }) => left >= 50 && right <= 650),
        String(at)
      );
    }
  });

  it('a change between two equal instants is still seen', () => {
    const { boxes } = drawn(chart(onset(70_000, 70_000)));
    assert.deepEqual(boxes, [[188.5, 20, 3, 200]]);
  });

  it('what began before the window is told, and no band is drawn', () => {
    const { boxes, words } = drawn(chart(onset(-600_000, -590_000)));
    assert.deepEqual([boxes.length, words.length], [0, 1]);
  });

  it('what is usual is a band of values, named at its edge', () => {
    const usual = { low: 1, high: 3, label: 'usual: P5 to P95 of the 1 h before' };
    const { boxes, words } = drawn(chart({ usual }));
    assert.deepEqual(boxes, [[50, 160, 600, 40]]);
    assert.deepEqual(
      words.map(({ text, left, base }) => [text, left, base]),
      [[usual.label, 56, 155]]
    );
    const beside = drawn(chart({ usual, threshold: 3 }));
    assert.equal(beside.words[0]?.right, 644);
  });

  it('without a verdict there is nothing', () => {
    const { boxes, words } = drawn(chart({}));
    assert.deepEqual([boxes, words], [[], []]);
  });
});
