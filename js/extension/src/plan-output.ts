/**
 * The mime type of a plan that a cell waits for: `application/vnd.casebook.plan.v1+json`.
 */
export const PLAN_MIME = 'application/vnd.casebook.plan.v1+json';

/**
 * Where a plan can stand.
 */
export type PlanState =
  | 'waiting'
  | 'approved'
  | 'applying'
  | 'applied'
  | 'undone'
  | 'cancelled'
  | 'refused'
  | 'expired'
  | 'failed'
  | 'unknown';

const STATES: readonly string[] = [
  'waiting',
  'approved',
  'applying',
  'applied',
  'undone',
  'cancelled',
  'refused',
  'expired',
  'failed',
  'unknown'
] satisfies PlanState[];

/**
 * What an output says of a plan. A notebook may say anything, so none of it is acted upon but the id, and that only to ask
 * the proxy.
 */
export interface IPlanOutput {
  readonly id: string;

  /**
   * What the plan does, as a sentence without its full stop.
   */
  readonly what: string;

  /**
   * How it stood when the kernel last asked.
   */
  readonly state: PlanState;

  /**
   * When it expires if nobody approves it, as the kernel had it; null when that cannot be read.
   */
  readonly expiresAt: Date | null;

  /**
   * What became of it, in sentences; empty while it is open.
   */
  readonly outcome: string;

  /**
   * What the cell has to say besides, such as that it waits no longer.
   */
  readonly note: string;
}

/**
 * Read a plan's output, or null when the data is not one.
 */
export function readPlanOutput(data: unknown): IPlanOutput | null {
  if (typeof data !== 'object' || data === null) {
    return null;
  }
  const { id, what, state, expires_at, outcome, note } = data as Record<string, unknown>;
  // The id becomes a part of a path.
  if (typeof id !== 'string' || !/^[0-9a-f]{1,64}$/.test(id) || !isPlanState(state)) {
    return null;
  }
  return {
    id,
    what: text(what),
    state,
    expiresAt: readMoment(expires_at),
    outcome: text(outcome),
    note: text(note)
  };
}

/**
 * Whether a text names a state of plans.
 */
export function isPlanState(value: unknown): value is PlanState {
  return typeof value === 'string' && STATES.includes(value);
}

function readMoment(value: unknown): Date | null {
  const date = typeof value === 'string' ? new Date(value) : null;
  return date && Number.isFinite(date.getTime()) ? date : null;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
