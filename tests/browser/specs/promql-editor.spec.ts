import type { Locator, Page } from '@playwright/test';

import { violations } from '../support/axe.ts';
import { expect, sharedTest as test } from '../support/fixtures.ts';
import { errorText } from '../support/notebook.ts';
import { picture } from '../support/picture.ts';

interface IApp {
  commands: { execute(id: string, args?: object): Promise<unknown> };
  shell: {
    currentWidget: {
      content: {
        activeCell: { editor: { focus(): void } };
        activeCellIndex: number;
        mode: string;
        model: { sharedModel: { cells: { setSource(text: string): void }[] } };
      };
    };
  };
}

const THEMES = ['Light', 'Dark'] as const;

const QUERY =
  '%%promql p90 --last 5m --source main\n' +
  '# all servers\n' +
  'histogram_quantile(0.9, sum by (le) (rate(request_duration_seconds_bucket{zone="a"}[1m])))';

/** Writes a cell, and puts the cursor at its end. */
async function write(page: Page, source: string, at = 0): Promise<void> {
  await page.evaluate(
    ([text, index]) => {
      const app = (window as unknown as { jupyterapp: IApp }).jupyterapp;
      const { content } = app.shell.currentWidget;
      content.activeCellIndex = index as number;
      content.model.sharedModel.cells[index as number].setSource(
        text as string
      );
      content.mode = 'edit';
      content.activeCell.editor.focus();
    },
    [source, at]
  );
  await page.keyboard.press('Control+End');
}

const cell = (page: Page, at = 0): Locator =>
  page.locator('.jp-Notebook .jp-CodeCell .jp-InputArea-editor').nth(at);

/** The colour in which a word of the cell is written. */
async function colour(page: Page, word: string): Promise<string> {
  return cell(page)
    .locator('.cm-line span')
    .filter({ hasText: new RegExp(`^${word}$`) })
    .first()
    .evaluate(span => getComputedStyle(span).color);
}

/** The colour on which the cell is written. */
async function background(page: Page): Promise<string> {
  return cell(page)
    .locator('.cm-content')
    .evaluate(content => {
      let found = 'rgba(0, 0, 0, 0)';
      for (
        let at: Element | null = content;
        at && found === 'rgba(0, 0, 0, 0)';
        at = at.parentElement
      ) {
        found = getComputedStyle(at).backgroundColor;
      }
      return found;
    });
}

