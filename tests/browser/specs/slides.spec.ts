import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import type { Browser, Page } from '@playwright/test';

import { Exported, exportAs } from '../support/exported.ts';
import { expect, sharedTest as test } from '../support/fixtures.ts';
import { Notebook } from '../support/notebook.ts';
import { RESULTS_DIR } from '../support/paths.ts';
import { pages } from '../support/pdf.ts';
import { picture } from '../support/picture.ts';

const CHART = (label: string) =>
  '<svg xmlns="http://www.w3.org/2000/svg" data-theme="light" width="760" height="320" ' +
  `viewBox="0 0 760 320"><rect width="760" height="320" fill="#dde"/><text x="9" y="99">${label}</text></svg>`;

function markdown(source: string, slide_type?: string): object {
  const metadata = slide_type ? { slideshow: { slide_type } } : {};
  return { cell_type: 'markdown', metadata, source };
}

const TABLE = {
  caption: 'Suspects: level',
  columns: [
    { key: 'series', label: 'series' },
    { key: 'ratio', label: 'swing ratio' }
  ],
  rows: [{ series: 'object4', ratio: 12 }],
  notes: [],
  headline: 'object4 swings 12 times its habit.',
  tone: 'bad'
};

function chart(label: string, slide_type?: string): object {
  return output(
    label,
    {
      'application/vnd.casebook.chart.v1+json': {
        svg: CHART(label),
        alt: label,
        title: label,
        table: TABLE
      }
    },
    slide_type
  );
}

function output(label: string, data: object, slide_type?: string): object {
  return {
    cell_type: 'code',
    execution_count: 1,
    metadata: slide_type ? { slideshow: { slide_type } } : {},
    source: label,
    outputs: [
      {
        output_type: 'display_data',
        metadata: {},
        data
      }
    ]
  };
}

/** Exports a notebook of these cells as slides, and says where the file is. */
async function deck(page: Page, cells: readonly object[]): Promise<string> {
  const notebook = await Notebook.openAs(page, 'deck.ipynb', {
    cells,
    metadata: { kernelspec: { name: 'python', display_name: 'Python' } },
    nbformat: 4,
    nbformat_minor: 4
  });
  return (await exportAs(notebook, 'Slides')).file;
}

/** What axe has against a slide that is not the first, where the title stands. */
async function violations(shown: Exported): Promise<string[]> {
  return (await shown.violations()).filter(
    text => !text.startsWith('page-has-heading-one')
  );
}

/** What an audience sees now. */
const present = (page: Page) => page.locator('section.present:not(.stack)');

test('slides follow the slide types, every one of them', async ({
  page,
  browser
}) => {
  const file = await deck(page, [
    markdown('# The review'),
    markdown('## Signals', 'slide'),
    markdown('goes on by itself'),
    markdown('goes on because it says so', '-'),
    markdown('comes later', 'fragment'),
    chart('comes last', 'fragment'),
    markdown('left out', 'skip'),
    markdown('said aloud: **nobody slept**', 'notes'),
    markdown('## Below', 'subslide'),
    chart('level'),
    output('verdict', { 'application/vnd.casebook.table.v1+json': TABLE }),
    markdown('## Fix', 'slide')
  ]);
  expect(readFileSync(file, 'utf8'), 'not even hidden').not.toContain(
    '>left out<'
  );

  for (const scheme of ['light', 'dark'] as const) {
    const shown = await Exported.open(browser, file, scheme);
    const { page: view } = shown;
    const slide = present(view);
    const heading = slide.getByRole('heading');
    const keep = (name: string) => picture(view, `slides-${name}-${scheme}`);
    await expect(heading).toHaveText('The review');

    await view.keyboard.press('ArrowRight');
    await expect(heading).toHaveText('Signals');
    await expect(slide.getByText('goes on by itself')).toBeVisible();
    await expect(slide.getByText('goes on because it says so')).toBeVisible();
    const later = slide.getByText('comes later');
    const last = slide.getByAltText('comes last');
    await expect(later).toHaveCSS('visibility', 'hidden');
    await view.keyboard.press('Space');
    await expect(later).toHaveCSS('visibility', 'visible');
    await expect(last).toHaveCSS('visibility', 'hidden');
    await view.keyboard.press('Space');
    await expect(last).toHaveCSS('visibility', 'visible');

    // Nobody but the speaker, who asks for them.
    const notes = view.getByText('said aloud').filter({ visible: true });
    await expect(notes).toHaveCount(0);
    await view.keyboard.press('s');
    await expect(notes).toBeInViewport();
    await expect(notes.locator('strong')).toHaveText('nobody slept');
    await expect(heading, 'the slide is beside them').toBeInViewport({
      ratio: 1
    });
    await keep('notes');
    expect(await violations(shown)).toEqual([]);
    await view.keyboard.press('s');
    await expect(notes).toHaveCount(0);

    await view.keyboard.press('ArrowDown');
    await expect(heading).toHaveText('Below');
    await expect(slide.getByRole('img', { name: 'level' })).toBeVisible();
    await expect(slide.getByRole('table').last()).toBeVisible();
    await keep('table');
    expect(await violations(shown), 'a chart and a table').toEqual([]);
    await view.keyboard.press('ArrowRight');
    await expect(heading).toHaveText('Fix');
    await view.keyboard.press('ArrowRight');
    await expect(heading).toHaveText('The notebook');
    await expect(slide.getByText('S shows the notes')).toBeVisible();
    expect(shown.wrongs).toEqual([]);
    await shown.close();
  }
});

