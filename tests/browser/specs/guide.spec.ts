import * as path from 'node:path';
import type { Locator, Page } from '@playwright/test';

import { expect, sharedTest as test } from '../support/fixtures.ts';
import { Notebook } from '../support/notebook.ts';
import { RESULTS_DIR } from '../support/paths.ts';

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
  const pictures = guide.getByRole('img');
  await expect(pictures).toHaveCount(12);
  for (const picture of await pictures.all()) {
    await expect(picture).toHaveAttribute('alt', /\w+ \w+/);
    await expect
      .poll(() =>
        picture.evaluate(image => (image as HTMLImageElement).naturalWidth)
      )
      .toBeGreaterThanOrEqual(560);
  }
  await expect(guide.getByRole('table')).toHaveCount(3);
  for (const theme of ['Light', 'Dark'] as const) {
    await new Notebook(page).theme(`JupyterLab ${theme}`);
    await guide.screenshot({
      path: path.join(RESULTS_DIR, `guide-${theme.toLowerCase()}.png`)
    });
  }
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
