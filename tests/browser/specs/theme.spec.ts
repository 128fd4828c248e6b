import { expect, sharedTest as test } from '../support/fixtures.ts';
import { plainText } from '../support/notebook.ts';
import { picture } from '../support/picture.ts';
import { HIGHLIGHT, pixels } from '../support/pixels.ts';

test('a chart follows the theme', async ({ page, notebook, drill }) => {
  await notebook.run(
    `import casebook as cb\ncb.window(${drill.onset - 120}, ${drill.onset + 180})`
  );
  plainText(await notebook.run('await cb.prometheus().query_range("level")'));
  const chart = notebook.charts.first();
  await expect(chart).toBeVisible();
  const drawn = (theme: keyof typeof HIGHLIGHT) =>
    pixels(chart.locator('canvas'), HIGHLIGHT[theme]);

  const pictures: Buffer[] = [];
  for (const theme of ['Light', 'Dark'] as const) {
    await notebook.theme(`JupyterLab ${theme}`);
    await expect
      .poll(() => drawn(theme), `its line in the ${theme} theme`)
      .toBeGreaterThan(100);
    pictures.push(await chart.screenshot());
    await picture(page, `theme-${theme}`);
  }
  expect(await drawn('Light'), 'nothing is left of the other theme').toBe(0);
  const luminance = await Promise.all(
    pictures.map(picture => brightness(page, picture))
  );
  expect(luminance[0], 'light has a bright ground').toBeGreaterThan(180);
  expect(luminance[1], 'dark has a dark ground').toBeLessThan(80);
});

/** The mean brightness of a picture, 0 to 255. */
async function brightness(
  page: import('@playwright/test').Page,
  picture: Buffer
): Promise<number> {
  return page.evaluate(async base64 => {
    const bytes = Uint8Array.from(atob(base64), c => c.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes]));
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const context = canvas.getContext('2d');
    if (!context) {
      throw new Error('no canvas');
    }
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
    let sum = 0;
    for (let at = 0; at < data.length; at += 4) {
      sum += (data[at] + data[at + 1] + data[at + 2]) / 3;
    }
    return (sum * 4) / data.length;
  }, picture.toString('base64'));
}
