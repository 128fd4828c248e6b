import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ICommandPalette } from '@jupyterlab/apputils';
import type { ILauncher } from '@jupyterlab/launcher';
import { LabIcon } from '@jupyterlab/ui-components';
import type { Widget } from '@lumino/widgets';

/**
 * A way into Casebook: a card of the launcher, and the same command in the palette.
 */
export interface ICard {
  /**
   * The id of its command.
   */
  readonly command: string;

  /**
   * What the card is called, below its category's name.
   */
  readonly label: string;

  /**
   * What the palette calls it, where nothing else says what it is about.
   */
  readonly paletteLabel: string;

  /**
   * What it does, in a sentence.
   */
  readonly caption: string;

  /**
   * What the card shows.
   */
  readonly icon: LabIcon;

  /**
   * Its place among Casebook's cards, the least first.
   */
  readonly rank: number;

  /**
   * Open what the card leads to; the launcher makes way for the widget, and stays when there is none.
   */
  readonly open: () => Widget | undefined | Promise<Widget | undefined>;
}

/**
 * Where a card is shown, as far as the application has such places.
 */
export interface ICardPlaces {
  readonly launcher: ILauncher | null;
  readonly palette: ICommandPalette | null;
}

/**
 * Add a card to the application.
 */
export function addCard(app: JupyterFrontEnd, places: ICardPlaces, card: ICard): void {
  const { command, rank } = card;
  app.commands.addCommand(command, {
    label: args => (args.isPalette ? card.paletteLabel : card.label),
    caption: card.caption,
    icon: args => (args.isPalette ? undefined : card.icon),
    describedBy: { args: { type: 'object', properties: {} } },
    execute: () => card.open()
  });
  places.launcher?.add({ command, category: 'Casebook', categoryRank: -1, rank });
  places.palette?.addItem({ command, category: 'Casebook', args: { isPalette: true } });
}

/**
 * An icon of lines in the colour of JupyterLab's own.
 *
 * @param name - its name among icons, without Casebook's prefix.
 * @param lines - the data of its path, on a ground of 24 by 24.
 */
export function lineIcon(name: string, lines: string): LabIcon {
  return new LabIcon({
    name: `casebook:${name}`,
    svgstr:
      '<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">' +
      '<g fill="none" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">' +
      `<path class="jp-icon3" stroke="#616161" d="${lines}"/></g></svg>`
  });
}
