import type { ICell, INotebookContent } from '@jupyterlab/nbformat';

/**
 * An incident as a link names it.
 */
export interface IIncident {
  /**
   * What the incident is called, as a person wrote it.
   */
  readonly title: string;

  /**
   * The service that it is about, as a person wrote it; empty when nobody named one.
   */
  readonly service: string;

  /**
   * The window in which to look.
   */
  readonly start: Date;
  readonly end: Date;
}

/**
 * A link that cannot be opened; the message is for the person.
 */
export class LinkError extends Error {}

const PARAMETERS = ['incident', 'service', 'start', 'end'] as const;
const WINDOW_MS = 5 * 60_000;
const STEP_MS = 10_000;
const MAX_TEXT = 120;

/**
 * Read the incident from a page's query string; null when it names none.
 *
 * Without `start` and `end` the window is the last five minutes; with one of them, the five minutes after or before it.
 *
 * @throws LinkError when a time cannot be read, or the window is empty.
 */
export function readIncident(search: string, now: Date): IIncident | null {
  const query = new URLSearchParams(search);
  const title = oneLine(query.get('incident') ?? '');
  const service = oneLine(query.get('service') ?? '');
  if (!query.has('incident')) {
    return null;
  }
  const givenStart = readTime(query, 'start');
  const givenEnd = readTime(query, 'end');
  // On the step, so that a link without times asks for the same instants as its neighbours.
  const lastStep = new Date(Math.floor(now.getTime() / STEP_MS) * STEP_MS);
  const end = givenEnd ?? (givenStart ? new Date(givenStart.getTime() + WINDOW_MS) : lastStep);
  const start = givenStart ?? new Date(end.getTime() - WINDOW_MS);
  if (start >= end) {
    throw new LinkError(
      `The link's window starts at ${rfc3339(start)} and ends at ${rfc3339(end)}: the end has to be later.`
    );
  }
  return { title: title || 'Incident', service, start, end };
}

/**
 * Remove the incident from a query string, and keep what else is in it.
 */
export function withoutIncident(search: string): string {
  const query = new URLSearchParams(search);
  PARAMETERS.forEach(name => {
    query.delete(name);
  });
  const rest = query.toString();
  return rest ? `?${rest}` : '';
}

/**
 * Name the incident for files and records: date, time and title, in characters that need no quoting anywhere.
 */
export function caseName({ title, start }: IIncident): string {
  const slug = title
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 60)
    .replace(/^-+|-+$/g, '');
  const stamp = start.toISOString().slice(0, 16).replace('T', '-').replace(':', '');
  return slug ? `${stamp}-${slug}` : stamp;
}

/**
 * Fill a template's placeholders: `{{title}}`, `{{service}}`, `{{case}}`, `{{start}}`, `{{end}}`.
 *
 * A link may come from anyone, and what it says lands in cells. Into code go only the case's name, the times and what is
 * left of the service, which hold nothing but letters, digits and `._-:`; title and service as they were written go into
 * markdown only, with every special character escaped. Trust and old outputs never come with a template.
 *
 * @param name - the case, where it is not the one of `caseName`.
 */
export function fillTemplate(
  template: INotebookContent,
  incident: IIncident,
  name = caseName(incident)
): INotebookContent {
  const times = { case: name, start: rfc3339(incident.start), end: rfc3339(incident.end) };
  const inMarkdown = {
    ...times,
    title: escapeMarkdown(incident.title),
    service: escapeMarkdown(incident.service) || 'not named'
  };
  const inCode = {
    ...times,
    title: name,
    service: incident.service.replace(/[^A-Za-z0-9._-]+/g, '-')
  };
  const cells = template.cells.map(cell => {
    const values: Readonly<Record<string, string>> =
      cell.cell_type === 'markdown' ? inMarkdown : inCode;
    const source = [cell.source].flat().join('');
    return untrusted({
      ...cell,
      source: source.replace(
        /\{\{(title|service|case|start|end)\}\}/g,
        (_, placeholder: string) => values[placeholder] ?? ''
      )
    });
  });
  return { ...template, cells };
}

function untrusted(cell: ICell): ICell {
  const metadata = { ...cell.metadata };
  delete metadata.trusted;
  return cell.cell_type === 'code'
    ? { ...cell, metadata, outputs: [], execution_count: null }
    : { ...cell, metadata };
}

/**
 * Make one short line of what a person, or a link, wrote.
 */
export function oneLine(text: string): string {
  return text
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim()
    .slice(0, MAX_TEXT);
}

function escapeMarkdown(text: string): string {
  return text.replace(/[!-/:-@[-`{-~]/g, character => `&#${character.charCodeAt(0)};`);
}

function readTime(query: URLSearchParams, name: 'start' | 'end'): Date | null {
  const text = query.get(name);
  if (text === null || text === '') {
    return null;
  }
  const date = new Date(text);
  const isRfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text);
  if (!isRfc3339 || Number.isNaN(date.getTime())) {
    throw new LinkError(
      `The link's ${name} is not a time such as 2026-11-22T07:00:00Z: ${text.slice(0, 40)}`
    );
  }
  return date;
}

/**
 * Write a moment as the window cell does: `2026-11-22T07:00:00Z`.
 */
export function rfc3339(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z');
}
