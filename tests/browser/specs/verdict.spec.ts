import type { Locator } from '@playwright/test';

import { violations } from '../support/axe.ts';
import type { Drill } from '../support/drill.ts';
import { expect, sharedTest as test } from '../support/fixtures.ts';
import {
  CHART,
  display,
  type Notebook,
  plainText
} from '../support/notebook.ts';
import { picture } from '../support/picture.ts';
import { HIGHLIGHT } from '../support/pixels.ts';

/** The colour of what must be seen on a chart. */
const STRONG = { Light: [0x1f, 0x29, 0x33], Dark: [0xe4, 0xe7, 0xeb] } as const;

for (const theme of ['Light', 'Dark'] as const) {
  test(`a verdict is read from its reason to its rows, and no column is cut, in the ${theme} theme`, async ({
    page,
    notebook,
    drill
  }) => {
    await notebook.theme(`JupyterLab ${theme}`);
    await ask(notebook, drill);
    const text = plainText(await notebook.run('verdict'));
    expect(text).toMatch(/1 +which=object4 +[▁▂▃▅▇]{8}│[▁▂▃▅▇]{16}/);

    const verdict = page.locator('.casebook-Table').first();
    const parts = verdict.locator(':scope > *');
    await expect(parts.nth(0)).toContainText('which="object4" stands out');
    await expect(parts.nth(1).getByRole('listitem').first()).toHaveText(
      /^which="object4" .* between \d\d:\d\d:\d\d and \d\d:\d\d:\d\d UTC/
    );
    await expect(parts.nth(1)).toContainText('peak-to-peak');
    await expect(parts.nth(2).getByRole('row').nth(1)).toContainText(
      'which=object4'
    );

    const lines = verdict.getByRole('img');
    await expect(lines).toHaveCount(8);
    await expect(lines.first()).toHaveAccessibleName(
      /^[\d.]+ to [\d.]+, last [\d.]+; before: [\d.]+ to [\d.]+$/
    );
    expect(await contrast(lines.first())).toBeGreaterThan(7);

    for (const width of [1280, 800]) {
      await page.setViewportSize({ width, height: 900 });
      await expect.poll(() => cut(verdict), `at ${width}`).toBe(0);
      await picture(verdict, `verdict-${theme}-${width}`);
    }
    await page.setViewportSize({ width: 1280, height: 900 });
    expect(await violations(page, '.casebook-Table')).toEqual([]);
  });

  test(`the chart of a verdict shows since when, and what was usual, in the ${theme} theme`, async ({
    page,
    notebook,
    drill
  }) => {
    await notebook.theme(`JupyterLab ${theme}`);
    await ask(notebook, drill);
    const outputs = await notebook.run('level');
    plainText(outputs);
    const chart = notebook.charts.first();
    const canvas = chart.locator('canvas');
    await expect
      .poll(() => tint(canvas, HIGHLIGHT[theme]), 'what was usual is shaded')
      .toBeGreaterThan(2000);
    await expect
      .poll(() => tint(canvas, STRONG[theme]), 'the onset is shaded')
      .toBeGreaterThan(2000);
    await expect(chart.locator('.casebook-Plot-marked')).toHaveText(
      /^which="object4" .* between \d\d:\d\d:\d\d and \d\d:\d\d:\d\d UTC/
    );
    await picture(chart, `verdict-chart-${theme}`);
    expect(await violations(page, '.casebook-Plot')).toEqual([]);

    const { onset, usual } = display(outputs, CHART) as {
      onset: { after_ms: number; by_ms: number; label: string };
      usual: { low: number; high: number; label: string };
    };
    expect(onset.by_ms - onset.after_ms).toBe(10_000);
    expect(Math.abs(onset.after_ms / 1000 - drill.onset)).toBeLessThan(120);
    expect(onset.label).toMatch(
      / (since|from) \d\d:\d\d:\d\d–\d\d:\d\d:\d\d UTC/
    );
    expect(usual.label).toBe('usual: P5 to P95 of the 1 h before');
    expect(usual.high).toBeGreaterThan(usual.low);
    const svg = outputs[0].data?.['image/svg+xml'] as string;
    for (const { label } of [onset, usual]) {
      expect(svg).toContain(`>${label}</text>`);
    }
  });
}

