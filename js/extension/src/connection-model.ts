import { Poll } from '@lumino/polling';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';
import type { IDisposable } from '@lumino/disposable';

import { ProxyError } from './proxy-api';
import type { ProxyApi } from './proxy-api';
import { API_VERSION } from './tokens';
import type { ICasebookConnection, IConnectionChange, IConnectionStatus } from './tokens';

/**
 * Keeps what is known of the proxy up to date by asking it now and then.
 */
export class ConnectionModel implements ICasebookConnection, IDisposable {
  /**
   * @param options - how to ask, and how often.
   */
  constructor(options: ConnectionModel.IOptions) {
    this._api = options.api;
    this._poll = new Poll({
      name: 'casebook:connection',
      auto: false,
      factory: () => this._ask(),
      // A page that nobody looks at does not ask.
      standby: options.standby ?? 'when-hidden',
      frequency: {
        interval: options.interval ?? 15_000,
        backoff: 2,
        max: 30_000
      }
    });
  }

  get status(): IConnectionStatus {
    return this._status;
  }

  get changed(): ISignal<ICasebookConnection, IConnectionChange> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._poll.isDisposed;
  }

  /**
   * Begin to ask regularly; resolves after the first answer.
   */
  async start(): Promise<void> {
    await this.refresh();
  }

  async refresh(): Promise<void> {
    await this._poll.refresh();
    // The tick's promise rejects when the proxy is unreachable; the status says so already.
    await this._poll.tick.catch(() => undefined);
  }

  async signIn(token: string): Promise<void> {
    await this._api.signIn(token);
    await this.refresh();
  }

  async signOut(): Promise<void> {
    await this._api.signOut();
    await this.refresh();
  }

  dispose(): void {
    this._poll.dispose();
    Signal.clearData(this);
  }

  private async _ask(): Promise<void> {
    try {
      const session = await this._api.session();
      const catalog = await this._api.catalog();
      const agree = catalog.api === API_VERSION;
      this._set({
        state: agree ? 'online' : 'mismatch',
        session,
        catalog,
        problem: agree
          ? ''
          : `The proxy speaks version ${catalog.api} of the API, this page version ${API_VERSION}. ` +
            'Reload the page; if that does not help, build the site and the proxy from the same release.'
      });
    } catch (error) {
      this._set(this._failed(error));
      if (error instanceof ProxyError && error.kind === 'session') {
        return;
      }
      throw error;
    }
  }

  private _failed(error: unknown): IConnectionStatus {
    const problem = error instanceof Error ? error.message : String(error);
    const kind = error instanceof ProxyError ? error.kind : 'refused';
    switch (kind) {
      case 'session':
        return { ...this._status, state: 'signed-out', session: null, problem };
      case 'no-proxy':
        return { state: 'no-proxy', session: null, catalog: null, problem };
      default:
        return { ...this._status, state: 'unreachable', problem };
    }
  }

  private _set(after: IConnectionStatus): void {
    const before = this._status;
    this._status = after;
    if (JSON.stringify(before) !== JSON.stringify(after)) {
      this._changed.emit({ before, after });
    }
  }

  private readonly _api: ProxyApi;
  private readonly _poll: Poll;
  private readonly _changed = new Signal<ICasebookConnection, IConnectionChange>(this);
  private _status: IConnectionStatus = {
    state: 'connecting',
    session: null,
    catalog: null,
    problem: ''
  };
}

/**
 * A namespace for `ConnectionModel` statics.
 */
export namespace ConnectionModel {
  /**
   * How to make a `ConnectionModel`.
   */
  export interface IOptions {
    /**
     * How to ask the proxy.
     */
    api: ProxyApi;

    /**
     * How often to ask, in milliseconds; 15 s unless told. Doubled up to 30 s while nothing answers.
     */
    interval?: number;

    /**
     * When not to ask.
     */
    standby?: Poll.Standby;
  }
}
