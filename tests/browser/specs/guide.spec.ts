import type { Locator, Page } from '@playwright/test';

import { expect, sharedTest as test } from '../support/fixtures.ts';
import { Notebook } from '../support/notebook.ts';
import { pictures } from '../support/picture.ts';

const preview = (page: Page): Locator =>
  page.locator('.jp-MarkdownViewer .jp-RenderedMarkdown');

test('the launcher has the page that explains verdicts, with a picture of each part', async ({
  page
}) => {
  await page
    .locator('.jp-LauncherCard[data-category="Casebook"]')
    .filter({ hasText: 'How it decides' })
    .click();
  const guide = preview(page);
  await expect(
    guide.getByRole('heading', { name: 'How Casebook decides', level: 1 })
  ).toBeVisible();
  for (const name of ['Amplitude', 'Onset', 'Clear, tie, none', 'Re-check']) {
    await expect(guide.getByRole('heading', { name })).toHaveCount(1);
  }
  const drawings = guide.getByRole('img');
  await expect(drawings).toHaveCount(12);
  for (const drawing of await drawings.all()) {
    await expect(drawing).toHaveAttribute('alt', /\w+ \w+/);
    await expect
      .poll(() =>
        drawing.evaluate(image => (image as HTMLImageElement).naturalWidth)
      )
      .toBeGreaterThanOrEqual(560);
  }
  await expect(guide.getByRole('table')).toHaveCount(3);
  await pictures(new Notebook(page), 'guide', guide);
});

test('the page opens to be read from the file browser, too', async ({
  page
}) => {
  await page
    .getByRole('listitem', { name: /how-casebook-decides\.md/ })
    .dblclick();
  await expect(
    preview(page).getByRole('heading', { name: 'How Casebook decides' })
  ).toBeVisible();
});
