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
  scripts
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

  it('follow the headings where no cell has a type: one output a slide, with what is said about it', () => {
    const long = 'long '.repeat(80).trim();
    assert.deepEqual(
      arranged(
        markdown('# Title'),
        code('import x'),
        markdown('## Signals'),
        shown('p90'),
        markdown('notes'),
        shown('level'),
        markdown(long),
        markdown('### Deeper'),
        shown('deep'),
        markdown('### Deepest'),
        markdown('## Fix\n\n### At once'),
        markdown('```sh\n# no heading\n```')
      ),
      [
        ['# Title'],
        ['## Signals p90 notes', 'level', `${long} ### Deeper`, 'deep', '### Deepest'],
        ['## Fix\n\n### At once ```sh\n# no heading\n```']
      ]
    );
  });

  it('follow every heading of a cell, underlined ones too, but none in code', () => {
    assert.deepEqual(
      arranged(
        markdown('# Title\n\nAbout it.\n\n## Signals\n\nSee [them][a].\n\n[a]: https://ok.test/'),
        markdown('More.\n\nThe fix\n-------\n\n```sh\n## no heading\n```'),
        shown('done'),
        markdown('The end\n==='),
        typed('## Said\n\n## aloud', 'notes')
      ),
      [
        ['# Title\n\nAbout it.\n\n[a]: https://ok.test/'],
        ['## Signals\n\nSee [them][a].\n\n[a]: https://ok.test/\n\n[a]: https://ok.test/ More.'],
        ['The fix\n-------\n\n```sh\n## no heading\n``` done'],
        ['The end\n===']
      ]
    );
  });

  it('follow the headings, and heed the types that start no slide', () => {
    assert.deepEqual(
      arranged(
        markdown('## Signals'),
        typed('hidden', 'skip'),
        typed('spoken', 'notes'),
        typed('later', 'fragment'),
        shown('p90')
      ),
      [['## Signals (later) p90 /spoken/']]
    );
  });

  it('open with the title, what stands below it, and the facts; name the section on what goes on below', async () => {
    const content = notebook(
      markdown('# Title\n\nAbout *this*.'),
      code('cb.window("2026-11-22T07:00:00Z", "2026-11-22T07:05:00Z")'),
      markdown('## Signals'),
      shown('p90'),
      shown('level')
    );
    const page = parsed(await htmlSlides({ ...(await options(content)), ...scripts() }));
    const [opening, signals] = page.querySelectorAll('.slides > section');
    assert.match(
      opening?.textContent ?? '',
      /^Title\s*About this\.\s*Window2026-11-22 07:00:00 to 07:05:00 UTC/
    );
    assert.equal(page.querySelectorAll('h1').length, 1);
    const below = signals?.querySelectorAll(':scope > section');
    assert.equal(below?.length, 2);
    assert.equal(below[1]?.querySelector('.section-name')?.textContent, 'Signals');
    assert.equal(below[0]?.querySelector('.section-name'), null);
  });

  it('keep a heading that is not the title', async () => {
    const content = notebook(
      typed('# Skipped', 'skip'),
      typed('# First', 'slide'),
      typed('## Second', 'slide')
    );
    const page = parsed(await htmlSlides({ ...(await options(content)), ...scripts() }));
    assert.deepEqual(
      [...page.querySelectorAll('.slides > section')].map(
        slide => slide.querySelector('h1, h2')?.textContent
      ),
      ['Skipped', 'First', 'Second', 'The notebook']
    );
  });

  it('tell of the notes of the speaker where there are any', async () => {
    for (const type of ['notes', 'fragment']) {
      const content = notebook(typed('## A', 'slide'), typed('spoken', type));
      const page = parsed(await htmlSlides({ ...(await options(content)), ...scripts() }));
      assert.equal(
        page.querySelector('aside.notes')?.textContent.trim(),
        type === 'notes' ? 'spoken' : undefined
      );
      assert.equal(page.body.textContent.includes('S shows the notes'), type === 'notes');
    }
  });

  it('hold their scripts to the letter, whatever these replace in a text', async () => {
    const content = notebook(markdown('# Title'));
    const start = 'text.replace(/x/g, "$& $\' $` $$ $1")';
    const html = await htmlSlides({ ...(await options(content)), ...scripts(), start });
    assert.ok(html.includes(`<script>${start}</script></body>`));
  });

  it('are one file: reveal.js by its digest, nobody else steers it, the notebook inside', async () => {
    const content = notebook(markdown('# Title'), markdown('## Signals'), shown('level'));
    const html = await htmlSlides({ ...(await options(content)), ...scripts() });
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
