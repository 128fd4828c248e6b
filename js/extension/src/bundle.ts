/**
 * The mime type of a chart: `application/vnd.casebook.chart.v1+json`.
 */
export const CHART_MIME = 'application/vnd.casebook.chart.v1+json';

/**
 * The mime type of a table, which also carries verdicts and re-checks.
 */
export const TABLE_MIME = 'application/vnd.casebook.table.v1+json';

/**
 * A value in a table's row; null where there is none.
 */
export type Cell = string | number | null;

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
   * Sentences below the table.
   */
  readonly notes: readonly string[];

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
    table: readTable(data.table)
  };
}

/**
 * Read a table, or null when the data is not one.
 */
export function readTable(data: unknown): ITable | null {
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
    notes: Array.isArray(data.notes) ? data.notes.map(text).filter(Boolean) : [],
    tone: data.tone === 'ok' || data.tone === 'warn' || data.tone === 'bad' ? data.tone : null,
    headline: text(data.headline)
  };
}

function readRow(row: Record<string, unknown>): Readonly<Record<string, Cell>> {
  return Object.fromEntries(
    Object.entries(row).map(([key, value]) => [
      key,
      typeof value === 'number' || value === null ? value : text(value)
    ])
  );
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'boolean' ? String(value) : '';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