/** The contrast of two colours as `rgb(…)`, by WCAG. */
function contrast(one: string, other: string): number {
  const luminance = (text: string) => {
    const [r, g, b] = (text.match(/[\d.]+/g) ?? [])
      .map(part => Number(part) / 255)
      .map(c => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [dark, light] = [luminance(one), luminance(other)].sort(
    (a, b) => a - b
  );
  return (light + 0.05) / (dark + 0.05);
}

/** Opens JupyterLab's completer where the cursor is, and reads what it offers. */
async function offered(page: Page): Promise<string[]> {
  await page.keyboard.press('Tab');
  const items = page.locator('.jp-Completer:visible .jp-Completer-item');
  await expect(items.first()).toBeVisible();
  return items
    .locator('.jp-Completer-match')
    .evaluateAll(found => found.map(item => item.textContent ?? ''));
}

const text = (page: Page): Promise<string> =>
  cell(page)
    .locator('.cm-line')
    .evaluateAll(lines => lines.map(line => line.textContent).join('\n'));

test('a query is written in the colours of PromQL, in both themes, as long as its first line says so', async ({
  page,
  notebook
}) => {
  await write(page, 'rate = "x"  # Python');
  const asPython = await colour(page, '"x"');
  for (const theme of THEMES) {
    await notebook.theme(`JupyterLab ${theme}`);
    await write(page, QUERY);
    const ground = await background(page);
    const colours = new Set<string>();
    for (const word of ['histogram_quantile', 'sum', '0.9', '"a"', 'p90']) {
      const of = await colour(page, word);
      expect(contrast(of, ground), `${theme}: ${word}`).toBeGreaterThan(3);
      colours.add(of);
    }
    expect(colours.size, `${theme}: kinds of words differ`).toBeGreaterThan(3);
    await picture(page, `promql-${theme}`);
  }
  await notebook.theme('JupyterLab Light');

  await write(page, '%%promql\nrate(level[1m])');
  const asQuery = await colour(page, 'rate');
  await write(page, '#%%promql\nrate = 0.9');
  await expect(
    cell(page).locator('.cm-line').nth(1).locator('span').first(),
    'Python has no colour for a plain name'
  ).not.toHaveText('rate');
  expect(asQuery).not.toBe(await colour(page, '0.9'));
  await write(page, 'rate = "x"  # Python');
  expect(await colour(page, '"x"'), 'Python is back').toBe(asPython);
});

test('metrics, labels, their values and functions are completed, and nothing of Python', async ({
  page,
  notebook
}) => {
  const asked: string[] = [];
  page.on('request', request => {
    if (request.url().includes('/api/prom/')) {
      asked.push(new URL(request.url()).pathname);
    }
  });
  await notebook.run('level_of_python = 1');

  for (const theme of ['Dark', 'Light'] as const) {
    await notebook.theme(`JupyterLab ${theme}`);
    await write(page, '%%promql\nlev');
    expect(await offered(page)).toEqual(['level']);
    await picture(page, `completer-${theme}`);
    expect(await violations(page, '.jp-Completer'), theme).toEqual([]);
    if (theme === 'Dark') {
      await page.keyboard.press('Escape');
    }
  }
  await page.keyboard.press('Enter');
  await expect.poll(() => text(page)).toBe('%%promql\nlevel');

  await write(page, '%%promql --source real\nlevel{wh');
  expect(await offered(page)).toContain('which');
  await page.keyboard.press('Escape');
  await write(page, '%%promql --source real\nlevel{which="object');
  expect(await offered(page)).toEqual(
    expect.arrayContaining(['object1', 'object4'])
  );
  await page.keyboard.press('Escape');
  await write(page, '%%promql\nhistogram_quan');
  expect(await offered(page)).toContain('histogram_quantile');
  await page.keyboard.press('Escape');
  await write(page, '%%promql level --sou');
  expect(await offered(page)).toEqual(['--source']);
  await page.keyboard.press('Enter');
  await expect.poll(() => text(page)).toBe('%%promql level --source');
  // The page remembers names, so no other test may have completed from these two sources.
  expect(asked.length, 'the sources are asked').toBeGreaterThan(1);
  expect(new Set(asked).size, 'the same is not asked twice').toBe(asked.length);
  expect(asked.every(one => /^\/api\/prom\/(main|real)\//.test(one))).toBe(
    true
  );

  await write(page, 'level_of_');
  // JupyterLab waits one second for the kernel, whose first answer takes longer.
  await expect(async () => {
    await page.keyboard.press('Tab');
    await expect(
      page.locator('.jp-Completer:visible').getByText('level_of_python'),
      'Python as ever'
    ).toBeVisible({ timeout: 3000 });
  }).toPass();
});

test('what is wrong is marked in the text, by the parser and by Prometheus', async ({
  page,
  notebook,
  lab
}) => {
  const marks = cell(page).locator('.cm-lintRange-error');
  await write(page, '%%promql\nrate(level)');
  await expect(marks.first()).toBeVisible();
  await write(page, '%%promql\nrate(level[1m])');
  await expect(marks).toHaveCount(0);

  // Only the server reads the expression.
  const [start, end] = [lab.onset, lab.onset + 60].map(seconds =>
    new Date(seconds * 1000).toISOString()
  );
  const query =
    `%%promql --source real --start ${start} --end ${end}\n\n` +
    '  level{zone="a"} + level{which=~"["}';
  await write(page, query);
  await page.waitForTimeout(1500);
  await expect(marks, 'the parser has nothing against it').toHaveCount(0);
  await notebook.again('%%promql --source real');
  expect(errorText((await notebook.outputs())[0])).toMatch(
    /PrometheusError.*: 1:25: parse error/
  );
  await expect(marks.first()).toBeVisible();
  for (const theme of THEMES) {
    await notebook.theme(`JupyterLab ${theme}`);
    await marks.first().hover();
    await expect(page.locator('.cm-tooltip-lint')).toContainText(
      'missing closing ]'
    );
    await picture(page, `promql-error-${theme}`);
    await page.mouse.move(0, 0);
  }
  await write(page, query.replace('"["', '"a"'));
  await expect(marks, 'it was about another text').toHaveCount(0);
});

test('a cell of Python or markdown is left alone', async ({
  page,
  notebook
}) => {
  const marks = page.locator('.jp-Notebook .cm-lintRange');
  await write(page, '# %%promql\nrate(level)');
  await page.waitForTimeout(1500);
  await expect(marks).toHaveCount(0);

  await notebook.execute('notebook:change-cell-to-markdown');
  await write(page, '%%promql\nrate(level)');
  await page.waitForTimeout(1500);
  await expect(marks).toHaveCount(0);
  await notebook.execute('notebook:change-cell-to-code');
  await expect(marks.first(), 'it is a query now').toBeVisible();
});

test('without the proxy there is still a grammar, and no complaint', async ({
  page,
  notebook
}) => {
  const complaints: string[] = [];
  page.on('pageerror', error => complaints.push(error.message));
  await notebook.ready();
  await page.route('**/api/prom/**', route => route.abort());
  // A source of whose names the page knows nothing yet.
  await write(page, '%%promql --source spare\nhistogram_quan');
  expect(await offered(page)).toContain('histogram_quantile');
  await page.keyboard.press('Escape');
  await write(page, '%%promql --source spare\nlevel{');
  await page.keyboard.press('Tab');
  await page.waitForTimeout(1000);
  await expect(page.locator('.jp-Completer:visible')).toHaveCount(0);
  await write(page, '%%promql\nrate(level)');
  await expect(cell(page).locator('.cm-lintRange-error').first()).toBeVisible();
  expect(complaints).toEqual([]);
});
