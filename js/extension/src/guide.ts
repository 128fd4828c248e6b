import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { ILauncher } from '@jupyterlab/launcher';
import { LabIcon } from '@jupyterlab/ui-components';
import type { Widget } from '@lumino/widgets';

import { CommandIDs } from './tokens';

/**
 * The page in the site that explains verdicts.
 */
const GUIDE = 'how-casebook-decides.md';

/**
 * A balance.
 */
const guideIcon = new LabIcon({
  name: 'casebook:guide',
  svgstr:
    '<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">' +
    '<g fill="none" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">' +
    '<path class="jp-icon3" stroke="#616161" d="M12 4v16M7 20h10M5 6h14M5 6l-3 7h6zM19 6l-3 7h6z"/></g></svg>'
});

/**
 * Opens the page that says how verdicts come about, from the launcher or the palette.
 */
export const guide: JupyterFrontEndPlugin<void> = {
  id: 'casebook:guide',
  description: 'Opens the page that explains verdicts, from the launcher or the palette.',
  autoStart: true,
  requires: [IDocumentManager],
  optional: [ILauncher, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    documents: IDocumentManager,
    launcher: ILauncher | null,
    palette: ICommandPalette | null
  ): void => {
    const command = CommandIDs.openGuide;
    app.commands.addCommand(command, {
      label: args => (args.isPalette ? 'How Casebook Decides' : 'How it decides'),
      caption: 'What a verdict is made of, with a picture of each part',
      icon: args => (args.isPalette ? undefined : guideIcon),
      describedBy: { args: { type: 'object', properties: {} } },
      // The launcher makes way for the widget that it gets back.
      execute: (): Widget | undefined => documents.openOrReveal(GUIDE, 'Markdown Preview')
    });
    launcher?.add({ command, category: 'Casebook', categoryRank: -1, rank: 2 });
    palette?.addItem({ command, category: 'Casebook', args: { isPalette: true } });
  }
};
