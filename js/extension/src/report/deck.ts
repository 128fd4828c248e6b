import { element } from '../dom';
import { cellNodes } from './cell';
import { writeDocument } from './document';
import { notebookFile } from './embedded';
import { readCells } from './notebook';
import { factList, handOn } from './report';
import type { IReportOptions } from './report';
import { arrangeSlides } from './slides';
import type { IPart, ISlide } from './slides';
import { summarize } from './summary';

/**
 * What slides are made of.
 */
export interface IDeckOptions extends IReportOptions {
  /**
   * The text of reveal.js.
   */
  readonly reveal: string;
}

// Nobody outside of the file steers it: reveal.js would take any call by `postMessage`.
const START = `Reveal.initialize({
  hash: true, respondToHashChanges: true, history: false, transition: 'none', slideNumber: 'c/t', center: false,
  width: 1280, height: 720, margin: 0.04, pdfMaxPagesPerSlide: 1, postMessage: false, postMessageEvents: false
});`;

/**
 * Write a notebook as one HTML file with slides: title, facts, the cells, and the notebook at the end.
 */
export async function htmlSlides(options: IDeckOptions): Promise<string> {
  const { content, path, now, writers, styles, reveal } = options;
  const cells = readCells(content);
  const { title, facts } = summarize(content, cells, path);
  const file = notebookFile(content, path);
  const columns = await Promise.all(
    arrangeSlides(cells).map(async column => {
      const slides = await Promise.all(column.map(slide => slideNode(slide, options)));
      const [only] = slides;
      return slides.length === 1 && only ? only : element('section', {}, ...slides);
    })
  );
  removeTitle(columns);
  return writeDocument({
    title,
    styles,
    scripts: [reveal, START],
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
            element(
              'section',
              { class: 'opening' },
              element('h1', {}, title),
              ...(facts.length > 0 ? [factList(facts)] : [])
            ),
            ...columns.filter(column => column.textContent.trim() || column.querySelector('img')),
            element('section', {}, element('h2', {}, 'The notebook'), ...(await handOn(file, now)))
          )
        )
      )
    ]
  });

  async function slideNode(
    { parts, notes }: ISlide,
    { writers: own }: IDeckOptions
  ): Promise<HTMLElement> {
    const shown = await Promise.all(parts.map(partNode));
    const spoken = await Promise.all(notes.map(cell => cellNodes(cell, own)));
    return element(
      'section',
      {},
      element('div', { class: 'content' }, ...shown),
      ...(spoken.length > 0 ? [element('aside', { class: 'notes' }, ...spoken.flat())] : [])
    );
  }

  async function partNode({ cell, isFragment }: IPart): Promise<HTMLElement> {
    const name = isFragment ? 'cell fragment' : 'cell';
    return element('div', { class: name }, ...(await cellNodes(cell, writers)));
  }
}

/**
 * The title stands on the opening slide already.
 */
function removeTitle(columns: readonly Element[]): void {
  for (const column of columns) {
    const heading = column.querySelector('.text h1');
    if (heading) {
      heading.remove();
      return;
    }
  }
}
