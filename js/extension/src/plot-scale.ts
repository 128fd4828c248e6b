import { formatNumber } from './table-view';

/**
 * A tick of an axis.
 */
export interface ITick {
  readonly at: number;
  readonly text: string;
}

/** Beyond these, the difference of two values would be no number. */
const FURTHEST = 1e300;
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const TIME_STEPS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map(count => count * SECOND),
  ...[1, 2, 5, 10, 15, 30].map(count => count * MINUTE),
  ...[1, 2, 3, 6, 12].map(count => count * HOUR),
  ...[1, 2, 7, 30, 365].map(count => count * DAY)
];

const SCALED: Readonly<Record<string, readonly (readonly [number, string])[]>> = {
  s: [
    [1, 's'],
    [1e-3, 'ms'],
    [1e-6, 'µs'],
    [1e-9, 'ns']
  ],
  bytes: [
    [2 ** 40, 'TiB'],
    [2 ** 30, 'GiB'],
    [2 ** 20, 'MiB'],
    [2 ** 10, 'KiB'],
    [1, 'B']
  ]
};
const UNIT_NAMES: Readonly<Record<string, string>> = {
  s: 's',
  seconds: 's',
  B: 'bytes',
  bytes: 'bytes'
};

/**
 * How many of a unit one of the shown unit is, and the shown unit: as in the picture that the core draws.
 */
export function scaledUnit(unit: string, greatest: number): readonly [number, string] {
  const steps = SCALED[Object.hasOwn(UNIT_NAMES, unit) ? (UNIT_NAMES[unit] ?? '') : ''];
  return steps?.find(([factor]) => greatest >= factor) ?? steps?.at(-1) ?? [1, unit];
}

/**
 * A value with its unit, scaled for itself: `312 ms`.
 */
export function valueText(value: number, unit: string): string {
  // Nothing is nothing in any unit, and the given one is the one that people know.
  const [factor, name] = value === 0 ? [1, unit] : scaledUnit(unit, Math.abs(value));
  return name ? `${formatNumber(value / factor)} ${name}` : formatNumber(value);
}

/**
 * The ends of the value axis for what is visible: some room above and below, and zero when it is asked for.
 */
export function valueRange(
  visible: readonly (number | null | undefined)[],
  zeroBased: boolean
): [number, number] {
  const values = visible.filter(value => value != null).filter(Number.isFinite);
  const ends = (zeroBased ? [...values, 0] : values).map(limited);
  const [low, high] = ends.length > 0 ? [Math.min(...ends), Math.max(...ends)] : [0, 1];
  const range = high - low;
  const furthest = Math.max(Math.abs(low), Math.abs(high));
  const room = range > furthest * 1e-9 ? range * 0.06 : furthest * 0.1;
  const pad = furthest === 0 ? 1 : Math.max(room, 1e-300);
  return [
    zeroBased && low === 0 ? 0 : low - pad,
    zeroBased && high === 0 && low < 0 ? 0 : high + pad
  ];
}

/**
 * Ticks at 1, 2 or 5 times a power of ten of the shown unit.
 */
export function valueTicks(low: number, high: number, unit: string, wanted: number): ITick[] {
  const [factor] = scaledUnit(unit, Math.max(Math.abs(low), Math.abs(high)));
  const [from, to] = [low / factor, high / factor];
  const rough = (to - from) / Math.max(wanted, 1);
  const power = Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map(times => times * 10 ** power).find(size => size >= rough);
  if (!step || !Number.isFinite(step)) {
    return [];
  }
  const first = Math.ceil(from / step);
  const count = Math.min(Math.floor(to / step) - first, 100);
  return Array.from({ length: Math.max(count + 1, 0) }, (_, index) => {
    const value = (first + index) * step;
    return { at: value * factor, text: tickText(value, step) };
  });
}

/**
 * Ticks on round times of the UTC day, at most `most` of them. The first tick of a day tells its date.
 */
export function timeTicks(fromMs: number, toMs: number, most: number): ITick[] {
  const length = Math.max(toMs - fromMs, 0);
  const fits = (step: number) => length / step < Math.max(most, 1);
  const step = TIME_STEPS.find(fits) ?? Math.ceil(length / most / DAY) * DAY;
  const ticks: ITick[] = [];
  let day = dateText(fromMs);
  for (let at = Math.ceil(fromMs / step) * step; at <= toMs && ticks.length <= most; at += step) {
    const newDay = dateText(at) !== day;
    day = dateText(at);
    ticks.push({
      at,
      text: step >= DAY ? day : newDay ? `${clock(at, step)}\n${day}` : clock(at, step)
    });
  }
  return ticks;
}

/**
 * An instant as UTC, 24 h: as precise as the steps of a window need it.
 */
export function clock(ms: number, stepMs: number): string {
  const iso = new Date(ms).toISOString();
  const time = iso.slice(iso.indexOf('T') + 1, -1);
  return time.slice(0, stepMs % SECOND !== 0 ? 12 : stepMs % MINUTE !== 0 ? 8 : 5);
}

/**
 * The UTC day of an instant.
 */
export function dateText(ms: number): string {
  const iso = new Date(ms).toISOString();
  return iso.slice(0, iso.indexOf('T'));
}

function limited(value: number): number {
  return Math.min(Math.max(value, -FURTHEST), FURTHEST);
}

function tickText(value: number, step: number): string {
  if (value === 0) {
    return '0';
  }
  const greatest = Math.floor(Math.log10(Math.max(Math.abs(value), step)));
  if (greatest < -6 || greatest >= 15) {
    return value.toExponential(Math.min(Math.max(greatest - Math.floor(Math.log10(step)), 0), 6));
  }
  const scales = [
    [1e12, 'T'],
    [1e9, 'G'],
    [1e6, 'M'],
    [1e4, 'k']
  ] as const;
  const [least, letter] = scales.find(([from]) => Math.abs(value) >= from) ?? [1, ''];
  const by = letter === 'k' ? 1e3 : least;
  const decimals = Math.min(Math.max(-Math.floor(Math.log10(step / by) + 1e-9), 0), 12);
  return `${(value / by).toFixed(decimals)}${letter}`;
}
