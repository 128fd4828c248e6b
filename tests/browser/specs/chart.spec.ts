import type { Locator, Page } from '@playwright/test';

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
import { HIGHLIGHT, pixels } from '../support/pixels.ts';

for (const theme of ['Light', 'Dark'] as const) {
  test(`a chart answers the next question, in the ${theme} theme`, async ({
    page,
    notebook,
    drill
  }) => {
    await notebook.theme(`JupyterLab ${theme}`);
    const outputs = await levels(notebook, drill);
    expect(JSON.stringify(display(outputs, CHART)).length).toBeLessThan(20_000);
    expect(outputs[0].data).toHaveProperty(['image/svg+xml']);
    const chart = notebook.charts.first();
    const canvas = chart.locator('canvas');
    const drawn = () => pixels(canvas, HIGHLIGHT[theme]);
    await expect.poll(drawn, 'the suspect is drawn').toBeGreaterThan(100);
    await expect(chart.getByRole('listitem').first()).toHaveText(
      'which=object4'
    );

    // Under the mouse: when, who, how much, and the labels.
    const readout = chart.locator('.casebook-Plot-readout');
    await expect(readout).toBeHidden();
    await hover(page, chart, 0.4, 0.5);
    await expect(readout).toBeVisible();
    await expect(readout).toContainText(/^\d\d:\d\d:\d\d UTC/);
    const day = new Date(drill.onset * 1000).toISOString().slice(0, 11);
    const time = (await readout.textContent())?.slice(0, 8);
    const minutes = (Date.parse(`${day}${time}Z`) / 1000 - drill.onset) / 60;
    expect(Math.abs(minutes), 'a minute of the window').toBeLessThan(5);
    await expect(readout).toContainText(/which=object\d[\d.]+/);
    await expect(readout).toContainText('job: fleet');
    await picture(chart, `chart-hover-${theme}`);

    // From zero, and back.
    const zero = chart.getByRole('button', { name: 'From zero' });
    await expect(zero).toHaveAttribute('aria-pressed', 'false');
    const before = await ink(canvas);
    await zero.click();
    await expect(zero).toHaveAttribute('aria-pressed', 'true');
    await expect.poll(() => ink(canvas)).not.toBe(before);
    await picture(chart, `chart-zero-${theme}`);
    await zero.click();
    await expect.poll(() => ink(canvas)).toBe(before);

    // Drag to zoom, double click for all.
    const whole = chart.getByRole('button', { name: 'Whole window' });
    await expect(whole).toBeDisabled();
    await drag(page, chart, 0.3, 0.6);
    await expect(whole).toBeEnabled();
    await expect.poll(() => ink(canvas)).not.toBe(before);
    await picture(chart, `chart-zoomed-${theme}`);
    await over(chart).dblclick();
    await expect(whole).toBeDisabled();
    await expect.poll(() => ink(canvas)).toBe(before);

    // The numbers behind it.
    await chart.getByText('Show the numbers').click();
    const table = chart.getByRole('table', { name: /Amplitude of level/ });
    await expect(table.getByRole('row').nth(1)).toContainText('which=object4');

    expect(await violations(page, '.casebook-Plot')).toEqual([]);
  });
}

test('a chart is read and zoomed from the keyboard, and the shortcuts of the notebook stay', async ({
  page,
  notebook,
  drill
}) => {
  await levels(notebook, drill);
  const chart = notebook.charts.first();
  const area = chart.getByRole('group', { name: /^level: 8 series each/ });
  const said = chart.getByRole('status');
  const whole = chart.getByRole('button', { name: 'Whole window' });
  await chart.getByRole('button', { name: 'From zero' }).focus();
  await page.keyboard.press('Tab');
  await expect(area).toBeFocused();

  await page.keyboard.press('ArrowRight');
  await expect(said).toHaveText(/^\d\d:\d\d:\d\d UTC: which=object4 [\d.]+$/);
  const first = await said.textContent();
  await page.keyboard.press('ArrowRight');
  await expect(said).not.toHaveText(first ?? '');
  await page.keyboard.press('ArrowUp');
  await expect(said).not.toHaveText(/object4/);
  await expect(area).toBeFocused();

  await page.keyboard.press('+');
  await expect(whole).toBeEnabled();
  // Twice, this would restart the kernel in any other place of the notebook.
  await page.keyboard.press('0');
  await page.keyboard.press('0');
  await expect(whole).toBeDisabled();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(area).toBeFocused();
});

