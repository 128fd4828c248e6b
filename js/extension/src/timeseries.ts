import { type ITable, readTable } from './bundle';

/**
 * The mime type of a chart's numbers: `application/vnd.casebook.timeseries.v1+json`.
 */
export const TIMESERIES_MIME = 'application/vnd.casebook.timeseries.v1+json';

/**
 * The numbers of one series: a value, or null for a gap, each step; or the least and the greatest of equal parts of the
 * window, when there are more steps than a screen can show.
 */
export type Samples =
  | { readonly values: readonly (number | null)[] }
  | { readonly min: readonly (number | null)[]; readonly max: readonly (number | null)[] };

/**
 * One line of a chart.
 */
export interface ISeries {
  /**
   * What tells it apart from the others, such as `which=object4`.
   */
  readonly name: string;

  /**
   * Its labels and their values.
   */
  readonly labels: readonly (readonly [string, string])[];

  /**
   * Whether it is drawn on top, in a colour.
   */
  readonly highlight: boolean;
  readonly samples: Samples;
}

/**
 * When something changed: between two steps, and in words.
 */
export interface IOnset {
  readonly afterMs: number;
  readonly byMs: number;
  readonly label: string;
}

/**
 * Where the values of the first highlighted series usually lie.
 */
export interface IUsual {
  readonly low: number;
  readonly high: number;
  readonly label: string;
}

/**
 * A chart's numbers as the kernel displays them.
 */
export interface ITimeSeries {
  readonly title: string;

  /**
   * The chart in words.
   */
  readonly alt: string;

  /**
   * The unit of the values, such as `s`; empty when they have none.
   */
  readonly unit: string;

  /**
   * Where a horizontal line is drawn; null for none.
   */
  readonly threshold: number | null;

  /**
   * What a verdict knows of the suspect; null for nothing.
   */
  readonly onset: IOnset | null;
  readonly usual: IUsual | null;

  /**
   * What is marked, in a sentence; empty when nothing is.
   */
  readonly note: string;
  readonly zeroBased: boolean;

  /**
   * The instant of the first step, in milliseconds since the Unix epoch.
   */
  readonly startMs: number;
  readonly stepMs: number;

  /**
   * How many steps the window has.
   */
  readonly steps: number;

  /**
   * How many series the answer had; those beyond `series` were left out.
   */
  readonly of: number;
  readonly series: readonly ISeries[];

  /**
   * The numbers for readers who do not see the lines; null when the kernel gave none.
   */
  readonly table: ITable | null;
}

/** What a page can still draw at once; the kernel sends far less. */
const MAX_SERIES = 1000;
const MAX_NUMBERS = 1_000_000;
const MAX_LABELS = 64;
const MAX_TEXT = 1000;

/** The furthest instants of a JavaScript date. */
const MAX_DATE_MS = 8.64e15;

/**
 * Read a chart's numbers, or null when the data is none that can be drawn: a notebook may hold anything, and a chart that
 * is drawn of half of its numbers would be a lie.
 */
export function readTimeSeries(data: unknown): ITimeSeries | null {
  if (!isObject(data) || !Array.isArray(data.series) || data.series.length > MAX_SERIES) {
    return null;
  }
  const { start_ms: startMs, step_ms: stepMs, steps } = data;
  if (
    !isCount(steps) ||
    !isFinite(startMs) ||
    !isFinite(stepMs) ||
    stepMs <= 0 ||
    Math.abs(startMs) + steps * stepMs > MAX_DATE_MS
  ) {
    return null;
  }
  const series: ISeries[] = [];
  let left = MAX_NUMBERS;
  for (const item of data.series as unknown[]) {
    const one = readSeries(item, steps);
    left -= one ? numbers(one) : 0;
    // The lines of a chart share their instants, so they are all of one kind and length.
    if (!one || left < 0 || (series[0] && !alike(series[0], one))) {
      return null;
    }
    series.push(one);
  }
  return {
    title: text(data.title),
    alt: text(data.alt),
    unit: text(data.unit),
    threshold: isFinite(data.threshold) ? data.threshold : null,
    onset: readOnset(data.onset),
    usual: readUsual(data.usual),
    note: text(data.note),
    zeroBased: data.zero_based === true,
    startMs,
    stepMs,
    steps,
    of: isCount(data.of) ? Math.max(data.of, series.length) : series.length,
    series,
    table: readTable(data.table)
  };
}

/**
 * How many parts of the window a series has a number, or a pair of numbers, for.
 */
export function parts(samples: Samples): number {
  return 'values' in samples ? samples.values.length : samples.min.length;
}

function readOnset(data: unknown): IOnset | null {
  if (!isObject(data) || !isInstant(data.after_ms) || !isInstant(data.by_ms)) {
    return null;
  }
  const { after_ms: afterMs, by_ms: byMs } = data;
  return afterMs <= byMs ? { afterMs, byMs, label: text(data.label) } : null;
}

function readUsual(data: unknown): IUsual | null {
  if (!isObject(data) || !isFinite(data.low) || !isFinite(data.high)) {
    return null;
  }
  const { low, high } = data;
  return low <= high ? { low, high, label: text(data.label) } : null;
}

function isInstant(value: unknown): value is number {
  return isFinite(value) && Math.abs(value) <= MAX_DATE_MS;
}

function readSeries(data: unknown, steps: number): ISeries | null {
  const samples = isObject(data) ? readSamples(data, steps) : null;
  if (!isObject(data) || !samples) {
    return null;
  }
  const labels = isObject(data.labels) ? Object.entries(data.labels) : [];
  return {
    name: text(data.name) || 'value',
    labels: labels.slice(0, MAX_LABELS).map(([key, value]) => [text(key), text(value)] as const),
    highlight: data.highlight === true,
    samples
  };
}

function readSamples(data: Record<string, unknown>, steps: number): Samples | null {
  const { values, min, max } = data;
  if (isNumbers(values)) {
    return values.length === steps ? { values } : null;
  }
  const paired = isNumbers(min) && isNumbers(max) && min.length === max.length;
  return paired && min.length > 0 && min.length <= steps ? { min, max } : null;
}

function isNumbers(data: unknown): data is (number | null)[] {
  return (
    Array.isArray(data) &&
    data.length <= MAX_NUMBERS &&
    data.every(value => value === null || isFinite(value))
  );
}

function alike(one: ISeries, other: ISeries): boolean {
  return (
    'values' in one.samples === 'values' in other.samples &&
    parts(one.samples) === parts(other.samples)
  );
}

function numbers({ samples }: ISeries): number {
  return parts(samples) * ('values' in samples ? 1 : 2);
}

function isFinite(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, MAX_TEXT) : '';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
