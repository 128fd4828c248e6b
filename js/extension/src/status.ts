import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IStatusBar, showPopup } from '@jupyterlab/statusbar';
import type { Popup } from '@jupyterlab/statusbar';
import { Widget } from '@lumino/widgets';

import { ConnectionDetails } from './connection-details';
import { summarize } from './connection-summary';
import { element, toneSign } from './dom';
import { CommandIDs, ICasebookConnection } from './tokens';
import type { IConnectionStatus } from './tokens';

/**
 * Shows in the status bar who is signed in and how the sources are.
 */
export const status: JupyterFrontEndPlugin<void> = {
  id: 'casebook:status',
  description: 'Shows in the status bar who is signed in and how the sources are.',
  autoStart: true,
  requires: [ICasebookConnection],
  optional: [IStatusBar, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    connection: ICasebookConnection,
    statusBar: IStatusBar | null,
    palette: ICommandPalette | null
  ): void => {
    const { commands } = app;
    const item = new StatusItem(() => void commands.execute(CommandIDs.showConnection));
    item.render(connection.status);
    connection.changed.connect((_, { after }) => {
      item.render(after);
    });
    statusBar?.registerStatusItem('casebook:status', { item, align: 'left', rank: 0 });

    let popup: Popup | null = null;
    commands.addCommand(CommandIDs.showConnection, {
      label: 'Show Connection and Sources',
      caption: 'Who is signed in, which proxy answers, and how each source is',
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () => {
        popup?.dispose();
        const body = new ConnectionDetails(connection, commands);
        popup = showPopup({ body, anchor: item, align: 'left', hasDynamicSize: true });
        body.focus();
        body.disposed.connect(() => {
          item.focus();
        });
      }
    });
    for (const command of [CommandIDs.showConnection, CommandIDs.refreshConnection]) {
      palette?.addItem({ command, category: 'Casebook' });
    }
  }
};

/**
 * The item of the status bar: a button, so that the keyboard reaches it.
 */
class StatusItem extends Widget {
  constructor(onClick: () => void) {
    const label = element('span', { 'aria-live': 'polite' });
    const button = element(
      'button',
      { type: 'button', class: 'casebook-Status-button', 'aria-haspopup': 'dialog' },
      label
    );
    button.addEventListener('click', onClick);
    super({ node: element('div', {}, button) });
    this.addClass('casebook-Status');
    this._label = label;
    this._button = button;
  }

  /**
   * Show how the connection stands.
   */
  render(status: IConnectionStatus): void {
    const { tone, text } = summarize(status);
    this._label.replaceChildren(toneSign(tone), ` Casebook: ${text}`);
    this._button.title = status.problem || 'Who is signed in, and how each source is';
  }

  /**
   * Take the keyboard back from the details, unless it went elsewhere.
   */
  focus(): void {
    if (document.activeElement === null || document.activeElement === document.body) {
      this._button.focus();
    }
  }

  private readonly _label: HTMLElement;
  private readonly _button: HTMLButtonElement;
}
