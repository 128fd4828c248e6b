import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import { htmlSlides } from '../src/report/deck';
import { notebookInside } from '../src/report/embedded';
import { readCells } from '../src/report/notebook';
import { arrangeSlides } from '../src/report/slides';
import {
  code,
  display,
  installPage,
  markdown,
  notebook,
  options,
  parsed,
  reveal
} from './report-page';

function arranged(...cells: readonly object[]): string[][] {
  return arrangeSlides(readCells(notebook(...cells))).map(column =>
    column.map(({ parts, notes }) =>
      [
        ...parts.map(({ cell, isFragment }) => (isFragment ? `(${cell.source})` : cell.source)),
        ...notes.map(cell => `/${cell.source}/`)
      ].join(' ')
    )
  );
}

function typed(source: string, slide_type: string): object {
  return markdown(source, { metadata: { slideshow: { slide_type } } });
}

const shown = (source: string): object => code(source, display({ 'text/plain': source }));

describe('slides', () => {
  before(installPage);

  it('follow the slide types of the cells', () => {
    assert.deepEqual(
      arranged(
        markdown('before'),
        typed('a', 'slide'),
        markdown('goes on'),
        typed('b', 'fragment'),
        typed('c', 'subslide'),
        typed('d', 'notes'),
        typed('e', 'skip'),
        typed('f', '-'),
        typed('g', 'slide')
      ),
      [['before'], ['a goes on (b)', 'c f /d/'], ['g']]
    );
  });

  it('follow the headings where no cell has a type, one output a slide', () => {
    assert.deepEqual(
      arranged(
        markdown('# Title'),
        code('import x'),
        markdown('## Signals'),
        shown('p90'),
        markdown('notes'),
        shown('level'),
        markdown('### Deeper'),
        markdown('## Fix')
      ),
      [['# Title'], ['## Signals p90', 'notes level', '### Deeper'], ['## Fix']]
    );
  });

  it('are one file: reveal.js by its digest, nobody else steers it, the notebook inside', async () => {
    const content = notebook(markdown('# Title'), markdown('## Signals'), shown('level'));
    const html = await htmlSlides({ ...(await options(content)), reveal: reveal() });
    const page = parsed(html);
    const policy = page.querySelector('meta[http-equiv]')?.getAttribute('content') ?? '';
    assert.match(policy, /default-src 'none'; script-src 'sha256-\S+' 'sha256-\S+'; /);
    assert.equal(page.querySelectorAll('script').length, 2);
    assert.equal(page.querySelectorAll('script[src], link').length, 0);
    assert.match(html, /postMessage: false/);
    const titles = [...page.querySelectorAll('.slides > section')].map(
      slide => slide.querySelector('h1, h2')?.textContent
    );
    assert.deepEqual(titles, ['Title', 'Signals', 'The notebook']);
    assert.deepEqual(notebookInside(html).content, content);
  });
});
