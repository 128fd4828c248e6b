import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker, NotebookActions } from '@jupyterlab/notebook';

import { ICasebookConnection } from './tokens';

/**
 * Asks the proxy as soon as a cell fails: its session may have ended, and then the person should be asked to sign in now,
 * not at the next regular look.
 */
export const cellFailures: JupyterFrontEndPlugin<void> = {
  id: 'casebook:cell-failures',
  description: 'Asks the proxy as soon as a cell fails, because its session may have ended.',
  autoStart: true,
  // The tracker is there when notebooks are; the signal itself belongs to no one notebook.
  requires: [ICasebookConnection, INotebookTracker],
  activate: (_: JupyterFrontEnd, connection: ICasebookConnection): void => {
    NotebookActions.executed.connect((_actions, { success }) => {
      if (!success && connection.status.state === 'online') {
        void connection.refresh();
      }
    });
  }
};
