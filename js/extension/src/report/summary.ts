import { readTable, TABLE_MIME } from '../bundle';
import type { ITable } from '../bundle';
import { utc } from '../dom';
import { PLAN_MIME, readPlanOutput } from '../plan-output';
import type { ICell } from './notebook';
import { joined } from './notebook';

/**
 * How a line of the summary is meant.
 */
export type Tone = ITable['tone'];

/**
 * One line of what a reader of the ticket wants first.
 */
export interface IFact {
  readonly name: string;
  readonly text: string;
  readonly tone: Tone;
}

// The captions by which `casebook/_verdict.py`, `_recheck.py` and `_plan.py` name their tables.
const VERDICT = 'Suspects: ';
const RECHECK = 'Re-check of ';
const PLAN_ROW = 'Plan';

/**
 * Say in a few lines what a notebook found: window, verdict, fix and so on. Of each the last counts; what was never said is
 * left out.
 */
export function summarize(cells: readonly ICell[]): readonly IFact[] {
  const tables = cells.flatMap(cell =>
    cell.outputs.flatMap(output => {
      const table = output.kind === 'data' ? readTable(output.data[TABLE_MIME]) : null;
      return table?.headline ? [table] : [];
    })
  );
  const verdict = tables.filter(({ caption }) => caption.startsWith(VERDICT)).at(-1);
  const recheck = tables.filter(({ caption }) => caption.startsWith(RECHECK)).at(-1);
  return [
    ...fact('Window', findWindow(cells), null),
    ...fact('Verdict', verdict?.headline, verdict?.tone),
    ...findPlans(cells),
    ...fact('Afterwards', recheck?.headline, recheck?.tone),
    ...fact('Left open', leftOpen(cells), 'warn')
  ];
}

function fact(name: string, text: string | null | undefined, tone: Tone | undefined): IFact[] {
  return text ? [{ name, text, tone: tone ?? null }] : [];
}

function findWindow(cells: readonly ICell[]): string | null {
  for (const cell of cells) {
    const [from, to] = shownWindow(cell) ?? writtenWindow(cell) ?? [];
    const start = readMoment(from ?? '');
    const end = readMoment(to ?? '');
    if (start && end && start < end) {
      return `${span(start, end)} (${duration(end.getTime() - start.getTime())})`;
    }
  }
  return null;
}

/**
 * The ends of a window as the kernel showed it, which also knows what `last="5m"` or a variable meant.
 */
function shownWindow({ kind, source, outputs }: ICell): [string, string] | null {
  if (kind !== 'code' || !/\bcb\.window\(/.test(source)) {
    return null;
  }
  for (const output of outputs) {
    const text = output.kind === 'data' ? joined(output.data['text/plain']) : '';
    const [, from, to] = /^window: (\S+) to (\S+) \(/.exec(text) ?? [];
    if (from && to) {
      return [from, to];
    }
  }
  return null;
}

function writtenWindow({ kind, source }: ICell): [string, string] | null {
  const call = /^[^#\n]*\bcb\.window\(\s*(["']?)([^"',)]+)\1\s*,\s*(["']?)([^"',)]+)\3\s*\)/m;
  const [, , from, , to] = (kind === 'code' ? call.exec(source) : null) ?? [];
  return from && to ? [from, to] : null;
}

/**
 * RFC 3339 or seconds since the Unix epoch, as `cb.window` takes them.
 */
function readMoment(text: string): Date | null {
  const written = text.trim();
  const moment = /^\d+(?:\.\d+)?$/.test(written)
    ? new Date(Number(written) * 1000)
    : /^\d{4}-\d\d-\d\d[T ].*(?:Z|[+-]\d\d:\d\d)$/.test(written)
      ? new Date(written)
      : null;
  return moment && Number.isFinite(moment.getTime()) ? moment : null;
}

function span(start: Date, end: Date): string {
  const [first, last] = [utc(start), utc(end)];
  const day = first.slice(0, 10);
  return last.startsWith(day)
    ? `${first.replace(' UTC', '')} to ${last.slice(11)}`
    : `${first.replace(' UTC', '')} to ${last}`;
}

function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  const parts = [
    [Math.floor(seconds / 3600), 'h'],
    [Math.floor((seconds % 3600) / 60), 'min'],
    [seconds % 60, 's']
  ] as const;
  return parts.flatMap(([count, unit]) => (count ? [`${count} ${unit}`] : [])).join(' ');
}

/**
 * How each plan stood when the notebook last said so.
 */
function findPlans(cells: readonly ICell[]): IFact[] {
  const plans = new Map<string, IFact>();
  for (const output of cells.flatMap(cell => cell.outputs)) {
    if (output.kind !== 'data') {
      continue;
    }
    const plan = readPlanOutput(output.data[PLAN_MIME]);
    if (plan) {
      const tone = plan.state === 'applied' || plan.state === 'undone' ? 'ok' : 'warn';
      const text = `${plan.what}: ${plan.state}. ${plan.outcome}`.trim();
      plans.set(plan.id, { name: 'Fix', text, tone });
    }
    const table = readTable(output.data[TABLE_MIME]);
    const id = table?.rows.find(({ name }) => name === PLAN_ROW)?.value;
    if (table?.headline && typeof id === 'string') {
      plans.set(id, { name: 'Fix', text: table.headline, tone: table.tone });
    }
  }
  return [...plans.values()];
}

function leftOpen(cells: readonly ICell[]): string {
  const code = cells.filter(({ kind, source }) => kind === 'code' && source.trim());
  const failed = code.filter(cell => cell.outputs.some(({ kind }) => kind === 'error')).length;
  const idle = code.filter(({ count, outputs }) => count === null && outputs.length === 0).length;
  const sentences = [
    ...(failed > 0 ? [`${cellCount(failed)} ended with an error`] : []),
    ...(idle > 0 ? [`${cellCount(idle)} not run`] : [])
  ];
  return sentences.length > 0 ? `${sentences.join('; ')}.` : '';
}

function cellCount(count: number): string {
  return count === 1 ? '1 cell' : `${count} cells`;
}
