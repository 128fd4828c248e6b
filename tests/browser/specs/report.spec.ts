import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import type { Page } from '@playwright/test';

import { decide, runUntilAsked } from '../support/approval.ts';
import { Exported, exportAs } from '../support/exported.ts';
import { expect } from '../support/fixtures.ts';
import { EMPTY, Notebook } from '../support/notebook.ts';
import { ownIncidentTest as test } from '../support/own-incident.ts';
import { RESULTS_DIR } from '../support/paths.ts';
import { pages } from '../support/pdf.ts';
import { picture } from '../support/picture.ts';

test.setTimeout(240_000);

test('an incident becomes one file for the ticket, and slides, and comes back out of them', async ({
  page,
  browser,
  incident,
  terminal
}) => {
  const notebook = await Notebook.open(
    page,
    await terminal.link(incident.incidentPath)
  );
  const running = await runUntilAsked(notebook);
  await decide(page, terminal, 'Approve');
  await running.ended;

  const report = await exportAs(notebook, 'HTML report');
  expect(report.name).toMatch(/^\d{4}-\d\d-\d\d-\d{4}-practice\.report\.html$/);
  const slides = await exportAs(notebook, 'Slides');
  expect(slides.name).toMatch(/-practice\.slides\.html$/);
  const plain = await exportAs(notebook, 'Notebook (ipynb)');
  const saved = readFileSync(plain.file, 'utf8');
  expect(saved).not.toContain('"trusted"');

  await test.step('the report', async () => {
    for (const scheme of ['light', 'dark'] as const) {
      const shown = await Exported.open(browser, report.file, scheme);
      const { page: view } = shown;
      await expect(view).toHaveTitle('practice');
      await expect(view.getByRole('heading', { level: 1 })).toHaveText(
        'practice'
      );
      const facts = view.locator('.facts');
      const start = new Date((incident.onset - 120) * 1000).toISOString();
      await expect(facts).toContainText(
        `Window${start.slice(0, 19).replace('T', ' ')} to `
      );
      await expect(facts).toContainText(/ UTC \(5 min\)/);
      await expect(facts).toContainText(/Verdict.*object4/);
      await expect(facts).toContainText(/Fix.*core.*: applied\./);
      await expect(facts).toContainText(/Afterwards.*Not yet/);

      const charts = view.locator('figure.casebook-Chart img');
      await expect(charts.first()).toBeVisible();
      expect(await charts.count()).toBeGreaterThanOrEqual(3);
      expect(await shown.brokenPictures()).toEqual([]);
      await expect(
        view.getByRole('table').filter({ hasText: 'swing ratio' }).first()
      ).toBeVisible();

      await picture(view, `report-top-${scheme}`);
      const source = view.locator('details.code pre', {
        hasText: 'verdict = await level.suspects()'
      });
      await expect(source).toBeHidden();
      await view.getByLabel('Show all code').check();
      await expect(source).toBeVisible();
      const ran = await view.locator('.ran').first().textContent();
      const at = Date.parse(
        ran?.replace(/^ran (\S+) (\S+) UTC$/, '$1T$2Z') ?? ''
      );
      expect(Date.now() - at, 'ran minutes ago').toBeLessThan(600_000);
      await view.getByLabel('Show all code').uncheck();
      await expect(source).toBeHidden();
      await view.locator('details.code summary').first().press('Enter');
      await expect(view.getByText('import casebook as cb')).toBeVisible();

      const contents = view.getByRole('navigation', { name: 'Contents' });
      await contents.getByRole('link', { name: 'Suspect' }).click();
      await expect(
        view.getByRole('heading', { name: 'Suspect' })
      ).toBeInViewport();
      expect(await shown.violations()).toEqual([]);

      const downloading = view.waitForEvent('download');
      await view.getByRole('link', { name: 'Download the notebook' }).click();
      const download = await downloading;
      expect(download.suggestedFilename()).toBe(plain.name);
      const given = readFileSync(await download.path(), 'utf8');
      expect(JSON.parse(given)).toEqual(JSON.parse(saved));
      const digest = createHash('sha256').update(given).digest('hex');
      await expect(view.locator('footer')).toContainText(digest);

      await picture(view, `report-${scheme}`, { fullPage: true });
      await onPaperAndPhone(view, scheme);
      expect(shown.wrongs).toEqual([]);
      await shown.close();
    }
  });

  await test.step('the slides', async () => {
    let count = 0;
    for (const scheme of ['light', 'dark'] as const) {
      const shown = await Exported.open(browser, slides.file, scheme);
      const { page: view } = shown;
      const present = view.locator('section.present:not(.stack)');
      await expect(present.getByRole('heading', { level: 1 })).toHaveText(
        'practice'
      );
      expect(await shown.violations()).toEqual([]);
      const seen: string[] = [];
      let charts = 0;
      for (let index = 0; index < 40; index += 1) {
        seen.push((await present.locator('h1, h2').allTextContents()).join());
        charts += (await present.locator('figure img:visible').count()) ? 1 : 0;
        await picture(view, `slide-${scheme}-${index}`);
        if (seen.at(-1) === 'The notebook') {
          break;
        }
        await view.keyboard.press('Space');
      }
      count = seen.length;
      expect(seen).toContain('Suspect');
      expect(seen.at(-1)).toBe('The notebook');
      expect(charts).toBeGreaterThanOrEqual(3);
      expect(await shown.brokenPictures()).toEqual([]);
      const downloading = view.waitForEvent('download');
      await present.getByRole('link', { name: 'Download the' }).click();
      const file = await (await downloading).path();
      expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(saved));
      expect(shown.wrongs).toEqual([]);
      await shown.close();
    }
    const print = await Exported.open(
      browser,
      slides.file,
      'light',
      '?view=print'
    );
    await expect(print.page.locator('.pdf-page').first()).toBeVisible();
    const slidesPdf = await print.page.pdf({
      path: path.join(RESULTS_DIR, 'slides.pdf'),
      preferCSSPageSize: true
    });
    expect(pages(slidesPdf), 'a page for each slide').toHaveLength(count);
    expect(print.wrongs).toEqual([]);
    await print.close();
  });

  await test.step('back into Casebook', async () => {
    const own = await notebook.path();
    for (const { file, name } of [report, slides]) {
      await notebook.store(own, {
        type: 'notebook',
        format: 'json',
        content: EMPTY
      });
      // From the person's disk …
      const choosing = page.waitForEvent('filechooser');
      void notebook.execute('casebook:open-report');
      await (await choosing).setFiles(file);
      const restored = own.replace('.ipynb', '-1.ipynb');
      await expect.poll(() => notebook.path()).toBe(restored);
      expect(await notebook.load(restored)).toEqual(JSON.parse(saved));
      await notebook.execute('application:close');
      await notebook.remove(restored);
      // … and from the file browser.
      await notebook.remove(own);
      await notebook.store(name, {
        type: 'file',
        format: 'text',
        content: readFileSync(file, 'utf8')
      });
      await notebook.execute('filebrowser:refresh');
      await page
        .getByRole('region', { name: 'File Browser Section' })
        .getByText(name)
        .dblclick();
      await expect.poll(() => notebook.path()).toBe(own);
      expect(await notebook.load(own)).toEqual(JSON.parse(saved));
      await notebook.ready();
      await expect(notebook.charts.first()).toBeVisible();
    }
  });
});

