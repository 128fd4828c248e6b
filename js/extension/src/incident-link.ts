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
   * The window in which to look.
   */
  readonly start: Date;
  readonly end: Date;
}

/**
 * A link that cannot be opened; the message is for the person.
 */
export class LinkError extends Error {}

const PARAMETERS = ['incident', 'start', 'end'] as const;
const WINDOW_MS = 5 * 60_000;
const STEP_MS = 10_000;
const MAX_TITLE = 120;

/**
 * Read the incident from a page's query string; null when it names none.
 *
 * Without `start` and `end` the window is the last five minutes; with one of them, the five minutes after or before it.
 *
 * @throws LinkError when a time cannot be read, or the window is empty.
 */
export function readIncident(search: string, now: Date): IIncident | null {
  const query = new URLSearchParams(search);
  const title = cleanTitle(query.get('incident') ?? '');
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
  return { title: title || 'Incident', start, end };
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
 * Fill a template's placeholders: `{{title}}`, `{{case}}`, `{{start}}`, `{{end}}`.
 *
 * A link may come from anyone, and what it says lands in cells. Into code go only the case's name and the times, which
 * hold nothing but letters, digits and `-:TZ`; the title goes into markdown only, with every special character escaped.
 * Trust and old outputs never come with a template.
 */
export function fillTemplate(template: INotebookContent, incident: IIncident): INotebookContent {
  const plain = {
    case: caseName(incident),
    start: rfc3339(incident.start),
    end: rfc3339(incident.end)
  };
  const cells = template.cells.map(cell => {
    const isMarkdown = cell.cell_type === 'markdown';
    const title = isMarkdown ? escapeMarkdown(incident.title) : plain.case;
    const values: Readonly<Record<string, string>> = { ...plain, title };
    const source = [cell.source].flat().join('');
    return untrusted({
      ...cell,
      source: source.replace(
        /\{\{(title|case|start|end)\}\}/g,
        (_, name: string) => values[name] ?? ''
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

function cleanTitle(text: string): string {
  return text
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim()
    .slice(0, MAX_TITLE);
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

function rfc3339(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z');
}
