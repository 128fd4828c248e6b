import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { showErrorMessage } from '@jupyterlab/apputils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { readIncident, withoutIncident } from './incident-link';
import { ensureNotebook } from './incident-notebook';
import { CommandIDs } from './tokens';

/**
 * Opens the incident that a link names in a notebook of its own, made once from the template.
 */
export const incident: JupyterFrontEndPlugin<void> = {
  id: 'casebook:incident',
  description: 'Opens the incident that a link names in a notebook of its own.',
  autoStart: true,
  requires: [IDocumentManager],
  activate: (app: JupyterFrontEnd, documents: IDocumentManager): void => {
    const { contents } = app.serviceManager;
    app.commands.addCommand(CommandIDs.openIncident, {
      label: 'Open Incident Notebook',
      caption: 'Make a notebook from the incident template, or open the one that is there',
      describedBy: {
        args: {
          type: 'object',
          properties: {
            link: {
              type: 'string',
              description: 'A query string: incident, service, start and end (RFC 3339).'
            }
          }
        }
      },
      execute: async (args: ReadonlyPartialJSONObject) => {
        const link = typeof args.link === 'string' ? args.link : '?incident=';
        try {
          const found = readIncident(link, new Date());
          if (found) {
            documents.openOrReveal(await ensureNotebook(contents, found), 'Notebook', {
              name: 'python'
            });
          }
        } catch (error) {
          const message = error instanceof Error ? error.message : String(error);
          await showErrorMessage('The incident was not opened', message);
        }
      }
    });

    // Read before the router changes the address.
    const { search } = window.location;
    if (!new URLSearchParams(search).has('incident')) {
      return;
    }
    void app.restored.then(async () => {
      // A reload shows the notebook as it is then, and a copied address names no window of the past.
      const { pathname, hash } = window.location;
      window.history.replaceState(
        window.history.state,
        '',
        `${pathname}${withoutIncident(window.location.search)}${hash}`
      );
      await app.commands.execute(CommandIDs.openIncident, { link: search });
    });
  }
};
