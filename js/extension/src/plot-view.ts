import UPlot from 'uplot';

import type { Theme } from './chart-view';
import { element } from './dom';
import { distance, type IPlotData, plotData, readings } from './plot-data';
import { legend, note } from './plot-head';
import { plotKey, type PlotMove } from './plot-keys';
import { plotOptions } from './plot-options';
import { lineColour, palette, type IPalette } from './plot-palette';
import { readout } from './plot-readout';
import { tableView } from './table-view';
import type { ITimeSeries } from './timeseries';

const HEIGHT = 300;

/** How much of the window a key press leaves. */
const ZOOM = 0.5;

/**
 * A chart that can be looked into: lines on a canvas, with zoom, a readout under the cursor, and the numbers behind it.
 *
 * It draws as soon as it is on the page and has a width, and again when that width changes.
 */
export class PlotView {
  /**
   * @param chart - what to draw.
   * @param theme - the theme to draw it in.
   * @param failed - told when it cannot be drawn after all.
   */
  constructor(chart: ITimeSeries, theme: Theme, failed: () => void) {
    this._chart = chart;
    this._data = plotData(chart);
    this._palette = palette(theme);
    this._zeroBased = chart.zeroBased;
    this._zero = element('button', { type: 'button' }, 'From zero');
    this._zero.addEventListener('click', () => {
      this._setZeroBased(!this._zeroBased);
    });
    this._whole = element('button', { type: 'button', disabled: '' }, 'Whole window');
    this._whole.addEventListener('click', () => {
      this._zoomTo(null);
    });
    this._legend = element('ul', { class: 'casebook-Plot-legend' });
    this._area = element('div', {
      class: 'casebook-Plot-area',
      tabindex: '0',
      role: 'group',
      'aria-label': `${chart.alt || chart.title || 'Chart'}. Left and right move through time, up and down from line to line, plus and minus zoom, zero shows the whole window.`
    });
    this._readout = element('div', { class: 'casebook-Plot-readout', 'aria-hidden': 'true' });
    this._dot = element('div', { class: 'casebook-Plot-dot' });
    this._spoken = element('p', { class: 'casebook-visuallyHidden', role: 'status' });
    this.node = element(
      'figure',
      { class: 'casebook-Plot', 'aria-label': chart.title || 'Chart' },
      element(
        'div',
        { class: 'casebook-Plot-head' },
        element('p', { class: 'casebook-Plot-title' }, chart.title || 'Chart'),
        this._legend,
        element('div', { class: 'casebook-Plot-buttons' }, this._zero, this._whole)
      ),
      this._area,
      this._spoken,
      element('p', { class: 'casebook-Plot-note' }, note(chart, this._data))
    );
    if (chart.note) {
      this.node.append(element('p', { class: 'casebook-Plot-marked' }, chart.note));
    }
    if (chart.table) {
      this.node.append(
        element('details', {}, element('summary', {}, 'Show the numbers'), tableView(chart.table))
      );
    }
    this._hideReadout();
    this._setZeroBased(this._zeroBased);
    this.setTheme(theme);
    this._area.addEventListener('focus', this);
    this._area.addEventListener('blur', this);
    this._size = new ResizeObserver(() => {
      try {
        this._fit();
      } catch {
        failed();
      }
    });
    this._size.observe(this._area);
  }

  /**
   * The element to show.
   */
  readonly node: HTMLElement;

  /**
   * Draw in the colours of a theme.
   */
  setTheme(theme: Theme): void {
    this._palette = palette(theme);
    this._legend.replaceChildren(...legend(this._data, line => this._colour(line)));
    this._hideReadout();
    this._plot?.redraw(false, false);
  }

  /**
   * Let go of the page and of the canvas.
   */
  dispose(): void {
    this._size.disconnect();
    window.removeEventListener('keydown', this, true);
    this._plot?.destroy();
    this._plot = null;
  }

  /**
   * Take the keys of the chart while it has the focus.
   *
   * JupyterLab's shortcuts listen on the document while an event comes down, so this listens on the window before them:
   * `0` twice would restart the kernel. Every other key is left to them.
   */
  handleEvent(event: Event): void {
    if (event.type === 'focus') {
      window.addEventListener('keydown', this, true);
    } else if (event.type === 'blur') {
      window.removeEventListener('keydown', this, true);
      this._hideReadout();
    } else if (event instanceof KeyboardEvent && event.target === this._area) {
      const move = plotKey(event);
      if (move) {
        event.preventDefault();
        event.stopImmediatePropagation();
        this._move(move);
      }
    }
  }

  private _fit(): void {
    const width = Math.floor(this._area.clientWidth);
    if (width === 0) {
      return;
    }
    if (this._plot) {
      if (this._plot.width !== width) {
        this._hideReadout();
        this._plot.setSize({ width, height: HEIGHT });
      }
      return;
    }
    this._plot = new UPlot(
      plotOptions(this._chart, this._data, {
        size: { width, height: HEIGHT },
        palette: () => this._palette,
        zeroBased: () => this._zeroBased,
        hovered: plot => {
          this._hover(plot);
        },
        zoomed: plot => {
          this._whole.disabled = !this._isZoomed(plot);
        }
      }),
      this._data.columns,
      this._area
    );
    this._plot.over.append(this._dot);
    this._area.append(this._readout);
  }

  private _setZeroBased(zeroBased: boolean): void {
    this._zeroBased = zeroBased;
    this._zero.setAttribute('aria-pressed', String(zeroBased));
    this._hideReadout();
    const { min, max } = this._plot?.scales.x ?? {};
    if (min !== undefined && max !== undefined) {
      // The value axis follows the visible window.
      this._plot?.setScale('x', { min, max });
    }
  }

