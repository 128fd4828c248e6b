/**
 * A place in a cell that an error is about, and what it says.
 */
export interface IPlacedError {
  readonly from: number;
  readonly to: number;
  readonly message: string;
}

const LINE_AND_COLUMN = /\b(?<line>\d+):(?<column>\d+): parse error:? (?<what>.+)/;
const OLDER = /\bparse error at (?:line (?<line>\d+), )?char(?:acter)? (?<column>\d+): (?<what>.+)/;

/**
 * Place an error of Prometheus in the text of the cell that it answered.
 *
 * @param error - the error as the cell shows it; only its first line is looked at, the others may quote the query.
 * @param text - the cell's text.
 * @param from - where the query begins in it, after the first line.
 * @returns null when the error names no place.
 */
export function placeError(error: string, text: string, from: number): IPlacedError | null {
  const [said = ''] = error.split('\n');
  const found = (LINE_AND_COLUMN.exec(said) ?? OLDER.exec(said))?.groups;
  if (!found?.what) {
    return null;
  }
  // The kernel asks without the space around the query.
  const body = text.slice(from);
  const query = body.trim();
  const begin = from + body.length - body.trimStart().length;
  const at = offsetOf(query, Number(found.line ?? 1), Number(found.column));
  if (at === null || query.length === 0) {
    return null;
  }
  // What is missing at the end is shown at the last character.
  const start = Math.min(at, query.length - 1);
  const word = /^[\w:]+/.exec(query.slice(start))?.[0].length ?? 1;
  return { from: begin + start, to: begin + start + word, message: found.what.trim() };
}

/**
 * Find a line and column, both from 1, the column in bytes of UTF-8 as Go counts; null when there is no such line.
 */
function offsetOf(query: string, line: number, column: number): number | null {
  const lines = query.split('\n');
  const [text] = lines.slice(line - 1, line);
  if (text === undefined || line < 1 || column < 1) {
    return null;
  }
  const before = new TextEncoder().encode(text).subarray(0, column - 1);
  const skipped = lines.slice(0, line - 1).reduce((sum, { length }) => sum + length + 1, 0);
  return skipped + new TextDecoder().decode(before).length;
}