test('a slide uses its room, and nothing lies on top of something else', async ({
  page,
  browser
}) => {
  const rows = Array.from({ length: 18 }, (_, row) => `| ${row} | x |`);
  const file = await deck(page, [
    markdown('# The review'),
    markdown('## Chart'),
    chart('level'),
    markdown(`## Table\n\n| a | b |\n|---|---|\n${rows.join('\n')}`)
  ]);
  const shown = await Exported.open(browser, file);
  const { page: view } = shown;
  await view.setViewportSize({ width: 1280, height: 720 });
  await expect(present(view).getByRole('heading')).toHaveText('The review');
  await view.keyboard.press('ArrowRight');

  const frame = await present(view).boundingBox();
  const image = await present(view).getByRole('img').boundingBox();
  expect(image?.width, 'a chart is as wide as the slide').toBeGreaterThan(
    0.9 * (frame?.width ?? Infinity)
  );
  const number = view.locator('.slide-number');
  const controls = view.locator('.controls');
  await expect(number).toBeVisible();
  expect(
    overlap(await number.boundingBox(), await controls.boundingBox()),
    'the number beside the arrows'
  ).toBe(false);

  await view.keyboard.press('ArrowRight');
  const content = present(view).locator('.content');
  const [inside, room] = await content.evaluate(node => [
    node.scrollHeight,
    node.clientHeight
  ]);
  expect(inside, 'a table of 18 rows is on the slide').toBe(room);
  await expect(content.getByRole('cell', { name: '17' })).toBeInViewport({
    ratio: 1
  });
  expect(shown.wrongs).toEqual([]);
  await shown.close();
  await onPaper(browser, file);
});

/** Each slide is one page, by `?view=print` and without, in the colours of paper whatever the screen has. */
async function onPaper(browser: Browser, file: string): Promise<void> {
  const print = await Exported.open(browser, file, 'dark', '?view=print');
  const { page: view } = print;
  const sheets = view.locator('.pdf-page');
  await expect(sheets).toHaveCount(4);
  await view.emulateMedia({ media: 'print', colorScheme: 'dark' });
  for (const sheet of await sheets.all()) {
    const box = await sheet.boundingBox();
    const content = await sheet.locator('.content').boundingBox();
    expect(contains(box, content), 'all of a slide is on its page').toBe(true);
    for (const image of await sheet.getByRole('img').all()) {
      expect(contains(box, await image.boundingBox())).toBe(true);
    }
    expect(await ground(sheet)).toBe('rgb(255, 255, 255)');
  }
  const laidOut = await view.pdf({
    path: path.join(RESULTS_DIR, 'slides-print.pdf'),
    preferCSSPageSize: true
  });
  expect(pages(laidOut)).toHaveLength(4);
  expect(print.wrongs).toEqual([]);
  await print.close();

  const plain = await Exported.open(browser, file, 'dark');
  await expect(present(plain.page)).toBeVisible();
  const asItIs = await plain.page.pdf({
    path: path.join(RESULTS_DIR, 'slides-plain.pdf'),
    preferCSSPageSize: true
  });
  expect(pages(asItIs)).toHaveLength(4);
  const [{ width, height }] = pages(asItIs);
  expect(width, 'across').toBeGreaterThan(height);
  await plain.close();
}

interface IBox {
  x: number;
  y: number;
  width: number;
  height: number;
}

function overlap(one: IBox | null, other: IBox | null): boolean {
  return Boolean(
    one &&
    other &&
    one.x < other.x + other.width &&
    other.x < one.x + one.width &&
    one.y < other.y + other.height &&
    other.y < one.y + one.height
  );
}

function contains(outer: IBox | null, inner: IBox | null): boolean {
  return Boolean(
    outer &&
    inner &&
    inner.width > 0 &&
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  );
}

/** The colour behind an element. */
async function ground(
  place: import('@playwright/test').Locator
): Promise<string> {
  return place.evaluate(node => {
    for (let at: Element | null = node; at; at = at.parentElement) {
      const { backgroundColor } = getComputedStyle(at);
      if (backgroundColor !== 'rgba(0, 0, 0, 0)') {
        return backgroundColor;
      }
    }
    return 'none';
  });
}
