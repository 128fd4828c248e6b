import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { ILauncher } from '@jupyterlab/launcher';

import { addCard, lineIcon } from './launcher-card';
import { CommandIDs } from './tokens';

/**
 * The page in the site that explains verdicts.
 */
const GUIDE = 'how-casebook-decides.md';

/**
 * A balance.
 */
const guideIcon = lineIcon('guide', 'M12 4v16M7 20h10M5 6h14M5 6l-3 7h6zM19 6l-3 7h6z');

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
    addCard(
      app,
      { launcher, palette },
      {
        command: CommandIDs.openGuide,
        label: 'How it decides',
        paletteLabel: 'How Casebook Decides',
        caption: 'What a verdict is made of, with a picture of each part',
        icon: guideIcon,
        rank: 2,
        open: () => documents.openOrReveal(GUIDE, 'Markdown Preview')
      }
    );
  }
};
