import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, showErrorMessage } from '@jupyterlab/apputils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { ILauncher } from '@jupyterlab/launcher';
import type { Widget } from '@lumino/widgets';

import { readIncident } from './incident-link';
import { newNotebook } from './incident-notebook';
import { addCard, lineIcon } from './launcher-card';
import { CommandIDs } from './tokens';

/**
 * The notebook in the site that walks through the practice incident.
 */
const TUTORIAL = 'tutorial.ipynb';

/**
 * An open book.
 */
const tutorialIcon = lineIcon(
  'tutorial',
  'M12 7v13M12 7c-2-2-5-3-9-3v13c4 0 7 1 9 3 2-2 5-3 9-3V4c-4 0-7 1-9 3z'
);

/**
 * Opens a copy of the tutorial, from the launcher or the palette.
 *
 * A copy, because the browser keeps whatever was changed in a file of the site, and shows that from then on.
 */
export const tutorial: JupyterFrontEndPlugin<void> = {
  id: 'casebook:tutorial',
  description: 'Opens a copy of the tutorial, from the launcher or the palette.',
  autoStart: true,
  requires: [IDocumentManager],
  optional: [ILauncher, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    documents: IDocumentManager,
    launcher: ILauncher | null,
    palette: ICommandPalette | null
  ): void => {
    const { contents } = app.serviceManager;
    addCard(
      app,
      { launcher, palette },
      {
        command: CommandIDs.openTutorial,
        label: 'Tutorial',
        paletteLabel: 'Open Tutorial',
        caption: 'Solve the practice incident step by step, in ten minutes',
        icon: tutorialIcon,
        rank: 1,
        open: async (): Promise<Widget | undefined> => {
          try {
            const today = readIncident('?incident=tutorial', new Date());
            const path = today && (await newNotebook(contents, today, TUTORIAL));
            return path ? documents.openOrReveal(path, 'Notebook', { name: 'python' }) : undefined;
          } catch (error) {
            const message = error instanceof Error ? error.message : String(error);
            await showErrorMessage('The tutorial was not opened', message);
            return undefined;
          }
        }
      }
    );
  }
};
