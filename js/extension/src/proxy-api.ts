import { isPlanState } from './plan-output';
import type { PlanState } from './plan-output';

/**
 * The answer of `GET /api/v1/session`.
 */
export interface ISession {
  /**
   * The name of the person that the proxy acts for.
   */
  readonly user: string;

  /**
   * When the session ends.
   */
  readonly expiresAt: Date;
}

/**
 * What the proxy last heard of a source.
 */
export interface IHealth {
  readonly state: 'up' | 'down' | 'unknown';

  /**
   * Why, in words.
   */
  readonly detail: string;

  /**
   * When the proxy looked; null when it has not yet.
   */
  readonly checkedAt: Date | null;
}

/**
 * A source of metrics that this person may query.
 */
export interface ISource {
  readonly name: string;
  readonly health: IHealth;
}

/**
 * The answer of `GET /api/v1/catalog`.
 */
export interface ICatalog {
  /**
   * The version of the proxy.
   */
  readonly version: string;

  /**
   * The version of the API that it speaks.
   */
  readonly api: number;

  readonly sources: readonly ISource[];

  /**
   * A warning that everyone has to see, from the proxy's configuration.
   */
  readonly banner: string | null;
}

/**
 * The answer of `GET /api/v1/plans/{id}`: a change of a host, and how it stands now.
 */
export interface IPlan {
  readonly id: string;
  readonly state: PlanState;
  readonly host: string;

  /**
   * What it does, as a sentence without its full stop.
   */
  readonly what: string;

  /**
   * When it expires if nobody approves it; null when the proxy did not say.
   */
  readonly expiresAt: Date | null;

  /**
   * What became of it, in sentences; empty while it is open.
   */
  readonly outcome: string;

  /**
   * The page on which a person approves it; empty when the proxy gave none.
   */
  readonly approveUrl: string;
}

/**
 * Why a request to the proxy gave nothing.
 *
 * - `session`: no session, or it has ended;
 * - `unreachable`: no answer, or none in time;
 * - `no-proxy`: an answer that is not casebook-proxy's;
 * - `refused`: the proxy said no.
 */
export type ProxyErrorKind = 'session' | 'unreachable' | 'no-proxy' | 'refused';

/**
 * A request to the proxy that gave nothing; the message is for the person.
 */
export class ProxyError extends Error {
  constructor(
    readonly kind: ProxyErrorKind,
    message: string
  ) {
    super(message);
    this.name = 'ProxyError';
  }
}

type Json = Readonly<Record<string, unknown>>;

/**
 * The part of the proxy's API that the page itself uses; cells have their own way, in the kernel.
 */
export class ProxyApi {
  /**
   * @param options - where the proxy is, and how long to wait.
   */
  constructor(options: ProxyApi.IOptions) {
    this._origin = options.origin;
    this._timeout = options.timeout ?? 10_000;
  }

  /**
   * Ask who is signed in.
   */
  async session(): Promise<ISession> {
    return readSession(await this._request('GET', '/api/v1/session'));
  }

  /**
   * Ask what this person may use, and how it is.
   */
  async catalog(): Promise<ICatalog> {
    return readCatalog(await this._request('GET', '/api/v1/catalog'));
  }

  /**
   * Exchange a one-time token for a session cookie.
   */
  async signIn(token: string): Promise<void> {
    await this._request('POST', '/auth/login', { token });
  }

  /**
   * End the session.
   */
  async signOut(): Promise<void> {
    await this._request('POST', '/auth/logout', {});
  }

  /**
   * Ask how a plan stands.
   */
  async plan(id: string): Promise<IPlan> {
    return readPlan(await this._request('GET', `/api/v1/plans/${id}`));
  }

  /**
   * Take a plan back, if it was not begun.
   */
  async cancelPlan(id: string): Promise<IPlan> {
    return readPlan(await this._request('POST', `/api/v1/plans/${id}/cancel`, {}));
  }

  private async _request(method: 'GET' | 'POST', path: string, body?: Json): Promise<Json> {
    let response: Response;
    let text: string;
    try {
      response = await fetch(new URL(path, this._origin), {
        method,
        body: body && JSON.stringify(body),
        headers: body && { 'content-type': 'application/json' },
        credentials: 'same-origin',
        cache: 'no-store',
        redirect: 'error',
        signal: AbortSignal.timeout(this._timeout)
      });
      text = await response.text();
    } catch {
      throw new ProxyError(
        'unreachable',
        `casebook-proxy at ${this._origin} does not answer. Check that "casebook-proxy serve" ` +
          'is running, and the ssh tunnel if it is on another machine.'
      );
    }
    if (response.status === 204) {
      return {};
    }
    const answer = parseObject(text);
    if (response.ok && answer) {
      return answer;
    }
    throw refusal(response.status, answer, this._origin);
  }

