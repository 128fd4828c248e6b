import { CHART_MIME, readChart, readTable, TABLE_MIME } from '../bundle';
import type { IChart } from '../bundle';
import { themedSvg } from '../chart-view';
import { element, utc } from '../dom';
import { PLAN_MIME, readPlanOutput } from '../plan-output';
import { tableView } from '../table-view';
import { TIMESERIES_MIME } from '../timeseries';
import { dataUrl } from './base64';
import { markdownFragment } from './markdown';
import type { IWriters } from './markdown';
import { mathml } from './math';
import type { IOutput } from './notebook';
import { joined } from './notebook';
import { isPicture, sanitize } from './sanitize';

const PICTURES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'] as const;

type Data = Readonly<Record<string, unknown>>;

/**
 * Write one output as an element.
 */
export async function outputNode(output: IOutput, writers: IWriters): Promise<Node> {
  switch (output.kind) {
    case 'stream':
      return terminal(output.text, output.isError ? 'stream warning' : 'stream');
    case 'error':
      return element(
        'div',
        { class: 'error' },
        element(
          'p',
          {},
          element('strong', {}, output.name || 'Error'),
          ...(output.message ? [`: ${output.message}`] : [])
        ),
        ...(output.traceback
          ? [
              element(
                'details',
                {},
                element('summary', {}, 'Traceback'),
                await terminal(output.traceback, 'stream')
              )
            ]
          : [])
      );
    case 'data':
      return dataNode(output.data, writers);
  }
}

/**
 * Write a text of a terminal: its colours, and nothing else of it.
 */
export async function terminal(text: string, className: string): Promise<HTMLElement> {
  const { AnsiUp } = await import('ansi_up');
  const colours = new AnsiUp();
  colours.use_classes = true;
  // An address in an output is text; OSC 8 could show another one than it leads to.
  colours.url_allowlist = {};
  return element(
    'pre',
    { class: className },
    await sanitize(colours.ansi_to_html(text.replace(/\n$/, '')))
  );
}

async function dataNode(data: Data, writers: IWriters): Promise<Node> {
  const own = ownNode(data);
  if (own) {
    return own;
  }
  const alt = joined(data['text/plain']).slice(0, 300) || 'A picture without a description';
  const svg = joined(data['image/svg+xml']);
  if (svg) {
    return element('img', { src: dataUrl('image/svg+xml', svg), alt });
  }
  for (const mime of PICTURES) {
    const source = `data:${mime};base64,${joined(data[mime]).replace(/\s/g, '')}`;
    if (isPicture(source)) {
      return element('img', { src: source, alt });
    }
  }
  if (joined(data['text/html'])) {
    return scrolling(await sanitize(joined(data['text/html'])));
  }
  if (joined(data['text/markdown'])) {
    return scrolling(await markdownFragment(joined(data['text/markdown']), {}, writers));
  }
  if (joined(data['text/latex'])) {
    return scrolling(await mathml(joined(data['text/latex'])));
  }
  return terminal(joined(data['text/plain']), 'value');
}

function ownNode(data: Data): Node | null {
  const chart = readChart(data[CHART_MIME]) ?? pictureOfSeries(data);
  if (chart) {
    return chartNode(chart);
  }
  const table = readTable(data[TABLE_MIME]);
  if (table) {
    return tableView(table);
  }
  const plan = readPlanOutput(data[PLAN_MIME]);
  if (plan) {
    // As the notebook had it: a report asks nobody, and leads to no approval.
    const expires =
      plan.state === 'waiting' && plan.expiresAt ? ` It expires at ${utc(plan.expiresAt)}.` : '';
    const sentences = `${plan.what}: ${plan.state}. ${plan.outcome} ${plan.note}${expires}`;
    return element('p', { class: 'plan' }, sentences.replace(/\s+/g, ' ').trim());
  }
  return null;
}

/**
 * The picture that comes with a chart's numbers, with their words and table.
 */
function pictureOfSeries(data: Data): IChart | null {
  const words = data[TIMESERIES_MIME];
  const svg = joined(data['image/svg+xml']);
  return typeof words === 'object' && words !== null ? readChart({ ...words, svg }) : null;
}

/**
 * A chart in the colours of the reader's theme, on paper in the light ones, with its numbers behind it.
 */
function chartNode(chart: IChart): HTMLElement {
  const picture = element(
    'picture',
    {},
    element('source', {
      media: 'screen and (prefers-color-scheme: dark)',
      srcset: dataUrl('image/svg+xml', themedSvg(chart.svg, 'dark'))
    }),
    element('img', {
      src: dataUrl('image/svg+xml', chart.svg),
      alt: chart.alt || chart.title || 'Chart',
      ...size(chart.svg)
    })
  );
  const marked = chart.note ? [element('figcaption', {}, chart.note)] : [];
  const numbers = chart.table
    ? [element('details', {}, element('summary', {}, 'Show the numbers'), tableView(chart.table))]
    : [];
  return element('figure', { class: 'casebook-Chart' }, picture, ...marked, ...numbers);
}

/**
 * The room that a picture takes, so that nothing moves when it comes.
 */
function size(svg: string): Record<string, string> {
  const [, width, height] = /^\s*<svg\b[^>]*?\swidth="(\d+)"\s+height="(\d+)"/.exec(svg) ?? [];
  return width && height ? { width, height } : {};
}

/**
 * Wide content scrolls by itself, so the keyboard has to reach it.
 */
function scrolling(content: Node): HTMLElement {
  return element(
    'div',
    { class: 'rich', tabindex: '0', role: 'group', 'aria-label': 'Output' },
    content
  );
}
