import type { Theme } from './chart-view';

/**
 * The colours of a chart's lines and words, those of the core's picture.
 */
export interface IPalette {
  readonly ground: string;
  readonly text: string;

  /**
   * Of words and bands that must be seen.
   */
  readonly strong: string;
  readonly grid: string;
  readonly axis: string;

  /**
   * Of lines that are not highlighted.
   */
  readonly muted: string;
  readonly threshold: string;

  /**
   * Of highlighted lines, the first of them first.
   */
  readonly lines: readonly string[];
}

const LIGHT: IPalette = {
  ground: '#ffffff',
  text: '#52606d',
  strong: '#1f2933',
  grid: '#e4e7eb',
  axis: '#9aa5b1',
  muted: '#8795a1',
  threshold: '#6d28d9',
  lines: ['#d9480f', '#1971c2', '#2b8a3e', '#a61e4d', '#0b7285', '#845300', '#5f3dc4', '#495057']
};

const DARK: IPalette = {
  ground: '#111111',
  text: '#a5b1bd',
  strong: '#e4e7eb',
  grid: '#2a2f36',
  axis: '#616e7c',
  muted: '#7b8794',
  threshold: '#c4a7ff',
  lines: ['#ff8a4c', '#74c0fc', '#69db7c', '#faa2c1', '#66d9e8', '#ffd43b', '#b197fc', '#ced4da']
};

/**
 * The colours of a theme.
 */
export function palette(theme: Theme): IPalette {
  return theme === 'dark' ? DARK : LIGHT;
}

/**
 * The colour of a line: a highlighted one has its own, the others share one.
 *
 * @param rank - its place among the highlighted, or null when it is none of them.
 */
export function lineColour({ lines, muted }: IPalette, rank: number | null): string {
  return rank === null ? muted : (lines[rank % lines.length] ?? muted);
}
