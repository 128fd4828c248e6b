import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { Widget } from '@lumino/widgets';

import { readChart } from './bundle';
import { ChartView, pageTheme, type Theme } from './chart-view';
import { element } from './dom';
import { PlotView } from './plot-view';
import { type ITimeSeries, readTimeSeries, TIMESERIES_MIME } from './timeseries';

/**
 * Shows a chart that can be looked into; its picture, where its numbers cannot be read.
 *
 * A mime renderer starts before any plugin, so it has no theme manager, and watches the attribute that JupyterLab sets
 * instead.
 */
export class TimeSeriesRenderer extends Widget implements IRenderMime.IRenderer {
  constructor() {
    super();
    this.addClass('casebook-Output');
    this._observer = new MutationObserver(() => this._view?.setTheme(pageTheme()));
    this._observer.observe(document.body, { attributeFilter: ['data-jp-theme-light'] });
  }

  renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const data = model.data[TIMESERIES_MIME];
    const chart = readTimeSeries(data);
    const picture = () => {
      this._release();
      this.node.replaceChildren(
        this._picture(data, model.data['image/svg+xml'], chart !== null) ??
          element('p', {}, 'This chart is not one that Casebook can show. Run the cell again.')
      );
    };
    if (chart && hasNumbers(chart)) {
      this._release();
      const view = new PlotView(chart, pageTheme(), picture);
      this._view = view;
      this.node.replaceChildren(view.node);
    } else {
      picture();
    }
    return Promise.resolve();
  }

  override dispose(): void {
    this._observer.disconnect();
    this._release();
    super.dispose();
  }

  /** The chart as an image, or null when there is none; says so when its numbers were the reason. */
  private _picture(data: unknown, svg: unknown, readable: boolean): Node | null {
    const words = typeof data === 'object' && data !== null ? data : {};
    const chart = readChart({ ...words, svg });
    if (!chart) {
      return null;
    }
    const view = new ChartView(chart, pageTheme());
    this._view = view;
    const why = element('p', {}, 'The numbers of this chart cannot be read; this is its picture.');
    return element('div', {}, view.node, ...(readable ? [] : [why]));
  }

  private _release(): void {
    this._view?.dispose?.();
    this._view = null;
  }

  private readonly _observer: MutationObserver;
  private _view: { setTheme(theme: Theme): void; dispose?(): void } | null = null;
}

function hasNumbers({ series }: ITimeSeries): boolean {
  return series.some(({ samples }) =>
    ('values' in samples ? samples.values : samples.max).some(value => value !== null)
  );
}
