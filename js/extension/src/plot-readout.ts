import { element } from './dom';
import { type IPlotData, type IReading, span } from './plot-data';
import { clock, dateText, valueText } from './plot-scale';
import type { ITimeSeries } from './timeseries';

/** How many lines' values are shown at once. */
const MAX_ROWS = 5;
const MAX_LABELS = 12;

/**
 * What stands under the cursor, as elements and as one sentence.
 */
export interface IReadout {
  readonly nodes: readonly Node[];
  readonly sentence: string;
}

/**
 * Say what the lines have at a point.
 *
 * @param at - the point.
 * @param found - what the lines have there, the one to read first at the beginning.
 * @param colour - the colour of a line.
 */
export function readout(
  chart: ITimeSeries,
  data: IPlotData,
  at: number,
  found: readonly IReading[],
  colour: (line: number) => string
): IReadout {
  const time = timeText(chart, span(data, at, chart));
  const rows = found.slice(0, MAX_ROWS).map(reading => {
    const swatch = element('span', { class: 'casebook-Plot-swatch' });
    swatch.style.background = colour(reading.line);
    return element(
      'tr',
      {},
      element('th', {}, swatch, name(data, reading)),
      element('td', {}, amount(chart, reading))
    );
  });
  const [first] = found;
  const labels = first ? (data.lines[first.line]?.labels ?? []) : [];
  const nodes = [
    element('p', { class: 'casebook-Plot-time' }, time),
    element('table', { role: 'presentation' }, ...rows),
    element(
      'ul',
      {},
      ...labels.slice(0, MAX_LABELS).map(([key, value]) => element('li', {}, `${key}: ${value}`))
    )
  ];
  const sentence = first
    ? `${time}: ${name(data, first)} ${amount(chart, first)}`
    : `${time}: no samples`;
  return { nodes, sentence };
}

/**
 * The instant, or the instants, of a point, in UTC; with the day where the window has more than one.
 */
export function timeText(chart: ITimeSeries, [from, to]: readonly [number, number]): string {
  const end = chart.startMs + Math.max(chart.steps - 1, 0) * chart.stepMs;
  const precision = chart.stepMs % 1000 === 0 ? 1000 : 1;
  const day = (ms: number) => (dateText(chart.startMs) === dateText(end) ? '' : `${dateText(ms)} `);
  const text = (ms: number) => `${day(ms)}${clock(ms, precision)}`;
  return from === to ? `${text(from)} UTC` : `${text(from)} to ${text(to)} UTC`;
}

function name(data: IPlotData, { line }: IReading): string {
  return data.lines[line]?.name ?? '';
}

function amount({ unit }: ITimeSeries, { min, max }: IReading): string {
  return min === max ? valueText(min, unit) : `${valueText(min, unit)} to ${valueText(max, unit)}`;
}
