import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Widget } from '@lumino/widgets';

import { element } from './dom';
import { ICasebookConnection } from './tokens';
import type { IConnectionStatus } from './tokens';

const LINE_HEIGHT = 28;

/**
 * Shows across the top what nobody may miss: the proxy's own banner, and versions that differ.
 */
export const banner: JupyterFrontEndPlugin<void> = {
  id: 'casebook:banner',
  description:
    "Shows across the top what nobody may miss: the proxy's own banner, and versions that differ.",
  autoStart: true,
  requires: [ICasebookConnection],
  activate: (app: JupyterFrontEnd, connection: ICasebookConnection): void => {
    let strip: Widget | null = null;
    let shown = '';
    const update = (status: IConnectionStatus): void => {
      const texts = bannerTexts(status);
      // Rebuilt only when the text changes: a screen reader reads an alert again each time.
      if (shown === texts.join('\n')) {
        return;
      }
      shown = texts.join('\n');
      strip?.dispose();
      strip = null;
      if (texts.length > 0) {
        strip = new Widget({ node: element('div', { role: 'alert' }) });
        strip.id = 'casebook-banner';
        strip.addClass('casebook-Banner');
        strip.node.append(...texts.map(text => element('p', { title: text }, text)));
        // The header lays its widgets out by their minimum, which is zero unless it is set.
        strip.node.style.minHeight = `${texts.length * LINE_HEIGHT}px`;
        app.shell.add(strip, 'header');
      }
    };
    connection.changed.connect((_, { after }) => {
      update(after);
    });
    update(connection.status);
  }
};

/**
 * The texts to show, the worst first.
 */
function bannerTexts(status: IConnectionStatus): string[] {
  const mismatch = status.state === 'mismatch' ? [status.problem] : [];
  const own = status.catalog?.banner;
  return own ? [...mismatch, own] : mismatch;
}
