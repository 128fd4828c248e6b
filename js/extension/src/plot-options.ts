import type UPlot from 'uplot';

import { type IPlotData, lonely } from './plot-data';
import { drawBandLabels, drawBands, halo } from './plot-marks';
import { type IPalette, lineColour } from './plot-palette';
import { type ITick, scaledUnit, timeTicks, valueRange, valueText, valueTicks } from './plot-scale';
import type { ITimeSeries } from './timeseries';

const FONT = "11px system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif";

/** Room for a tick and its text, in pixels. */
const TIME_ROOM = 90;
const VALUE_ROOM = 56;
const LETTER = 6.3;

/** Beyond this many, muted lines are drawn fainter. */
const MANY = 30;

/**
 * What a plot asks while it lives, and whom it tells.
 */
export interface IPlotState {
  readonly size: { readonly width: number; readonly height: number };
  readonly palette: () => IPalette;
  readonly zeroBased: () => boolean;
  readonly hovered: (plot: UPlot) => void;
  readonly zoomed: (plot: UPlot) => void;
}

/**
 * How uPlot draws a chart: UTC, highlighted lines last, and colours that it asks for at each drawing.
 */
export function plotOptions(chart: ITimeSeries, data: IPlotData, state: IPlotState): UPlot.Options {
  const texts = new Map<string, ReadonlyMap<number, string>>();
  // uPlot asks for the places of ticks first, then for their texts.
  const ticks = (scale: string, found: readonly ITick[]) => {
    texts.set(scale, new Map(found.map(({ at, text }) => [at, text])));
    return found.map(({ at }) => at);
  };
  const axis = (scale: string): Partial<UPlot.Axis> => ({
    scale,
    font: FONT,
    stroke: () => state.palette().text,
    grid: { stroke: () => state.palette().grid, width: 1 },
    ticks: { stroke: () => state.palette().axis, width: 1, size: 4 },
    values: (_plot, places) => places.map(at => texts.get(scale)?.get(at) ?? '')
  });
  return {
    ...state.size,
    // At the right half a date, which stands below the end of the window; as in the picture of the core.
    padding: [22, 32, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: true, y: false, dist: 4 } },
    scales: {
      x: {
        time: false,
        range: (_plot, min, max) =>
          // A window of a single step still has a width.
          min < max ? [min, max] : [min - chart.stepMs, max + chart.stepMs]
      },
      y: {
        range: (_plot, min, max) =>
          valueRange(
            [min, max, chart.threshold, chart.usual?.low, chart.usual?.high],
            state.zeroBased()
          )
      }
    },
    axes: [
      {
        ...axis('x'),
        splits: (plot, _axis, from, to) =>
          ticks('x', timeTicks(from, to, Math.floor(plot.width / TIME_ROOM))),
        size: 44
      },
      {
        ...axis('y'),
        splits: (plot, _axis, from, to) => {
          const wanted = Math.max(Math.floor(plot.height / VALUE_ROOM), 2);
          return ticks('y', valueTicks(from, to, chart.unit, wanted));
        },
        // Null at the first time, whatever uPlot's types say: there are no texts yet.
        size: (_plot, values: readonly string[] | null) =>
          Math.max(...(values ?? []).map(text => text.length * LETTER + 20), 44)
      }
    ],
    series: [{}, ...data.lines.map((_, line) => series(data, line, state.palette))],
    hooks: {
      drawClear: [
        plot => {
          drawBands(plot, chart, state.palette());
        }
      ],
      draw: [
        plot => {
          drawWords(plot, chart, state.palette());
        }
      ],
      setCursor: [state.hovered],
      setScale: [
        (plot, key) => {
          if (key === 'x') {
            state.zoomed(plot);
          }
        }
      ]
    }
  };
}

function series(data: IPlotData, line: number, palette: () => IPalette): UPlot.Series {
  const { highlight } = data.lines[line] ?? { highlight: false };
  const colour = () => lineColour(palette(), highlight ? data.lines.length - 1 - line : null);
  const alone = lonely(data.columns[line + 1] ?? []);
  return {
    stroke: colour,
    width: highlight ? 2.5 : 1,
    alpha: highlight ? 1 : data.lines.length > MANY ? 0.4 : 0.8,
    points: {
      show: false,
      size: highlight ? 5 : 3,
      fill: colour,
      // A sample between two gaps is no line; without its dot it would be missed.
      filter: () => (alone.length > 0 ? alone : null)
    }
  };
}

/** The unit above the value axis, the threshold with its value, and what the bands are. */
function drawWords(plot: UPlot, chart: ITimeSeries, colours: IPalette): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.font = FONT.replace('11px', `${11 * ratio}px`);
  ctx.textBaseline = 'alphabetic';
  const { min = 0, max = 0 } = plot.scales.y ?? {};
  const [, unit] = scaledUnit(chart.unit, Math.max(Math.abs(min), Math.abs(max)));
  ctx.fillStyle = colours.text;
  ctx.textAlign = 'right';
  ctx.fillText(unit, bbox.left - 8 * ratio, bbox.top - 10 * ratio);
  if (chart.threshold !== null) {
    const y = plot.valToPos(chart.threshold, 'y', true);
    ctx.strokeStyle = colours.threshold;
    ctx.lineWidth = 1.25 * ratio;
    ctx.setLineDash([6 * ratio, 4 * ratio]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    const below = y - bbox.top < 14 * ratio;
    const words = valueText(chart.threshold, chart.unit);
    const place = [bbox.left + 6 * ratio, y + (below ? 14 : -5) * ratio] as const;
    halo(ctx, colours, colours.threshold, words, place, 'left');
  }
  ctx.font = `600 ${ctx.font}`;
  drawBandLabels(plot, chart, colours);
  ctx.restore();
}
