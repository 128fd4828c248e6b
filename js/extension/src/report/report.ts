import { element, toneSign, utc } from '../dom';
import { cellNodes } from './cell';
import { contentsList } from './contents-list';
import { writeDocument } from './document';
import { notebookFile, notebookLink } from './embedded';
import type { INotebookFile } from './embedded';
import type { IWriters } from './markdown';
import { readCells } from './notebook';
import { summarize } from './summary';
import type { IFact } from './summary';
import { findTitle, titleHeading } from './title';

const TONE_WORDS = { ok: 'Good', warn: 'Unsure', bad: 'Attention' } as const;

/**
 * What a report is made of.
 */
export interface IReportOptions {
  /**
   * The notebook's JSON.
   */
  readonly content: unknown;

  /**
   * The path of the notebook's file.
   */
  readonly path: string;

  /**
   * When the report is made.
   */
  readonly now: Date;
  readonly writers: IWriters;

  /**
   * The page's own CSS, and that of the code's colours.
   */
  readonly styles: readonly string[];
}

/**
 * Write a notebook as one HTML page for the readers of a ticket, without any script.
 */
export async function htmlReport(options: IReportOptions): Promise<string> {
  const { content, path, now, writers, styles } = options;
  const cells = readCells(content);
  const title = await findTitle(content, cells, path, writers);
  const facts = summarize(cells);
  const file = notebookFile(content, path);

  const written = await Promise.all(cells.map(cell => cellNodes(cell, writers)));
  const sections = written.flatMap((nodes, at) =>
    nodes.length > 0
      ? [element('section', { class: `cell ${cells[at]?.kind ?? ''}` }, ...nodes)]
      : []
  );
  const texts = sections.flatMap(node => [...node.querySelectorAll('.text')]);
  const contents = contentsList(texts, titleHeading(texts, title));

  return writeDocument({
    title,
    styles,
    scripts: [],
    body: [
      element(
        'header',
        { id: 'top' },
        element('h1', {}, title),
        ...(facts.length > 0 ? [factList(facts)] : [])
      ),
      element(
        'aside',
        { class: 'side', 'aria-label': 'This page' },
        ...(contents ? [contents] : []),
        element(
          'label',
          { class: 'switch' },
          element('input', { type: 'checkbox', id: 'all-code' }),
          ' Show all code'
        )
      ),
      element(
        'main',
        {},
        ...sections.filter(node => node.textContent.trim() || node.querySelector('img'))
      ),
      element('footer', {}, ...(await handOn(file, now)))
    ]
  });
}

/**
 * The lines that a reader of the ticket wants first.
 */
export function factList(facts: readonly IFact[]): HTMLElement {
  return element(
    'dl',
    { class: 'facts' },
    ...facts.map(({ name, text, tone }) =>
      element(
        'div',
        tone ? { class: `casebook-mod-${tone}` } : {},
        element('dt', {}, name),
        element(
          'dd',
          {},
          ...(tone
            ? [
                toneSign(tone),
                element('span', { class: 'casebook-visuallyHidden' }, `${TONE_WORDS[tone]}: `),
                ' '
              ]
            : []),
          text
        )
      )
    )
  );
}

/**
 * How to get the notebook back, and how to tell that it is the one.
 */
export async function handOn(file: INotebookFile, now: Date): Promise<Node[]> {
  const bytes = new TextEncoder().encode(file.text);
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  const hex = [...hash].map(byte => byte.toString(16).padStart(2, '0')).join('');
  return [
    element(
      'p',
      {},
      notebookLink(file, 'Download the notebook'),
      ` ${file.name}, ${Math.ceil(bytes.length / 1000)} kB`
    ),
    element(
      'p',
      { class: 'screen-only' },
      'The notebook is inside this file. To go on with it in Casebook, drop this file onto the file browser there and open it.'
    ),
    element(
      'p',
      {},
      `Written by Casebook at ${utc(now)}. SHA-256 of the notebook: `,
      element('code', {}, hex)
    )
  ];
}
