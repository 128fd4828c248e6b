import { type ISeries, type ITimeSeries, parts } from './timeseries';

/**
 * A column of numbers; null for a gap.
 */
export type Column = (number | null)[];

/**
 * A chart as uPlot takes it.
 */
export interface IPlotData {
  /**
   * Instants in milliseconds since the Unix epoch, then one column a line.
   */
  readonly columns: [number[], ...Column[]];

  /**
   * The series of each column after the first; what is highlighted comes last, because the last is drawn on top.
   */
  readonly lines: readonly ISeries[];

  /**
   * How many neighbouring points are one part of the window: 1, or 2 for its least and greatest value.
   */
  readonly each: 1 | 2;
}

/**
 * What is at one instant of a line.
 */
export interface IReading {
  /**
   * The line's place in `lines`.
   */
  readonly line: number;
  readonly min: number;
  readonly max: number;
}

/**
 * Bring a chart's numbers into columns.
 */
export function plotData(chart: ITimeSeries): IPlotData {
  const lines = [
    ...chart.series.filter(({ highlight }) => !highlight),
    ...chart.series.filter(({ highlight }) => highlight).reverse()
  ];
  const first = chart.series[0]?.samples;
  const each = !first || 'values' in first ? 1 : 2;
  const count = first ? parts(first) : 0;
  return {
    columns: [instants(chart, count, each), ...lines.map(({ samples }) => column(samples))],
    lines,
    each
  };
}

/**
 * The window of the part of a chart that a point belongs to: its first and last instant.
 */
export function span(data: IPlotData, at: number, chart: ITimeSeries): [number, number] {
  if (data.each === 1) {
    const instant = data.columns[0][at] ?? chart.startMs;
    return [instant, instant];
  }
  const count = data.columns[0].length / 2;
  const part = Math.floor(at / 2);
  const step = (index: number) => chart.startMs + index * chart.stepMs;
  const from = Math.floor((part * chart.steps) / count);
  const to = Math.floor(((part + 1) * chart.steps) / count) - 1;
  return [step(from), step(to)];
}

/**
 * What the lines have at a point, gaps left out.
 */
export function readings(data: IPlotData, at: number): IReading[] {
  const from = at - (at % data.each);
  return data.lines.flatMap((_, line) => {
    const values = data.columns[line + 1]?.slice(from, from + data.each) ?? [];
    const found = values.filter(value => value !== null);
    return found.length > 0 ? [{ line, min: Math.min(...found), max: Math.max(...found) }] : [];
  });
}

/**
 * How far a value is from what a line has at an instant; 0 when it is between the least and the greatest.
 */
export function distance({ min, max }: IReading, value: number): number {
  return Math.max(min - value, value - max, 0);
}

/**
 * The points that have a gap on both sides: a line alone would not show them.
 */
export function lonely(values: readonly (number | null | undefined)[]): number[] {
  const found: number[] = [];
  values.forEach((value, at) => {
    if (value != null && values[at - 1] == null && values[at + 1] == null) {
      found.push(at);
    }
  });
  return found;
}

function instants(chart: ITimeSeries, count: number, each: 1 | 2): number[] {
  const part = (chart.steps * chart.stepMs) / Math.max(count, 1);
  return Array.from({ length: count * each }, (_, at) =>
    each === 1
      ? chart.startMs + at * chart.stepMs
      : // The least and the greatest stand at a quarter and three quarters of their part.
        chart.startMs - chart.stepMs / 2 + (Math.floor(at / 2) + 0.25 + (at % 2) / 2) * part
  );
}

function column(samples: ISeries['samples']): Column {
  return 'values' in samples
    ? [...samples.values]
    : samples.min.flatMap((least, at) => [least, samples.max[at] ?? null]);
}
