import { Token } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';

import type { ICatalog, ISession } from './proxy-api';

/**
 * The version of the proxy's API that this extension speaks: `API_VERSION` of the
 * `casebook-wire` crate.
 */
export const API_VERSION = 1;

/**
 * Every command of the extension.
 */
export namespace CommandIDs {
  export const showConnection = 'casebook:show-connection';
  export const refreshConnection = 'casebook:refresh-connection';
  export const signIn = 'casebook:sign-in';
  export const signOut = 'casebook:sign-out';
  export const openIncident = 'casebook:open-incident';
  export const newIncident = 'casebook:new-incident';
  export const openReport = 'casebook:open-report';
  export const openTutorial = 'casebook:open-tutorial';
  export const openGuide = 'casebook:open-guide';
}

/**
 * How the page stands with the proxy.
 *
 * - `connecting`: nothing has been heard yet;
 * - `online`: there is a session, and the proxy speaks our version of the API;
 * - `signed-out`: the proxy answers, and knows no session of this browser;
 * - `unreachable`: the proxy does not answer;
 * - `mismatch`: the proxy speaks another version of the API;
 * - `no-proxy`: something else than casebook-proxy serves this page.
 */
export type ConnectionState =
  'connecting' | 'online' | 'signed-out' | 'unreachable' | 'mismatch' | 'no-proxy';

/**
 * What is known of the connection at one moment.
 */
export interface IConnectionStatus {
  /**
   * How the page stands with the proxy.
   */
  readonly state: ConnectionState;

  /**
   * Who is signed in; kept while the proxy is unreachable, for what is shown.
   */
  readonly session: ISession | null;

  /**
   * What the proxy gives access to, as last heard.
   */
  readonly catalog: ICatalog | null;

  /**
   * What is wrong and what to do, in sentences; empty when nothing is wrong.
   */
  readonly problem: string;
}

/**
 * A change of the connection.
 */
export interface IConnectionChange {
  /**
   * What was known before.
   */
  readonly before: IConnectionStatus;

  /**
   * What is known now.
   */
  readonly after: IConnectionStatus;
}

/**
 * The connection of this page with casebook-proxy.
 */
export interface ICasebookConnection {
  /**
   * What is known now.
   */
  readonly status: IConnectionStatus;

  /**
   * Emitted when anything in `status` has changed.
   */
  readonly changed: ISignal<ICasebookConnection, IConnectionChange>;

  /**
   * Ask the proxy now; resolves when `status` is up to date, and never rejects.
   */
  refresh(): Promise<void>;

  /**
   * Exchange a one-time token for a session.
   *
   * @throws ProxyError with a sentence for the person, when the token is refused.
   */
  signIn(token: string): Promise<void>;

  /**
   * End the session.
   */
  signOut(): Promise<void>;
}

/**
 * The token by which other plugins ask for the connection.
 */
export const ICasebookConnection = new Token<ICasebookConnection>(
  'casebook:ICasebookConnection',
  'The session with casebook-proxy, and what it gives access to.'
);
