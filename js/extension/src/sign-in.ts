import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Dialog, ICommandPalette, showErrorMessage } from '@jupyterlab/apputils';
import { Widget } from '@lumino/widgets';

import { element, toneSign } from './dom';
import { findToken } from './login-token';
import { CommandIDs, ICasebookConnection } from './tokens';

/**
 * Lets a person sign in again without leaving the page, when the session has ended.
 */
export const signIn: JupyterFrontEndPlugin<void> = {
  id: 'casebook:sign-in',
  description: 'Lets a person sign in again without leaving the page, when the session has ended.',
  autoStart: true,
  requires: [ICasebookConnection],
  optional: [ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    connection: ICasebookConnection,
    palette: ICommandPalette | null
  ): void => {
    const { commands } = app;
    let asking: Promise<void> | null = null;
    // Whoever signs out on purpose is not asked to sign in again at once.
    let leaving = false;
    commands.addCommand(CommandIDs.signIn, {
      label: 'Sign In…',
      caption: 'Sign in with a link or token of casebook-proxy; the page stays as it is',
      describedBy: { args: { type: 'object', properties: {} } },
      execute: async () => {
        asking ??= askUntilSignedIn(connection).finally(() => {
          asking = null;
        });
        await asking;
        activateShown(app);
      }
    });
    commands.addCommand(CommandIDs.signOut, {
      label: 'Sign Out',
      caption: 'End the session of this browser with casebook-proxy',
      describedBy: { args: { type: 'object', properties: {} } },
      isEnabled: () => connection.status.session !== null,
      execute: async () => {
        leaving = true;
        try {
          await connection.signOut();
        } catch (error) {
          leaving = false;
          await showErrorMessage('Not signed out', message(error));
        }
      }
    });
    for (const command of [CommandIDs.signIn, CommandIDs.signOut]) {
      palette?.addItem({ command, category: 'Casebook' });
    }

    const offer = (state: string): void => {
      if (state === 'signed-out' && !leaving) {
        void commands.execute(CommandIDs.signIn);
      }
      leaving = false;
    };
    void app.restored.then(() => {
      offer(connection.status.state);
      connection.changed.connect((_, { before, after }) => {
        commands.notifyCommandChanged(CommandIDs.signOut);
        if (before.state !== after.state) {
          offer(after.state);
        }
      });
    });
  }
};

/**
 * Give the keyboard to the notebook that is shown, when it opened behind the dialog and so never had it.
 */
function activateShown(app: JupyterFrontEnd): void {
  const shown = [...app.shell.widgets('main')].find(widget => widget.isVisible);
  if (app.shell.currentWidget === null && shown) {
    app.shell.activateById(shown.id);
  }
}

/**
 * Show the dialog until the proxy takes a token, someone signed in in another tab, or the person cancels.
 */
async function askUntilSignedIn(connection: ICasebookConnection): Promise<void> {
  let problem = '';
  for (;;) {
    const body = new SignInForm(problem);
    const dialog = new Dialog<string>({
      title: 'Sign in to go on',
      body,
      focusNodeSelector: 'input',
      buttons: [Dialog.cancelButton({ label: 'Not Now' }), Dialog.okButton({ label: 'Sign In' })]
    });
    const closeWhenOnline = (): void => {
      if (connection.status.state === 'online') {
        dialog.reject();
      }
    };
    connection.changed.connect(closeWhenOnline);
    const result = await dialog.launch();
    connection.changed.disconnect(closeWhenOnline);
    if (!result.button.accept) {
      return;
    }
    const token = findToken(result.value ?? '');
    if (token === null) {
      problem = 'There is no token in that text. Paste the whole link, from http:// to its end.';
      continue;
    }
    try {
      await connection.signIn(token);
      return;
    } catch (error) {
      problem = message(error);
    }
  }
}

/**
 * The body of the dialog: what to do, a field for the link, and what was wrong the last time.
 */
class SignInForm extends Widget implements Dialog.IBodyWidget {
  constructor(problem: string) {
    const input = element('input', {
      id: 'casebook-sign-in-link',
      class: 'jp-mod-styled',
      type: 'text',
      autocomplete: 'off',
      spellcheck: 'false',
      'aria-describedby': 'casebook-sign-in-problem'
    });
    const node = element(
      'div',
      {},
      element(
        'p',
        {},
        'The session with casebook-proxy has ended, or there was none yet. Your notebooks and the running ' +
          'kernel stay as they are.'
      ),
      element(
        'p',
        {},
        'Press Enter in the terminal where ',
        element('code', {}, 'casebook-proxy serve'),
        ' runs, or run ',
        element('code', {}, 'casebook-proxy link --config casebook.toml'),
        ', and paste the link that it prints. A link works once, for 15 minutes.'
      ),
      element('label', { for: 'casebook-sign-in-link' }, 'Link or token'),
      input,
      element(
        'p',
        {
          id: 'casebook-sign-in-problem',
          class: 'casebook-SignIn-problem',
          role: 'alert'
        },
        ...(problem ? [toneSign('bad'), ` ${problem}`] : [])
      )
    );
    super({ node });
    this.addClass('casebook-SignIn');
    this._input = input;
  }

  /**
   * What was pasted.
   */
  getValue(): string {
    return this._input.value;
  }

  private readonly _input: HTMLInputElement;
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