test('a chart follows the width of its cell', async ({
  page,
  notebook,
  drill
}) => {
  await levels(notebook, drill);
  const chart = notebook.charts.first();
  const width = async () => (await over(chart).boundingBox())?.width ?? 0;
  const wide = await width();
  await page.setViewportSize({ width: 900, height: 900 });
  await expect.poll(width).toBeLessThan(wide - 200);
  await page.setViewportSize({ width: 1280, height: 900 });
  await expect.poll(width).toBe(wide);
});

test('an output that only looks like a chart shows its picture or says so, and runs nothing', async ({
  page,
  notebook
}) => {
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" width="80" height="40" data-theme="light">' +
    '<script>parent.canary = 1; top.canary = 1</script>' +
    '<image href="x" onerror="top.canary = 2"/><rect width="80" height="40" fill="#0a0"/></svg>';
  const evil = '<img src=x onerror="window.canary = 3">';
  const one = { name: evil, labels: { [evil]: evil }, highlight: true };
  const chart = { start_ms: 1795330800000, step_ms: 10000, steps: 3, of: 1 };
  const whole = { ...chart, title: evil, alt: evil, unit: evil };
  const bundles = [
    { ...whole, series: [{ ...one, values: ['NaN', 1, 2] }] },
    { ...whole, series: [{ ...one, values: { length: 1e9 } }] },
    { ...whole, steps: 1e300, series: [] },
    { ...whole, series: [{ ...one, values: [null, null, null] }] },
    'chart',
    { ...whole, series: [{ ...one, values: [1, null, 1e308] }] }
  ];
  plainText(
    await notebook.run(
      'import json\nfrom IPython.display import display\n' +
        `for data in json.loads(${JSON.stringify(JSON.stringify(bundles))}):\n` +
        `    display({${JSON.stringify(CHART)}: data, "image/svg+xml": ${JSON.stringify(svg)}}, raw=True)\n` +
        `display({${JSON.stringify(CHART)}: {"series": 3}}, raw=True)`
    )
  );
  // Five pictures, one drawn, one that has neither.
  await expect(notebook.charts).toHaveCount(1);
  const images = page.locator('.casebook-Chart img[src^="data:image/svg+xml"]');
  await expect(images).toHaveCount(5);
  for (const image of await images.all()) {
    await expect(image).toHaveJSProperty('naturalWidth', 80);
  }
  await expect(
    page.getByText('The numbers of this chart cannot be read')
  ).toHaveCount(4);
  await expect(
    page.getByText('This chart is not one that Casebook can show.')
  ).toHaveCount(1);
  await expect(notebook.charts.locator('.casebook-Plot-title')).toHaveText(
    evil
  );
  await expect(page.locator('img[src="x"]')).toHaveCount(0);
  expect(await page.evaluate(() => 'canary' in window)).toBe(false);

  await notebook.theme('JupyterLab Dark');
  await expect(images.first()).toHaveAttribute('src', /data-theme%3D%22dark/);
});

/** The fleet's levels, with the suspect known. */
async function levels(notebook: Notebook, { onset }: Drill) {
  plainText(
    await notebook.run(
      `import casebook as cb\ncb.window(${onset - 120}, ${onset + 180})\n` +
        'level = await cb.prometheus().query_range("level")\n' +
        'verdict = await level.suspects()'
    )
  );
  const outputs = await notebook.run('level');
  plainText(outputs);
  await expect(notebook.charts.first()).toBeVisible();
  return outputs;
}

/** Where the lines are: the canvas without its axes. */
function over(chart: Locator): Locator {
  return chart.locator('.u-over');
}

async function hover(page: Page, chart: Locator, x: number, y: number) {
  const box = await over(chart).boundingBox();
  expect(box).not.toBeNull();
  if (box) {
    await page.mouse.move(box.x + box.width * x, box.y + box.height * y, {
      steps: 3
    });
  }
}

async function drag(page: Page, chart: Locator, from: number, to: number) {
  await hover(page, chart, from, 0.5);
  await page.mouse.down();
  await hover(page, chart, to, 0.5);
  await page.mouse.up();
}

/** What is on a canvas, as one text to compare. */
async function ink(canvas: Locator): Promise<string> {
  return canvas.evaluate(node => (node as HTMLCanvasElement).toDataURL());
}