/** The width of an A4 page between the report's margins, and that of a phone, in pixels. */
const PAPER = 680;
const PHONE = 375;

/** Nothing of a report sticks out of a page, or of a small screen, and paper is white. */
async function onPaperAndPhone(view: Page, scheme: string): Promise<void> {
  const sheets = pages(
    await view.pdf({
      path: path.join(RESULTS_DIR, `report-${scheme}.pdf`),
      format: 'A4'
    })
  );
  expect(sheets.length).toBeGreaterThanOrEqual(5);
  expect(sheets.length, 'not a page for each cell').toBeLessThan(12);
  for (const [media, width] of [
    ['print', PAPER],
    ['screen', PHONE]
  ] as const) {
    await view.emulateMedia({ media });
    await view.setViewportSize({ width, height: 900 });
    expect(
      await view.evaluate(() => document.documentElement.scrollWidth),
      `${media}, ${width} px wide`
    ).toBeLessThanOrEqual(width);
    for (const image of await view.locator('figure img').all()) {
      const box = await image.boundingBox();
      expect(
        box && box.x + box.width,
        'a chart is not cut'
      ).toBeLessThanOrEqual(width);
    }
    if (media === 'print') {
      expect(
        await view.evaluate(
          () => getComputedStyle(document.body).backgroundColor
        )
      ).toBe('rgb(255, 255, 255)');
    }
  }
  await picture(view, `report-phone-${scheme}`);
}
