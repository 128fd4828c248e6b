import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { Widget } from '@lumino/widgets';

import { CHART_MIME, readChart, readTable, TABLE_MIME } from './bundle';
import { ChartView, pageTheme } from './chart-view';
import { element } from './dom';
import { PLAN_MIME } from './plan-output';
import { PlanRenderer } from './plan-renderer';
import { tableView } from './table-view';
import { TimeSeriesRenderer } from './timeseries-renderer';
import { TIMESERIES_MIME } from './timeseries';

/**
 * Shows a chart or a table that the kernel displayed.
 *
 * Charts follow the page's theme. A mime renderer starts before any plugin, so it has no theme manager, and watches the
 * attribute that JupyterLab sets instead.
 */
export class BundleRenderer extends Widget implements IRenderMime.IRenderer {
  constructor(options: IRenderMime.IRendererOptions) {
    super();
    this._mimeType = options.mimeType;
    this.addClass('casebook-Output');
    this._observer = new MutationObserver(() => this._chart?.setTheme(pageTheme()));
  }

  renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    this._observer.disconnect();
    this._chart = null;
    this.node.replaceChildren(this._draw(model.data[this._mimeType]));
    return Promise.resolve();
  }

  override dispose(): void {
    this._observer.disconnect();
    super.dispose();
  }

  private _draw(data: unknown): Node {
    const chart = this._mimeType === CHART_MIME ? readChart(data) : null;
    if (chart) {
      this._chart = new ChartView(chart, pageTheme());
      this._observer.observe(document.body, { attributeFilter: ['data-jp-theme-light'] });
      return this._chart.node;
    }
    const table = this._mimeType === TABLE_MIME ? readTable(data) : null;
    return table
      ? tableView(table)
      : element('p', {}, 'This output is not one that Casebook can show. Run the cell again.');
  }

  private readonly _mimeType: string;
  private readonly _observer: MutationObserver;
  private _chart: ChartView | null = null;
}

/**
 * The renderers, all `safe`, so that outputs show in notebooks that nobody trusted yet.
 */
const extensions: IRenderMime.IExtension[] = [
  {
    id: 'casebook:mime',
    description: 'Shows the charts and tables of Casebook.',
    rendererFactory: {
      safe: true,
      mimeTypes: [CHART_MIME, TABLE_MIME],
      createRenderer: options => new BundleRenderer(options)
    },
    rank: 40,
    dataType: 'json'
  },
  {
    id: 'casebook:mime-timeseries',
    description: 'Shows charts that can be looked into.',
    rendererFactory: {
      safe: true,
      mimeTypes: [TIMESERIES_MIME],
      createRenderer: () => new TimeSeriesRenderer()
    },
    rank: 39,
    dataType: 'json'
  },
  {
    id: 'casebook:mime-plan',
    description: 'Shows the plan that a cell waits for, and takes it back.',
    rendererFactory: {
      safe: true,
      mimeTypes: [PLAN_MIME],
      createRenderer: () => new PlanRenderer()
    },
    rank: 40,
    dataType: 'json'
  }
];

export default extensions;