  private readonly _origin: string;
  private readonly _timeout: number;
}

/**
 * A namespace for `ProxyApi` statics.
 */
export namespace ProxyApi {
  /**
   * How to make a `ProxyApi`.
   */
  export interface IOptions {
    /**
     * Scheme, host and port of the proxy: the origin of the page.
     */
    origin: string;

    /**
     * How long to wait for an answer, in milliseconds; 10 s unless told.
     */
    timeout?: number;
  }
}

function refusal(status: number, answer: Json | null, origin: string): ProxyError {
  const isOurs = answer?.status === 'error' && typeof answer.errorType === 'string';
  if (!isOurs) {
    return status >= 502 && status <= 504
      ? new ProxyError(
          'unreachable',
          `Something between this page and casebook-proxy answers ${status} at ${origin}.`
        )
      : new ProxyError(
          'no-proxy',
          `${origin} is not served by casebook-proxy (it answers ${status}), so cells cannot ` +
            'query anything. Open the link that "casebook-proxy serve" prints.'
        );
  }
  const said = [sentence(answer.error), sentence(answer.next)].filter(Boolean).join(' ');
  return new ProxyError(
    answer.errorType === 'session' ? 'session' : 'refused',
    said || `casebook-proxy answers ${status}.`
  );
}

function sentence(value: unknown): string {
  if (typeof value !== 'string' || !value.trim()) {
    return '';
  }
  const text = value.trim();
  const start = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(start) ? start : `${start}.`;
}

function parseObject(text: string): Json | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readSession(answer: Json): ISession {
  const expiresAt = readDate(answer.expires_at);
  if (typeof answer.user !== 'string' || !expiresAt) {
    throw notOurs('session');
  }
  return { user: answer.user, expiresAt };
}

function readCatalog(answer: Json): ICatalog {
  const { version, api, prometheus, banner } = answer;
  if (typeof version !== 'string' || typeof api !== 'number') {
    throw notOurs('catalog');
  }
  // A newer API may shape the rest otherwise, so nothing else is required before the versions are compared.
  return {
    version,
    api,
    sources: Array.isArray(prometheus) ? prometheus.filter(isObject).map(readSource) : [],
    banner: typeof banner === 'string' && banner ? banner : null
  };
}

function readSource(source: Json): ISource {
  const health = isObject(source.health) ? source.health : {};
  const state = health.state;
  return {
    name: String(source.name),
    health: {
      state: state === 'up' || state === 'down' ? state : 'unknown',
      detail: typeof health.detail === 'string' ? health.detail : '',
      checkedAt: readDate(health.checked_at)
    }
  };
}

function readPlan(answer: Json): IPlan {
  const { id, state, kind, host, outcome, approve_url } = answer;
  const facts = isObject(answer.facts) ? answer.facts : {};
  if (typeof id !== 'string' || typeof host !== 'string' || !isPlanState(state)) {
    throw notOurs('plan');
  }
  const verb = kind === 'undo' ? 'Moves back' : 'Moves';
  return {
    id,
    state,
    host,
    what: `${verb} ${String(facts.real)} to ${String(facts.target)} on ${host}`,
    expiresAt: readDate(answer.expires_at),
    outcome: typeof outcome === 'string' ? outcome : '',
    approveUrl: typeof approve_url === 'string' && /^https?:/.test(approve_url) ? approve_url : ''
  };
}

/**
 * Read a time that is text (RFC 3339) or a number of seconds since the Unix epoch.
 */
function readDate(value: unknown): Date | null {
  const date =
    typeof value === 'number'
      ? new Date(value * 1000)
      : typeof value === 'string'
        ? new Date(value)
        : null;
  return date && Number.isFinite(date.getTime()) ? date : null;
}

function notOurs(what: string): ProxyError {
  return new ProxyError(
    'no-proxy',
    `The answer about the ${what} is not one of casebook-proxy. Reload the page; if that does not help, the site and the proxy do not belong together.`
  );
}
