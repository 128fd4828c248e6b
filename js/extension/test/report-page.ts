import { readFileSync } from 'node:fs';
import * as path from 'node:path';

import { JSDOM } from 'jsdom';

import type { IWriters } from '../src/report/markdown';
import type { IReportOptions } from '../src/report/report';

/** `js/extension`; the compiled tests are in `lib/cjs/test`. */
const EXTENSION = path.resolve(__dirname, '../../..');

/** A browser's document, as the code that makes reports finds it. */
export function installPage(): void {
  const { window } = new JSDOM('<!doctype html><body></body>');
  Object.assign(globalThis, {
    window,
    document: window.document,
    navigator: window.navigator,
    DOMParser: window.DOMParser
  });
}

/** The parser and the search for formulas are JupyterLab's; its highlighter needs its editor, so code has no colours. */
export async function writers(): Promise<IWriters> {
  const [{ marked }, { removeMath }] = await Promise.all([
    import('marked'),
    import('@jupyterlab/rendermime/lib/latex.js')
  ]);
  return {
    markdown: source => Promise.resolve(marked.parse(source, { gfm: true })),
    highlight: source => {
      const host = document.createElement('div');
      host.textContent = source;
      return Promise.resolve(host.innerHTML);
    },
    removeMath
  };
}

/** What a report of a notebook is made of. */
export async function options(content: unknown): Promise<IReportOptions> {
  return {
    content,
    path: 'cases/2026-11-22-0700-checkout.ipynb',
    now: new Date('2026-11-22T08:00:00Z'),
    writers: await writers(),
    styles: ['content.raw.css', 'report.raw.css'].map(name =>
      readFileSync(path.join(EXTENSION, 'style/report', name), 'utf8')
    )
  };
}

/** The scripts that slides hold. */
export function scripts(): { reveal: string; start: string } {
  return {
    reveal: readFileSync(require.resolve('reveal.js'), 'utf8'),
    start: readFileSync(path.join(EXTENSION, 'style/report/start-slides.js'), 'utf8')
  };
}

/** A file's document, parsed and not run. */
export function parsed(html: string): Document {
  return new JSDOM(html).window.document;
}

export function notebook(...cells: readonly object[]): Record<string, unknown> {
  return { cells, metadata: {}, nbformat: 4, nbformat_minor: 5 };
}

export function markdown(source: string, rest: object = {}): object {
  return { cell_type: 'markdown', metadata: {}, source, ...rest };
}

export function code(source: string, ...outputs: readonly object[]): object {
  return { cell_type: 'code', execution_count: 1, metadata: {}, outputs, source };
}

export function display(data: object): object {
  return { output_type: 'display_data', metadata: {}, data };
}
