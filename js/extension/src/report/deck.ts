import { element } from '../dom';
import { cellNodes } from './cell';
import { writeDocument } from './document';
import { notebookFile } from './embedded';
import type { IWriters } from './markdown';
import { readCells } from './notebook';
import { factList, handOn } from './report';
import type { IReportOptions } from './report';
import { arrangeSlides } from './slides';
import type { Column, ISlide } from './slides';
import { summarize } from './summary';
import { findTitle, titleHeading } from './title';

/**
 * What slides are made of.
 */
export interface IDeckOptions extends IReportOptions {
  /**
   * The text of reveal.js, and of what starts it.
   */
  readonly reveal: string;
  readonly start: string;
}

/**
 * Write a notebook as one HTML file with slides: title, facts, the cells, and the notebook at the end.
 */
export async function htmlSlides(options: IDeckOptions): Promise<string> {
  const { content, path, now, writers, styles, reveal, start } = options;
  const cells = readCells(content);
  const title = await findTitle(content, cells, path, writers);
  const facts = summarize(cells);
  const file = notebookFile(content, path);
  const columns = await Promise.all(
    arrangeSlides(cells).map(column => columnNodes(column, writers))
  );
  // It stands on the opening slide already.
  titleHeading(
    columns.flat().flatMap(slide => [...slide.querySelectorAll('.text')]),
    title
  )?.remove();
  const introduction = takeIntroduction(columns);
  const shown = columns
    .map(column => column.filter(isSeen))
    .flatMap(column => (column.length > 1 ? [element('section', {}, ...column)] : column));
  const hasNotes = shown.some(node => node.querySelector('aside.notes'));
  return writeDocument({
    title,
    styles,
    scripts: [reveal, start],
    body: [
      element(
        'main',
        {},
        // A role of its own: reveal.js makes it an application.
        element(
          'div',
          { class: 'reveal' },
          element(
            'div',
            { class: 'slides' },
            page(
              element('h1', {}, title),
              ...introduction,
              ...(facts.length > 0 ? [factList(facts)] : [])
            ),
            ...shown,
            page(
              element('h2', {}, 'The notebook'),
              ...(await handOn(file, now)),
              ...manual(hasNotes)
            )
          )
        )
      )
    ]
  });
}

async function columnNodes(column: Column, writers: IWriters): Promise<HTMLElement[]> {
  const slides = await Promise.all(column.map(slide => slideNode(slide, writers)));
  let name = '';
  slides.forEach((slide, at) => {
    name = slide.querySelector('.text h1, .text h2')?.textContent.trim() ?? name;
    if (name && column[at]?.goesOn) {
      slide.firstElementChild?.prepend(element('p', { class: 'section-name' }, name));
    }
  });
  return slides;
}

async function slideNode({ parts, notes }: ISlide, writers: IWriters): Promise<HTMLElement> {
  const shown = await Promise.all(
    parts.map(async ({ cell, isFragment }) =>
      element(
        'div',
        { class: isFragment ? 'cell fragment' : 'cell' },
        ...(await cellNodes(cell, writers))
      )
    )
  );
  const slide = page(...shown);
  if (notes.length > 0) {
    const spoken = await Promise.all(notes.map(cell => cellNodes(cell, writers)));
    slide.append(element('aside', { class: 'notes' }, ...spoken.flat()));
  }
  return slide;
}

function page(...content: readonly Node[]): HTMLElement {
  return element('section', {}, element('div', { class: 'content' }, ...content));
}

function isSeen(slide: HTMLElement): boolean {
  const content = slide.firstElementChild;
  return Boolean(content?.textContent.trim()) || content?.querySelector('img') != null;
}

/**
 * Take what stands below the title for the opening slide, when it is text and nothing else.
 *
 * @param columns - the slides; the first column is left empty.
 */
function takeIntroduction(columns: HTMLElement[][]): Node[] {
  const [first] = columns;
  const [slide, another] = first ?? [];
  const isText = slide?.querySelector('h1, h2, h3, .outputs, .code, .fragment, .notes') === null;
  if (!slide || another || !isText) {
    return [];
  }
  columns.shift();
  return [...(slide.firstElementChild?.childNodes ?? [])];
}

/**
 * The keys that nobody would guess, and the way to paper.
 */
function manual(hasNotes: boolean): Node[] {
  const keys = [
    ['Space', ' goes on, '],
    ['Esc', ' shows all slides, '],
    ['F', hasNotes ? ' fills the screen, ' : ' fills the screen.'],
    ...(hasNotes ? [['S', ' shows the notes of the speaker.'] as const] : [])
  ] as const;
  return [
    element(
      'p',
      { class: 'screen-only' },
      ...keys.flatMap(([key, does]) => [element('kbd', {}, key), does])
    ),
    element(
      'p',
      { class: 'screen-only' },
      element('a', { href: '?view=print' }, 'Lay the slides out as pages'),
      ', to print them or to save a PDF.'
    )
  ];
}
