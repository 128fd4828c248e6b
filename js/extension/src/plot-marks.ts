import type UPlot from 'uplot';

import type { IPalette } from './plot-palette';
import type { ITimeSeries } from './timeseries';

/** A change that takes no time at all is still this wide, in CSS pixels. */
const LEAST_WIDTH = 3;

/**
 * Shade when the suspect changed, and where its samples usually lay. It goes behind the lines.
 */
export function drawBands(plot: UPlot, chart: ITimeSeries, colours: IPalette): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  const { left, top, width, height } = bbox;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
  if (chart.usual) {
    const [high, low] = [chart.usual.high, chart.usual.low].map(at => plot.valToPos(at, 'y', true));
    const colour = colours.lines[0] ?? colours.text;
    const [from = 0, to = 0] = [high, low];
    shade(ctx, colour, 0.12, [left, from, width, Math.max(to - from, ratio)]);
    edges(
      ctx,
      colour,
      [2 * ratio, 3 * ratio],
      [
        [left, from, left + width, from],
        [left, to, left + width, to]
      ]
    );
  }
  const span = onsetSpan(plot, chart);
  if (span) {
    const [from, to] = span;
    shade(ctx, colours.strong, 0.14, [from, top, to - from, height]);
    edges(
      ctx,
      colours.strong,
      [4 * ratio, 3 * ratio],
      [
        [from, top, from, top + height],
        [to, top, to, top + height]
      ]
    );
  }
  ctx.restore();
}

/**
 * Write what the bands are. The font is set by the caller.
 */
export function drawBandLabels(plot: UPlot, chart: ITimeSeries, colours: IPalette): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  const [left, right] = [bbox.left + 6 * ratio, bbox.left + bbox.width - 6 * ratio];
  if (chart.usual) {
    const edge = plot.valToPos(chart.usual.high, 'y', true);
    const above = edge - bbox.top > 16 * ratio;
    const base = Math.max(edge + (above ? -5 : 13) * ratio, bbox.top + 13 * ratio);
    // The threshold has its value at the left.
    const place = chart.threshold === null ? 'left' : 'right';
    const x = place === 'left' ? left : right;
    halo(ctx, colours, colours.strong, chart.usual.label, [x, base], place);
  }
  if (chart.onset) {
    // Above the lines: it must be legible wherever they are.
    const base = bbox.top - 7 * ratio;
    const [from] = onsetSpan(plot, chart) ?? [left];
    const most = right - ctx.measureText(chart.onset.label).width;
    const start = Math.max(Math.min(from, most), left);
    halo(ctx, colours, colours.strong, chart.onset.label, [start, base], 'left');
  }
}

/** The pixels of the onset; null when it is not in what is shown. */
function onsetSpan(plot: UPlot, { onset }: ITimeSeries): [number, number] | null {
  const { min = 0, max = 0 } = plot.scales.x ?? {};
  if (!onset || onset.byMs < min || onset.afterMs > max) {
    return null;
  }
  const [from, to] = [
    plot.valToPos(Math.max(onset.afterMs, min), 'x', true),
    plot.valToPos(Math.min(onset.byMs, max), 'x', true)
  ];
  const missing = Math.max(LEAST_WIDTH * devicePixelRatio - (to - from), 0) / 2;
  return [from - missing, to + missing];
}

function shade(
  ctx: CanvasRenderingContext2D,
  colour: string,
  alpha: number,
  box: readonly [number, number, number, number]
): void {
  ctx.globalAlpha = alpha;
  ctx.fillStyle = colour;
  ctx.fillRect(...box);
  ctx.globalAlpha = 1;
}

function edges(
  ctx: CanvasRenderingContext2D,
  colour: string,
  dash: number[],
  lines: readonly (readonly [number, number, number, number])[]
): void {
  ctx.strokeStyle = colour;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash(dash);
  ctx.beginPath();
  for (const [fromX, fromY, toX, toY] of lines) {
    ctx.moveTo(fromX, fromY);
    ctx.lineTo(toX, toY);
  }
  ctx.stroke();
  ctx.setLineDash([]);
}

/**
 * Write words that stay legible over lines.
 */
export function halo(
  ctx: CanvasRenderingContext2D,
  { ground }: IPalette,
  colour: string,
  words: string,
  [x, base]: readonly [number, number],
  align: CanvasTextAlign
): void {
  ctx.textAlign = align;
  ctx.setLineDash([]);
  ctx.lineWidth = 4 * devicePixelRatio;
  ctx.lineJoin = 'round';
  ctx.strokeStyle = ground;
  ctx.strokeText(words, x, base);
  ctx.fillStyle = colour;
  ctx.fillText(words, x, base);
}