test('a chart of another query is marked with the time of the verdict alone', async ({
  notebook,
  drill
}) => {
  await ask(notebook, drill);
  const outputs = await notebook.run(
    'rate = await cb.prometheus().query_range("sum(rate(request_duration_seconds_count[1m]))")\n' +
      'rate.chart(verdict)'
  );
  plainText(outputs);
  const chart = display(outputs, CHART);
  expect(chart).toHaveProperty('onset.label');
  expect(chart).not.toHaveProperty('usual');
  await expect(notebook.charts.locator('.casebook-Plot-marked')).toContainText(
    'which="object4"'
  );
  const canvas = notebook.charts.locator('canvas');
  await expect.poll(() => tint(canvas, STRONG.Light)).toBeGreaterThan(2000);
  // The edges of the line itself are faint, too.
  expect(await tint(canvas, HIGHLIGHT.Light)).toBeLessThan(1000);
});

test('what was grouped is judged above its series', async ({
  page,
  notebook,
  drill
}) => {
  await ask(notebook, drill);
  plainText(await notebook.run('await level.suspects(by="which")'));
  const groups = page.getByRole('table', { name: 'Suspects: by which' });
  await expect(groups.getByRole('row').nth(1)).toContainText('odd: swing');
  const series = page.getByRole('table', { name: /swing and level of each/ });
  await expect(series.getByRole('img')).toHaveCount(8);
  const [above, below] = [
    await groups.boundingBox(),
    await series.boundingBox()
  ];
  expect(above?.y).toBeLessThan(below?.y ?? 0);
});

/** The fleet's levels, and who is odd. */
async function ask(notebook: Notebook, { onset }: Drill) {
  plainText(
    await notebook.run(
      `import casebook as cb\ncb.window(${onset - 120}, ${onset + 180})\n` +
        'level = await cb.prometheus().query_range("level")\n' +
        'verdict = await level.suspects()'
    )
  );
}

/** How many pixels of a table are beyond its place. */
async function cut(table: Locator): Promise<number> {
  return table
    .locator('.casebook-Table-scroll')
    .first()
    .evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
}

/** The contrast of a line with the ground of the notebook. */
async function contrast(line: Locator): Promise<number> {
  return line
    .locator('.casebook-Spark-line')
    .evaluate((path: SVGPathElement) => {
      const luminance = (colour: string) => {
        const parts = (colour.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number);
        const linear = parts
          .map(part => part / 255)
          .map(part =>
            part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
          );
        return (
          0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05
        );
      };
      const ground = document.createElement('div');
      ground.style.color = 'var(--jp-layout-color0)';
      document.body.append(ground);
      const two = [
        luminance(getComputedStyle(path).stroke),
        luminance(getComputedStyle(ground).color)
      ];
      ground.remove();
      return Math.max(...two) / Math.min(...two);
    });
}

/** How many pixels of a canvas are shaded with a colour: it shines through. */
async function tint(
  canvas: Locator,
  colour: readonly number[]
): Promise<number> {
  return canvas.evaluate((node, wanted) => {
    const { width, height } = node as HTMLCanvasElement;
    const context = (node as HTMLCanvasElement).getContext('2d');
    if (!context || width * height === 0) {
      return 0;
    }
    const { data } = context.getImageData(0, 0, width, height);
    let found = 0;
    for (let at = 0; at < data.length; at += 4) {
      const faint = data[at + 3] > 20 && data[at + 3] < 60;
      // So little of a colour is kept to a few levels only.
      found +=
        faint &&
        wanted.every((part, index) => Math.abs(part - data[at + index]) < 16)
          ? 1
          : 0;
    }
    return found;
  }, colour);
}
