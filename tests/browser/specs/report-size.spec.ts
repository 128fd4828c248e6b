import { readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';

import { Exported, exportAs } from '../support/exported.ts';
import { expect, sharedTest as test } from '../support/fixtures.ts';
import { Notebook, plainText } from '../support/notebook.ts';
import { RESULTS_DIR } from '../support/paths.ts';

const MAX_BYTES = 5_000_000;
const MAX_MS = 2000;

/** Twenty cells of a long night: hours of every server, all buckets of a histogram, rankings, verdicts, a host. */
const LONG_NIGHT = [
  ...[1, 2, 3, 4, 5, 6].map(
    hours =>
      `long${hours} = await prometheus.query_range("level", end=start, last="${hours}h", step="10s")\nlong${hours}`
  ),
  ...[1, 2, 3, 4].map(
    minutes =>
      `await prometheus.query_range("rate(request_duration_seconds_bucket[${minutes}m])", start=start, end=end)`
  ),
  ...[1, 2, 3, 4].map(hours => `long${hours}.amplitude()`),
  'level = await prometheus.query_range("level", start=start, end=end)\nlevel.chart(zero_based=True)',
  'verdict = await level.suspects()\nverdict',
  'host = await cb.ssh(await cb.aws().instance(verdict.top))\nawait host.ls("/var/log")',
  'await host.journalctl(lines=200)',
  'await level.recheck()',
  'await cb.aws().instances()'
];

test('a night of twenty cells is one small file, at once, and comes out of it again', async ({
  page,
  browser,
  drill
}) => {
  const { onset } = drill;
  const notebook = await Notebook.openAs(page, 'night.ipynb');
  await notebook.ready();
  await notebook.run(
    `import casebook as cb\nprometheus = cb.prometheus()\n` +
      `start, end = ${onset - 120}, ${onset + 180}\ncb.window(start, end)`
  );
  for (const source of LONG_NIGHT) {
    plainText(await notebook.run(source));
  }
  expect(LONG_NIGHT).toHaveLength(20);
  const plain = await exportAs(notebook, 'Notebook (ipynb)');
  const saved = JSON.parse(readFileSync(plain.file, 'utf8')) as unknown;
  const sizes: object[] = [];
  for (const format of ['HTML report', 'Slides']) {
    // The first one, which also fetches the code that writes it: that is the one a person waits for.
    const { file, milliseconds } = await exportAs(notebook, format);
    const bytes = readFileSync(file).length;
    expect(bytes, `bytes of ${format}`).toBeLessThan(MAX_BYTES);
    expect(
      milliseconds,
      `milliseconds from the menu to the file: ${format}`
    ).toBeLessThan(MAX_MS);
    sizes.push({ format, bytes, milliseconds: Math.round(milliseconds) });
    await test.step(`the notebook inside of ${format}`, async () => {
      const shown = await Exported.open(browser, file);
      const { page: view } = shown;
      if (format === 'Slides') {
        await view.keyboard.press('End');
      }
      const link = view.getByRole('link', { name: 'Download the notebook' });
      const downloading = view.waitForEvent('download');
      await link.click();
      const given = await (await downloading).path();
      expect(JSON.parse(readFileSync(given, 'utf8'))).toEqual(saved);
      expect(await shown.brokenPictures()).toEqual([]);
      expect(shown.wrongs).toEqual([]);
      await shown.close();
    });
  }
  writeFileSync(
    path.join(RESULTS_DIR, 'report-sizes.json'),
    JSON.stringify(sizes)
  );
});
