/**
 * The samples of a series in a cell of a table. Heights are percent of its own range; null is a gap.
 */
export interface ISpark {
  /**
   * The samples, or the least and greatest of each part of the window.
   */
  readonly now: readonly (number | null)[];

  /**
   * The least and greatest of each part of the time before; empty when that is not known.
   */
  readonly before: readonly (number | null)[];

  /**
   * The line in words: its least, greatest and last value.
   */
  readonly alt: string;
}

/** The kernel sends sixty. */
const MAX_POINTS = 200;
const MAX_TEXT = 300;

/** Of a line, in pixels; the time before takes so much of it. */
const WIDTH = 128;
const HEIGHT = 22;
const BEFORE = 44;
const PAD = 2;
const THIN = 1;

const SVG = 'http://www.w3.org/2000/svg';

/**
 * Read a line, or null when the data is none: a notebook may hold anything.
 */
export function readSpark(data: unknown): ISpark | null {
  if (typeof data !== 'object' || data === null) {
    return null;
  }
  const { now, before = [], alt } = data as Partial<Record<keyof ISpark, unknown>>;
  if (!isHeights(now) || !isHeights(before) || before.length % 2 !== 0) {
    return null;
  }
  return { now, before, alt: typeof alt === 'string' ? alt.slice(0, MAX_TEXT) : '' };
}

/**
 * Draw a line as an inline SVG, in the colours of the text around it.
 *
 * The time before is a band between least and greatest, on a ground of its own: an outline of an hour beside the minutes
 * that matter.
 */
export function sparkView({ now, before, alt }: ISpark): SVGElement {
  const from = before.length > 0 ? BEFORE : 0;
  const words = alt || 'A small line';
  const svg = node('svg', {
    class: 'casebook-Spark',
    role: 'img',
    'aria-label': words,
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    width: String(WIDTH),
    height: String(HEIGHT),
    // A narrow table squeezes it.
    preserveAspectRatio: 'none',
    fill: 'none',
    stroke: 'currentColor'
  });
  const title = node('title', {});
  title.textContent = words;
  svg.append(title);
  if (from > 0) {
    const size = { width: String(from), height: String(HEIGHT) };
    svg.append(
      node('rect', {
        class: 'casebook-Spark-before',
        ...size,
        fill: 'currentColor',
        stroke: 'none'
      }),
      node('path', {
        class: 'casebook-Spark-habit',
        d: band(before, from),
        fill: 'currentColor',
        stroke: 'none'
      })
    );
  }
  svg.append(
    node('path', {
      class: 'casebook-Spark-line',
      d: line(now, from),
      'stroke-width': '1.5',
      'stroke-linejoin': 'round',
      'stroke-linecap': 'round'
    })
  );
  return svg;
}

/** The path of the samples, broken where there is a gap; a lone one is a dot under round caps. */
function line(heights: readonly (number | null)[], from: number): string {
  const room = WIDTH - PAD - (from + PAD);
  const step = room / Math.max(heights.length - 1, 1);
  return heights
    .map((height, at) => {
      if (height === null) {
        return '';
      }
      const point = `${text(from + PAD + at * step)} ${text(y(height))}`;
      return heights[at - 1] == null ? `M${point}h0` : `L${point}`;
    })
    .join('');
}

/** A bar from least to greatest for each part that has samples, side by side. */
function band(pairs: readonly (number | null)[], to: number): string {
  const step = to / (pairs.length / 2);
  return pairs
    .map((low, at) => {
      const high = pairs[at + 1];
      if (at % 2 !== 0 || low === null || high == null) {
        return '';
      }
      const [left, right] = [text((at / 2) * step), text((at / 2 + 1) * step)];
      // What stands still is a line, not nothing.
      const [top, bottom] = [y(high) - THIN / 2, y(low) + THIN / 2];
      return `M${left} ${text(top)}H${right}V${text(bottom)}H${left}Z`;
    })
    .join('');
}

function y(height: number): number {
  return HEIGHT - PAD - (Math.min(Math.max(height, 0), 100) / 100) * (HEIGHT - 2 * PAD);
}

function text(pixels: number): string {
  return String(Math.round(pixels * 10) / 10);
}

function isHeights(data: unknown): data is (number | null)[] {
  return (
    Array.isArray(data) &&
    data.length <= MAX_POINTS &&
    data.every(height => height === null || (typeof height === 'number' && Number.isFinite(height)))
  );
}

function node(tag: string, attributes: Readonly<Record<string, string>>): SVGElement {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    element.setAttribute(name, value);
  }
  return element;
}
