import type { Locator, Page } from '@playwright/test';

import { violations } from '../support/axe.ts';
import { Exported, exportAs } from '../support/exported.ts';
import { expect, sharedTest as test } from '../support/fixtures.ts';
import { Notebook } from '../support/notebook.ts';
import { picture, pictures } from '../support/picture.ts';

interface IApp {
  serviceManager: {
    contents: {
      get(path: string, options?: object): Promise<{ content: unknown }>;
      save(path: string, model: object): Promise<unknown>;
    };
  };
}

interface INotebook {
  cells: { cell_type: string; source: string | string[] }[];
}

const THEMES = ['Light', 'Dark'] as const;

/** As an alert would call it. */
const TITLE = 'P90 > 0.3 s: "EU-1" (2%)';

async function saved(page: Page, file: string): Promise<INotebook> {
  return page.evaluate(async name => {
    const app = (window as unknown as { jupyterapp: IApp }).jupyterapp;
    const { contents } = app.serviceManager;
    return (await contents.get(name, { content: true })).content as INotebook;
  }, file);
}

function sources({ cells }: INotebook, type: string): string {
  return cells
    .filter(cell => cell.cell_type === type)
    .map(cell => [cell.source].flat().join(''))
    .join('\n\n');
}

const card = (page: Page): Locator =>
  page
    .locator('.jp-LauncherCard[data-category="Casebook"]')
    .filter({ hasText: 'Incident' });

const dialog = (page: Page): Locator =>
  page.getByRole('dialog', { name: 'New incident' });

const accept = (page: Page): Locator =>
  dialog(page).getByRole('button', { name: 'Open Notebook' });

async function fill(
  page: Page,
  fields: Readonly<Record<string, string>>
): Promise<void> {
  for (const [label, text] of Object.entries(fields)) {
    await dialog(page).getByLabel(label).fill(text);
  }
}

