/**
 * What a word of a cell's first line is.
 */
export type WordKind = 'magic' | 'option' | 'value' | 'name';

/**
 * A word of the first line, by its place in it.
 */
export interface IWord {
  readonly kind: WordKind;
  readonly from: number;
  readonly to: number;
}

/**
 * An option of the first line, as `casebook/_promql_cell.py` reads it, and what it means.
 */
export const OPTIONS: readonly { readonly label: string; readonly info: string }[] = [
  { label: '--last', info: 'How far to go back from the end of the window, such as 5m' },
  { label: '--start', info: 'Where to start, a time in UTC; needs --end' },
  { label: '--end', info: 'Where to end, a time in UTC' },
  { label: '--step', info: 'The time between two samples; 10s unless given' },
  { label: '--source', info: 'Which Prometheus of the proxy to ask; main unless given' },
  { label: '--unit', info: 'The unit of the values, such as s or bytes' }
];

/**
 * The source that a cell asks when its first line names none.
 */
export const USUAL_SOURCE = 'main';

/**
 * Tell whether a cell that begins so is a query: the kernel's own rule.
 */
export function isPromqlCell(start: string): boolean {
  return /^%%promql(?=\s|$)/.test(start);
}

/**
 * Find where the query begins: after the first line.
 */
export function bodyStart(text: string): number {
  const newline = text.indexOf('\n');
  return newline < 0 ? text.length : newline + 1;
}

/**
 * Take the first line of a query's cell apart.
 */
export function readWords(line: string): IWord[] {
  const words: IWord[] = [];
  let isValue = false;
  for (const { index, 0: text } of line.matchAll(/(?:"[^"]*"?|'[^']*'?|[^\s"'])+/g)) {
    const to = index + text.length;
    const equals = text.indexOf('=');
    if (index === 0) {
      words.push({ kind: 'magic', from: 0, to });
    } else if (text.startsWith('--') && equals > 0) {
      words.push({ kind: 'option', from: index, to: index + equals });
      words.push({ kind: 'value', from: index + equals + 1, to });
      isValue = false;
    } else if (text.startsWith('--')) {
      words.push({ kind: 'option', from: index, to });
      isValue = true;
    } else {
      words.push({ kind: isValue ? 'value' : 'name', from: index, to });
      isValue = false;
    }
  }
  return words;
}

/**
 * Read which source a cell asks; null when its first line names none.
 */
export function sourceOf(line: string): string | null {
  let source: string | null = null;
  // As for the kernel, the last one counts.
  readWords(line).forEach(({ kind, from, to }, at, words) => {
    const before = words[at - 1];
    if (kind === 'value' && before && line.slice(before.from, before.to) === '--source') {
      source = line.slice(from, to).replace(/["']/g, '') || null;
    }
  });
  return source;
}
