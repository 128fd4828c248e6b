import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, showErrorMessage } from '@jupyterlab/apputils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { ILauncher } from '@jupyterlab/launcher';
import type { Contents } from '@jupyterlab/services';
import { LabIcon } from '@jupyterlab/ui-components';
import type { Widget } from '@lumino/widgets';

import { askForIncident } from './incident-dialog';
import { findTemplates, newNotebook } from './incident-notebook';
import { CommandIDs } from './tokens';

/**
 * A page of notes under a magnifying glass.
 */
const incidentIcon = new LabIcon({
  name: 'casebook:incident',
  svgstr:
    '<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">' +
    '<g fill="none" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">' +
    '<path class="jp-icon3" stroke="#616161" d="M11 21H5V3h9l4 4v2M8.5 9H14M8.5 13h2"/>' +
    '<circle class="jp-icon3" stroke="#616161" cx="15.5" cy="15.5" r="3.5"/>' +
    '<path class="jp-icon3" stroke="#616161" d="M18.2 18.2 21 21"/></g></svg>'
});

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
    const command = CommandIDs.newIncident;
    let asking: Promise<Widget | undefined> | null = null;
    app.commands.addCommand(command, {
      label: args => (args.isPalette ? 'New Incident…' : 'Incident'),
      caption: 'Open a notebook for a new incident, with its title, service and window',
      icon: args => (args.isPalette ? undefined : incidentIcon),
      describedBy: { args: { type: 'object', properties: {} } },
      // The launcher makes way for the widget that it gets back.
      execute: async () => {
        asking ??= open(contents, documents).finally(() => {
          asking = null;
        });
        return asking;
      }
    });
    launcher?.add({ command, category: 'Casebook', categoryRank: -1, rank: 0 });
    palette?.addItem({ command, category: 'Casebook', args: { isPalette: true } });
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