test('the card opens a dated notebook of the last five minutes, from title to post-mortem', async ({
  page,
  browser
}) => {
  await card(page).click();
  const before = Date.now();
  await expect(dialog(page).getByLabel('Title')).toBeFocused();
  await expect(dialog(page), 'no frame around the page').toHaveCSS(
    'border-width',
    '0px'
  );
  await expect(
    dialog(page).getByRole('combobox'),
    'there is one template'
  ).toHaveCount(0);
  await fill(page, { Title: TITLE, Service: 'shop' });
  const start = await dialog(page).getByLabel('Window from').inputValue();
  const end = await dialog(page).getByLabel('Window to').inputValue();
  expect(Date.parse(end) - Date.parse(start)).toBe(300_000);
  expect(Math.abs(before - Date.parse(end))).toBeLessThan(60_000);
  await page.keyboard.press('Enter');

  const notebook = new Notebook(page);
  await notebook.ready();
  const file = await notebook.path();
  expect(file).toBe(
    `${start.slice(0, 16).replace('T', '-').replace(':', '')}-p90-0-3-s-eu-1-2.ipynb`
  );
  await expect(card(page), 'the launcher made way').toHaveCount(0);
  const content = await saved(page, file);
  expect(sources(content, 'code')).toContain(`cb.window("${start}", "${end}")`);
  const markdown = sources(content, 'markdown');
  expect(markdown).toMatch(/^# P90 .*\n\nService: shop\. /);
  for (const heading of [
    'Window',
    'Signals',
    'Suspect',
    'Instance',
    'Evidence',
    'Fix',
    'Post-mortem'
  ]) {
    expect(markdown).toContain(`## ${heading}\n\n`);
  }
  expect(markdown).toContain('| Action | Owner | Ticket |');
  await expect(page.getByRole('heading', { name: TITLE })).toBeVisible();
  for (const format of ['HTML report', 'Slides']) {
    const shown = await Exported.open(
      browser,
      (await exportAs(notebook, format)).file
    );
    await expect(shown.page, format).toHaveTitle(TITLE);
    await expect(
      shown.page.getByRole('heading', { level: 1 }),
      format
    ).toHaveText(TITLE);
    await shown.close();
  }

  await page
    .locator('.jp-Notebook')
    .getByRole('heading', { name: 'Post-mortem' })
    .evaluate(heading => heading.scrollIntoView({ block: 'start' }));
  await pictures(notebook, 'post-mortem');
});

test('the same title in the same minute is another notebook, never the end of the first', async ({
  page
}) => {
  const notebook = new Notebook(page);
  const files: string[] = [];
  for (const service of ['first', 'second']) {
    void notebook.execute('casebook:new-incident');
    await fill(page, {
      Title: 'Twice',
      Service: service,
      'Window from': '2026-11-22 07:00',
      'Window to': '2026-11-22 07:05'
    });
    await accept(page).click();
    await expect(dialog(page)).toHaveCount(0);
    await expect(
      page.getByRole('paragraph').filter({ hasText: `Service: ${service}.` })
    ).toBeVisible();
    files.push(await notebook.path());
  }
  expect(files).toEqual([
    '2026-11-22-0700-twice.ipynb',
    '2026-11-22-0700-twice-2.ipynb'
  ]);
  const [first, second] = await Promise.all(files.map(f => saved(page, f)));
  expect(sources(first, 'markdown')).toContain('Service: first.');
  expect(sources(second, 'code')).toContain(
    'cb.case("2026-11-22-0700-twice-2")'
  );
});

test('what is wrong is said in the dialog, which keeps what was written', async ({
  page
}) => {
  const notebook = new Notebook(page);
  void notebook.execute('casebook:new-incident');
  const title = dialog(page).getByLabel('Title');
  const end = dialog(page).getByLabel('Window to');
  const said = (text: RegExp) =>
    expect(
      dialog(page).getByRole('alert').filter({ hasText: text })
    ).toHaveCount(1);

  await fill(page, { 'Window from': 'yesterday' });
  await accept(page).click();
  await said(/Give the incident a title/);
  await said(/“yesterday” is not a time. Write date and time in UTC/);
  await expect(title, 'the first that is wrong').toBeFocused();
  await expect(title).toHaveAttribute('aria-invalid', 'true');

  for (const theme of THEMES) {
    await notebook.theme(`JupyterLab ${theme}`);
    await page.waitForTimeout(300);
    expect(await violations(page, '.jp-Dialog'), `axe, ${theme}`).toEqual([]);
    await picture(page, `launcher-${theme}`);
  }

  await fill(page, { Title: 'Slow' });
  await expect(title).toHaveAttribute('aria-invalid', 'false');
  await fill(page, {
    'Window from': '2026-11-22 07:05',
    'Window to': '2026-11-22 07:00'
  });
  await accept(page).click();
  await said(/has to end after its start, 2026-11-22T07:05:00Z/);
  await expect(end).toBeFocused();
  await fill(page, { 'Window from': '2026-11-20 07:00' });
  await accept(page).click();
  await said(/The window is 48\.0 hours long, and may have 24/);
  await expect(title).toHaveValue('Slow');

  await page.keyboard.press('Escape');
  await expect(dialog(page)).toHaveCount(0);
  await expect(card(page), 'nothing was opened').toBeVisible();
});

test('a template that was added can be chosen', async ({ page }) => {
  await page.evaluate(async () => {
    const app = (window as unknown as { jupyterapp: IApp }).jupyterapp;
    await app.serviceManager.contents.save('templates/capacity.ipynb', {
      type: 'notebook',
      format: 'json',
      content: {
        cells: [
          {
            cell_type: 'markdown',
            id: 'a',
            metadata: {},
            source: '# Capacity: {{title}}'
          },
          {
            cell_type: 'code',
            id: 'b',
            metadata: {},
            execution_count: null,
            outputs: [],
            source: '%%promql\nup{service="{{service}}"}'
          }
        ],
        metadata: {},
        nbformat: 4,
        nbformat_minor: 5
      }
    });
  });
  await card(page).click();
  const template = dialog(page).getByLabel('Template');
  await expect(template.getByRole('option')).toHaveText([
    'incident',
    'capacity'
  ]);
  for (const theme of THEMES) {
    await new Notebook(page).theme(`JupyterLab ${theme}`);
    await page.waitForTimeout(300);
    expect(await violations(page, '.jp-Dialog'), `axe, ${theme}`).toEqual([]);
    await picture(page, `templates-${theme}`);
  }
  await fill(page, { Title: 'Full', Service: 'disk of db/1' });
  await template.selectOption('capacity');
  await accept(page).click();
  const notebook = new Notebook(page);
  await notebook.ready();
  const content = await saved(page, await notebook.path());
  expect(sources(content, 'markdown')).toBe('# Capacity: Full');
  expect(sources(content, 'code')).toBe('%%promql\nup{service="disk-of-db-1"}');
});

test('the palette knows the command', async ({ page }) => {
  await new Notebook(page).execute('apputils:activate-command-palette');
  await page.keyboard.type('New Incident');
  await page
    .locator('.lm-CommandPalette-item')
    .filter({ hasText: 'New Incident…' })
    .click();
  await expect(dialog(page)).toBeVisible();
});