  /** Show a part of the window, or the whole of it. */
  private _zoomTo(part: { min: number; max: number } | null): void {
    const [instants] = this._data.columns;
    const [first = 0, last = 0] = [instants[0], instants.at(-1)];
    const whole = { min: first, max: last };
    this._plot?.setScale('x', part ?? whole);
  }

  private _isZoomed({ scales }: UPlot): boolean {
    const [instants] = this._data.columns;
    const { min, max } = scales.x ?? {};
    return (min ?? -Infinity) > (instants[0] ?? 0) || (max ?? Infinity) < (instants.at(-1) ?? 0);
  }

  /** What is under the mouse: the nearest line first, then the highlighted ones. */
  private _hover(plot: UPlot): void {
    const { idx, left = -1, top = -1 } = plot.cursor;
    if (idx == null || left < 0 || top < 0) {
      this._hideReadout();
      return;
    }
    const value = plot.posToVal(top, 'y');
    const found = readings(this._data, idx).sort((a, b) => distance(a, value) - distance(b, value));
    this._show(plot, idx, found[0]?.line ?? null);
  }

  private _show(plot: UPlot, at: number, line: number | null): void {
    this._at = at;
    this._line = line;
    const found = readings(this._data, at);
    const rank = (index: number) =>
      index === line ? -1 : (this._data.lines[index]?.highlight ?? false) ? 0 : 1;
    found.sort((a, b) => rank(a.line) - rank(b.line) || b.max - a.max);
    const { nodes, sentence } = readout(this._chart, this._data, at, found, index =>
      this._colour(index)
    );
    this._readout.replaceChildren(...nodes);
    this._readout.hidden = false;
    this._sentence = sentence;
    const left = plot.valToPos(this._data.columns[0][at] ?? 0, 'x');
    const { offsetLeft, offsetTop, clientWidth } = plot.over;
    const reading = found.find(one => one.line === line);
    this._dot.hidden = !reading;
    if (reading) {
      this._dot.style.background = this._colour(reading.line);
      this._dot.style.left = `${left}px`;
      this._dot.style.top = `${plot.valToPos(reading.max, 'y')}px`;
    }
    // On the side that has room.
    const width = this._readout.offsetWidth;
    const beside = left > clientWidth / 2 ? left - width - 12 : left + 12;
    this._readout.style.left = `${offsetLeft + Math.max(beside, 0)}px`;
    this._readout.style.top = `${offsetTop + 4}px`;
  }

  private _hideReadout(): void {
    this._readout.hidden = true;
    this._dot.hidden = true;
    this._at = null;
  }

  /** Do what a key asks for. */
  private _move(move: PlotMove): void {
    const plot = this._plot;
    if (!plot) {
      return;
    }
    const { min = 0, max = 0 } = plot.scales.x ?? {};
    const [instants] = this._data.columns;
    const first = Math.max(
      instants.findIndex(x => x >= min),
      0
    );
    const last = instants.filter(x => x <= max).length - 1;
    const top = this._data.lines.length - 1;
    const at = Math.min(Math.max(this._at ?? first, first), Math.max(last, first));
    switch (move.kind) {
      case 'step': {
        // The first key shows the cursor; the next ones move it.
        const to = this._at === null ? first : at + move.by * this._data.each;
        this._read(plot, Math.min(Math.max(to, first), Math.max(last, first)), this._line ?? top);
        break;
      }
      case 'end':
        this._read(plot, move.of === 'first' ? first : last, this._line ?? top);
        break;
      case 'line': {
        const count = this._data.lines.length;
        const line = this._at === null ? top : ((this._line ?? top) + move.by + count) % count;
        this._read(plot, at, line);
        break;
      }
      case 'zoom':
        this._zoomAround(plot, this._at === null ? null : (instants[at] ?? null), move.in);
        break;
      case 'whole':
        this._zoomTo(null);
        break;
    }
  }

  /** Show a point of a line, and say it: this is for the keyboard. */
  private _read(plot: UPlot, at: number, line: number): void {
    const left = plot.valToPos(this._data.columns[0][at] ?? 0, 'x');
    plot.setCursor({ left, top: 0 }, false);
    this._show(plot, at, line);
    this._spoken.textContent = this._sentence;
  }

  private _zoomAround(plot: UPlot, centre: number | null, closer: boolean): void {
    const { min = 0, max = 0 } = plot.scales.x ?? {};
    const [instants] = this._data.columns;
    const [first = 0, last = 0] = [instants[0], instants.at(-1)];
    const wanted = (max - min) * (closer ? ZOOM : 1 / ZOOM);
    const width = Math.min(Math.max(wanted, this._chart.stepMs * 2), last - first);
    const from = (centre ?? (min + max) / 2) - width / 2;
    const start = Math.min(Math.max(from, first), last - width);
    this._zoomTo({ min: start, max: start + width });
  }

  private _colour(line: number): string {
    const { highlight } = this._data.lines[line] ?? {};
    return lineColour(this._palette, highlight ? this._data.lines.length - 1 - line : null);
  }

  private readonly _chart: ITimeSeries;
  private readonly _data: IPlotData;
  private readonly _zero: HTMLButtonElement;
  private readonly _whole: HTMLButtonElement;
  private readonly _legend: HTMLElement;
  private readonly _area: HTMLElement;
  private readonly _readout: HTMLElement;
  private readonly _dot: HTMLElement;
  private readonly _spoken: HTMLElement;
  private readonly _size: ResizeObserver;
  private _palette: IPalette;
  private _zeroBased: boolean;
  private _plot: UPlot | null = null;
  private _at: number | null = null;
  private _line: number | null = null;
  private _sentence = '';
}
