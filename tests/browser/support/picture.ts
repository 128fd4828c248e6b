import * as path from 'node:path';
import type { Locator, Page, PageScreenshotOptions } from '@playwright/test';

import type { Notebook } from './notebook.ts';
import { RESULTS_DIR } from './paths.ts';

/** Whether pictures are kept for somebody to look at: a hundred of them take half a minute of the processors. */
const WANTED = Boolean(process.env.CASEBOOK_PICTURES);

/** Keeps a picture in the results, when `CASEBOOK_PICTURES` is set. */
export async function picture(
  shown: Page | Locator,
  name: string,
  options: PageScreenshotOptions = {}
): Promise<void> {
  if (WANTED) {
    const file = path.join(RESULTS_DIR, `${name.toLowerCase()}.png`);
    await shown.screenshot({ ...options, path: file });
  }
}

/** Keeps one in each theme, and leaves the light one. */
export async function pictures(
  notebook: Notebook,
  name: string,
  shown: Page | Locator = notebook.page
): Promise<void> {
  for (const theme of WANTED ? (['Dark', 'Light'] as const) : []) {
    await notebook.theme(`JupyterLab ${theme}`);
    await picture(shown, `${name}-${theme}`);
  }
}
