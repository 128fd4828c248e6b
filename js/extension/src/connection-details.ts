import type { CommandRegistry } from '@lumino/commands';
import { Widget } from '@lumino/widgets';

import { healthTone, summarize } from './connection-summary';
import { element, toneSign, utc } from './dom';
import type { ISource } from './proxy-api';
import { CommandIDs } from './tokens';
import type { ICasebookConnection, IConnectionStatus } from './tokens';

/**
 * What stands behind the status bar item: who, until when, which proxy, and each source's health.
 */
export class ConnectionDetails extends Widget {
  /**
   * @param connection - what to show.
   * @param commands - what the buttons run.
   */
  constructor(connection: ICasebookConnection, commands: CommandRegistry) {
    super({ node: element('section', { 'aria-label': 'Casebook connection' }) });
    this.addClass('casebook-Details');
    this._commands = commands;
    this._facts = element('div', { 'aria-live': 'polite' });
    this._session = this._button('', CommandIDs.signIn);
    this.node.append(
      element('h2', {}, 'Casebook'),
      this._facts,
      element(
        'div',
        { class: 'casebook-Details-buttons' },
        this._button('Ask again', CommandIDs.refreshConnection),
        this._session
      )
    );
    this._render(connection.status);
    // Connected with the widget as context, so that disposing of it disconnects.
    // eslint-disable-next-line @typescript-eslint/unbound-method
    connection.changed.connect(this._onChanged, this);
  }

  /**
   * Give the keyboard to the first button.
   */
  focus(): void {
    this.node.querySelector('button')?.focus();
  }

  private _onChanged(_: ICasebookConnection, change: { after: IConnectionStatus }): void {
    this._render(change.after);
  }

  private _render(status: IConnectionStatus): void {
    const { tone, text } = summarize(status);
    const facts: Node[] = [element('p', {}, toneSign(tone), ` ${text}`)];
    if (status.problem) {
      facts.push(element('p', { class: 'casebook-Details-problem' }, status.problem));
    }
    if (status.session) {
      const { user, expiresAt } = status.session;
      facts.push(element('p', {}, `Signed in as ${user} until ${utc(expiresAt)}.`));
    }
    if (status.catalog) {
      facts.push(sourcesTable(status.catalog.sources));
      facts.push(element('p', {}, `casebook-proxy ${status.catalog.version}`));
    }
    this._facts.replaceChildren(...facts);

    const out = status.session === null;
    this._session.textContent = out ? 'Sign in…' : 'Sign out';
    this._session.dataset.command = out ? CommandIDs.signIn : CommandIDs.signOut;
  }

  private _button(label: string, command: string): HTMLButtonElement {
    const button = element('button', { type: 'button', class: 'jp-mod-styled' }, label);
    button.dataset.command = command;
    button.addEventListener('click', () => {
      void this._commands.execute(button.dataset.command ?? command);
    });
    return button;
  }

  private readonly _commands: CommandRegistry;
  private readonly _facts: HTMLElement;
  private readonly _session: HTMLButtonElement;
}

function sourcesTable(sources: readonly ISource[]): HTMLElement {
  if (sources.length === 0) {
    return element('p', {}, 'The proxy is configured without any source.');
  }
  const rows = sources.map(({ name, health }) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, name),
      element('td', {}, toneSign(healthTone(health)), ` ${health.state}`),
      element('td', {}, health.detail),
      element('td', {}, health.checkedAt ? utc(health.checkedAt) : 'not yet')
    )
  );
  const head = ['Source', 'Health', 'Detail', 'Checked'].map(text =>
    element('th', { scope: 'col' }, text)
  );
  return element(
    'table',
    {},
    element('caption', {}, 'Sources'),
    element('thead', {}, element('tr', {}, ...head)),
    element('tbody', {}, ...rows)
  );
}
