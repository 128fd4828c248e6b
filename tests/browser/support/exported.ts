import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContext, Page } from '@playwright/test';

import { violations } from './axe.ts';
import { expect, test } from './fixtures.ts';
import type { Notebook } from './notebook.ts';

/** What a script that ran would have called. */
const CANARY = 'canary';

/** Chooses a format in File › Save and Export Notebook As, and returns where the file is. */
export async function exportAs(
  notebook: Notebook,
  format: string
): Promise<{ file: string; name: string; milliseconds: number }> {
  const { page } = notebook;
  await page.getByRole('menuitem', { name: 'File', exact: true }).click();
  await page.getByText('Save and Export Notebook As', { exact: true }).hover();
  const item = page
    .locator('.lm-Menu')
    .last()
    .getByRole('menuitem', { name: format });
  await expect(item).toBeVisible();
  const downloading = page.waitForEvent('download');
  const start = performance.now();
  await item.click();
  const download = await downloading;
  const name = download.suggestedFilename();
  // A folder for each test: they run side by side, and their files have the names that the page gives them.
  const file = test.info().outputPath(name);
  await download.saveAs(file);
  return { file, name, milliseconds: performance.now() - start };
}

/** An exported file in a browser without a network, and everything that it should not do. */
export class Exported {
  /** What it did: errors, messages, requests, scripts of the notebook that ran. */
  readonly wrongs: string[] = [];

  private constructor(
    readonly page: Page,
    private readonly _context: BrowserContext
  ) {}

  static async open(
    browser: Browser,
    file: string,
    colorScheme: 'light' | 'dark' = 'light',
    query = ''
  ): Promise<Exported> {
    const context = await browser.newContext({
      offline: true,
      colorScheme,
      viewport: { width: 1440, height: 900 },
      acceptDownloads: true,
      locale: 'en-GB',
      timezoneId: 'Asia/Kolkata'
    });
    const page = await context.newPage();
    const exported = new Exported(page, context);
    const url = pathToFileURL(file).href + query;
    await page.exposeFunction(CANARY, (what: string) => {
      exported.wrongs.push(`ran ${what}`);
    });
    page.on('console', message =>
      exported.wrongs.push(`${message.type()}: ${message.text()}`)
    );
    page.on('pageerror', error => exported.wrongs.push(`error: ${error}`));
    page.on('dialog', dialog => {
      exported.wrongs.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('request', request => {
      if (request.url() !== url && !request.url().startsWith('data:')) {
        exported.wrongs.push(`asked for ${request.url()}`);
      }
    });
    await page.goto(url);
    return exported;
  }

  /** Does to each element what a reader might. */
  async poke(): Promise<void> {
    await this.page.evaluate(() => {
      // Where a link leads is looked at by itself; following one would only leave the page.
      document.addEventListener('click', event => event.preventDefault());
      for (const element of Array.from(document.querySelectorAll('*'))) {
        for (const type of [
          'pointerover',
          'mouseover',
          'mouseenter',
          'focus',
          'click',
          'toggle',
          'load',
          'error',
          'animationstart',
          'beforetoggle'
        ]) {
          element.dispatchEvent(
            new Event(type, {
              bubbles: type !== 'load' && type !== 'error',
              cancelable: true
            })
          );
        }
      }
      for (const folded of Array.from(document.querySelectorAll('details'))) {
        folded.open = true;
      }
    });
    await this.page.waitForTimeout(500);
  }

  /** The pictures that a reader sees nothing of. */
  async brokenPictures(): Promise<string[]> {
    return this.page.evaluate(async () => {
      const broken: string[] = [];
      for (const image of Array.from(document.images)) {
        await image.decode().catch(() => undefined);
        if (image.naturalWidth === 0) {
          broken.push(image.outerHTML.slice(0, 200));
        }
      }
      return broken;
    });
  }

  /** What axe has against it. */
  async violations(): Promise<string[]> {
    return violations(this.page);
  }

  async close(): Promise<void> {
    await this._context.close();
  }
}
