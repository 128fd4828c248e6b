import { type ISpark, readSpark } from './spark';

/**
 * The mime type of a chart: `application/vnd.casebook.chart.v1+json`.
 */
export const CHART_MIME = 'application/vnd.casebook.chart.v1+json';

/**
 * The mime type of a table, which also carries verdicts and re-checks.
 */
export const TABLE_MIME = 'application/vnd.casebook.table.v1+json';

/**
 * A value in a table's row, or a small line; null where there is none.
 */
export type Cell = string | number | ISpark | null;

/**
 * A sentence above a table, and how it is meant.
 */
export interface ILine {
  readonly text: string;
  readonly kind: 'plain' | 'interesting' | 'unremarkable' | 'warning';
}

/**
 * A column of a table.
 */
export interface IColumn {
  /**
   * Where the column's values are in each row.
   */
  readonly key: string;
  readonly label: string;

  /**
   * The unit of the column's numbers, such as `s`; empty when they have none.
   */
  readonly unit: string;
  readonly align: 'left' | 'right';
}

/**
 * A table as the kernel displays it.
 */
export interface ITable {
  readonly caption: string;
  readonly columns: readonly IColumn[];
  readonly rows: readonly Readonly<Record<string, Cell>>[];

  /**
   * Sentences between the headline and the rows.
   */
  readonly lines: readonly ILine[];

  /**
   * Sentences below the table.
   */
  readonly notes: readonly string[];

  /**
   * Tables that follow this one.
   */
  readonly also: readonly ITable[];

  /**
   * How the headline is meant; null when the table is only a table.
   */
  readonly tone: 'ok' | 'warn' | 'bad' | null;

  /**
   * The one sentence to read first; empty when there is none.
   */
  readonly headline: string;
}

/**
 * A chart as the kernel displays it.
 */
export interface IChart {
  /**
   * The picture, with `data-theme="light"` on its root element.
   */
  readonly svg: string;

  /**
   * The picture in words.
   */
  readonly alt: string;
  readonly title: string;

  /**
   * What is marked in it, in a sentence; empty when nothing is.
   */
  readonly note: string;

  /**
   * The numbers behind the picture; null when the kernel gave none.
   */
  readonly table: ITable | null;
}

/**
 * Read a chart, or null when the data is not one: a notebook may hold anything.
 */
export function readChart(data: unknown): IChart | null {
  if (!isObject(data) || typeof data.svg !== 'string' || !/^\s*<svg\b/.test(data.svg)) {
    return null;
  }
  return {
    svg: data.svg,
    alt: text(data.alt),
    title: text(data.title),
    note: text(data.note),
    table: readTable(data.table)
  };
}

/** A table has no more of them behind it. */
const MAX_ALSO = 4;

/**
 * Read a table, or null when the data is not one.
 */
export function readTable(data: unknown): ITable | null {
  const table = readOne(data);
  const also: unknown[] = isObject(data) && Array.isArray(data.also) ? data.also : [];
  return (
    table && {
      ...table,
      also: also.slice(0, MAX_ALSO).flatMap(item => readOne(item) ?? [])
    }
  );
}

function readOne(data: unknown): ITable | null {
  if (!isObject(data) || !Array.isArray(data.columns) || !Array.isArray(data.rows)) {
    return null;
  }
  return {
    caption: text(data.caption),
    columns: data.columns.filter(isObject).map(column => ({
      key: text(column.key),
      label: text(column.label),
      unit: text(column.unit),
      align: column.align === 'right' ? 'right' : 'left'
    })),
    rows: data.rows.filter(isObject).map(readRow),
    lines: Array.isArray(data.lines) ? data.lines.filter(isObject).map(readLine) : [],
    also: [],
    notes: Array.isArray(data.notes) ? data.notes.map(text).filter(Boolean) : [],
    tone: data.tone === 'ok' || data.tone === 'warn' || data.tone === 'bad' ? data.tone : null,
    headline: text(data.headline)
  };
}

function readRow(row: Record<string, unknown>): Readonly<Record<string, Cell>> {
  return Object.fromEntries(
    Object.entries(row).map(([key, value]) => [
      key,
      typeof value === 'number' || value === null ? value : (readSpark(value) ?? text(value))
    ])
  );
}

function readLine(line: Record<string, unknown>): ILine {
  const { kind } = line;
  const known = kind === 'interesting' || kind === 'unremarkable' || kind === 'warning';
  return { text: text(line.text), kind: known ? kind : 'plain' };
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'boolean' ? String(value) : '';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
