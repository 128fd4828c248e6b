import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import type { ISessionContext } from '@jupyterlab/apputils';
import { IConsoleTracker } from '@jupyterlab/console';
import { INotebookTracker } from '@jupyterlab/notebook';
import type { Kernel } from '@jupyterlab/services';

/**
 * What the page says to the kernels: the same name as in `casebook/_stop.py`.
 */
const CHANNEL = 'casebook:stop';

/**
 * How long a cell may take to end, in milliseconds, before the person is told that it does not.
 */
const PATIENCE = 8000;

/**
 * Makes Stop (■, `I I`, the Kernel menu) reach the cell that runs, in a notebook or in a code console.
 *
 * JupyterLite's interrupt cancels the cells that wait for their turn. The one that runs holds the kernel's queue of
 * messages, so it is told on a channel of its own, which the kernel's worker hears whenever the cell awaits something.
 */
export const stop: JupyterFrontEndPlugin<void> = {
  id: 'casebook:stop',
  description: 'Makes Stop reach the cell that runs, and what it asked of the proxy.',
  autoStart: true,
  requires: [INotebookTracker],
  optional: [IConsoleTracker],
  activate: (
    app: JupyterFrontEnd,
    notebooks: INotebookTracker,
    consoles: IConsoleTracker | null
  ): void => {
    const channel = new BroadcastChannel(CHANNEL);
    // The menu, the toolbar and the shortcut all end in one of these commands.
    const stops: Readonly<Record<string, () => ISessionContext | undefined>> = {
      'notebook:interrupt-kernel': () => notebooks.currentWidget?.sessionContext,
      'console:interrupt-kernel': () => consoles?.currentWidget?.sessionContext
    };
    app.commands.commandExecuted.connect((_, { id }) => {
      const kernel = stops[id]?.()?.session?.kernel;
      if (kernel) {
        channel.postMessage({ session: kernel.clientId, at: Date.now() });
        void warnIfBusy(kernel);
      }
    });
  }
};

/**
 * Tell the person when the cell goes on, as one that computes does.
 */
async function warnIfBusy(kernel: Kernel.IKernelConnection): Promise<void> {
  let isIdle = kernel.status !== 'busy';
  const watch = (_: Kernel.IKernelConnection, status: Kernel.Status): void => {
    isIdle ||= status !== 'busy';
  };
  kernel.statusChanged.connect(watch);
  await new Promise(resolve => setTimeout(resolve, PATIENCE));
  kernel.statusChanged.disconnect(watch);
  if (!isIdle && !kernel.isDisposed) {
    Notification.warning(
      'The cell has not stopped. In the browser, a cell hears Stop only while it awaits something, not while it ' +
        'computes: restart the kernel to end it.',
      { autoClose: 15_000 }
    );
  }
}
