import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { Widget } from '@lumino/widgets';

import { element } from './dom';
import { PLAN_MIME, readPlanOutput } from './plan-output';
import { PlanView } from './plan-view';
import { ProxyApi } from './proxy-api';

/**
 * Shows a plan that a cell waits for.
 *
 * A mime renderer starts before any plugin, so it has its own way to the proxy.
 */
export class PlanRenderer extends Widget implements IRenderMime.IRenderer {
  constructor() {
    super();
    this.addClass('casebook-Output');
  }

  renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const output = readPlanOutput(model.data[PLAN_MIME]);
    if (output) {
      this._view.show(output);
    }
    const node = output
      ? this._view.node
      : element('p', {}, 'This output is not one that Casebook can show. Run the cell again.');
    // An update must not take the keyboard from the button.
    if (this.node.firstChild !== node) {
      this.node.replaceChildren(node);
    }
    return Promise.resolve();
  }

  override dispose(): void {
    this._view.dispose();
    super.dispose();
  }

  private readonly _view = new PlanView({ api: new ProxyApi({ origin: window.location.origin }) });
}
