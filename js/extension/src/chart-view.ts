import type { IChart } from './bundle';
import { element } from './dom';
import { tableView } from './table-view';

/**
 * The themes that a chart knows.
 */
export type Theme = 'light' | 'dark';

/**
 * A chart on the page: the picture as an image, so that nothing in the SVG can run, and its numbers behind it.
 */
export class ChartView {
  /**
   * @param chart - what to draw.
   * @param theme - the theme to draw it in.
   */
  constructor(chart: IChart, theme: Theme) {
    this._svg = chart.svg;
    this._image = element('img', { alt: chart.alt || chart.title || 'Chart' });
    this.node = element('figure', { class: 'casebook-Chart' }, this._image);
    if (chart.note) {
      this.node.append(element('p', { class: 'casebook-Plot-marked' }, chart.note));
    }
    if (chart.table) {
      this.node.append(
        element('details', {}, element('summary', {}, 'Show the numbers'), tableView(chart.table))
      );
    }
    this.setTheme(theme);
  }

  /**
   * The element to show.
   */
  readonly node: HTMLElement;

  /**
   * Draw the picture in a theme.
   */
  setTheme(theme: Theme): void {
    this._image.src = `data:image/svg+xml,${encodeURIComponent(themedSvg(this._svg, theme))}`;
  }

  private readonly _svg: string;
  private readonly _image: HTMLImageElement;
}

/**
 * Change the theme of a chart's SVG: the core writes `data-theme="light"` on the root element, and a style for each value.
 */
export function themedSvg(svg: string, theme: Theme): string {
  return svg.replace(/^(\s*<svg\b[^>]*?\sdata-theme=")light"/, `$1${theme}"`);
}

/**
 * The theme of the page: JupyterLab writes it on the body.
 */
export function pageTheme(): Theme {
  return document.body.dataset.jpThemeLight === 'false' ? 'dark' : 'light';
}
