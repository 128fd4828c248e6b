import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, showErrorMessage } from '@jupyterlab/apputils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { ILauncher } from '@jupyterlab/launcher';
import type { Contents } from '@jupyterlab/services';
import type { Widget } from '@lumino/widgets';

import { askForIncident } from './incident-dialog';
import { findTemplates, newNotebook } from './incident-notebook';
import { addCard, lineIcon } from './launcher-card';
import { CommandIDs } from './tokens';

/**
 * A page of notes under a magnifying glass.
 */
const incidentIcon = lineIcon(
  'incident',
  'M11 21H5V3h9l4 4v2M8.5 9H14M8.5 13h2M12 15.5a3.5 3.5 0 1 0 7 0 3.5 3.5 0 1 0-7 0zM18.2 18.2 21 21'
);

/**
 * Opens a notebook for a new incident, from the launcher or the palette.
 */
export const newIncident: JupyterFrontEndPlugin<void> = {
  id: 'casebook:new-incident',
  description: 'Opens a notebook for a new incident, from the launcher or the palette.',
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
    let asking: Promise<Widget | undefined> | null = null;
    addCard(
      app,
      { launcher, palette },
      {
        command: CommandIDs.newIncident,
        label: 'Incident',
        paletteLabel: 'New Incident…',
        caption: 'Open a notebook for a new incident, with its title, service and window',
        icon: incidentIcon,
        rank: 0,
        open: () => {
          asking ??= open(contents, documents).finally(() => {
            asking = null;
          });
          return asking;
        }
      }
    );
  }
};

async function open(
  contents: Contents.IManager,
  documents: IDocumentManager
): Promise<Widget | undefined> {
  try {
    const templates = await findTemplates(contents);
    if (templates.length === 0) {
      throw new Error('The folder templates holds no notebook. Add one, or build the site again.');
    }
    const choice = await askForIncident(templates);
    if (!choice) {
      return undefined;
    }
    const path = await newNotebook(contents, choice.incident, choice.template);
    return documents.openOrReveal(path, 'Notebook', { name: 'python' });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    await showErrorMessage('The incident was not opened', message);
    return undefined;
  }
}
