import * as path from 'node:path';
import type { Locator } from '@playwright/test';

import { decide, runUntilAsked } from '../support/approval.ts';
import { Drill } from '../support/drill.ts';
import { expect, test } from '../support/fixtures.ts';
import { Notebook } from '../support/notebook.ts';
import { ROOT } from '../support/paths.ts';
import { Proxy } from '../support/proxy.ts';

const DIR =
  process.env.CASEBOOK_PICTURES ?? path.join(ROOT, 'tests/browser/screenshots');

// Tall enough for the incident from its first chart to the verdict.
test.use({ viewport: { width: 1120, height: 1520 } });
test.setTimeout(360_000);

test('the incident of the demo, in both themes', async ({ page }) => {
  const drill = await Drill.start();
  const proxy = await Proxy.start('pictures', { tables: drill.tables });
  try {
    const notebook = await Notebook.open(
      page,
      await proxy.link(drill.incidentPath)
    );
    const running = await runUntilAsked(notebook);
    await notebook.execute('application:toggle-left-area');
    await notebook.execute('docmanager:save');
    await expect(page.locator('.casebook-Status')).toContainText('main up');

    /** The same place of the notebook in both themes. */
    const shoot = async (name: string, place: Locator) => {
      for (const theme of ['Light', 'Dark'] as const) {
        await notebook.theme(`JupyterLab ${theme}`);
        await place.evaluate(element =>
          element.scrollIntoView({ block: 'start' })
        );
        // The cells come into being as they come into sight.
        await expect(page.locator('.jp-Notebook')).toBeVisible();
        await page.waitForTimeout(1000);
        await page.screenshot({
          path: path.join(DIR, `${name}-${theme.toLowerCase()}.png`)
        });
      }
    };
    const heading = (name: string) => page.getByRole('heading', { name });
    await shoot('incident', notebook.charts.first());
    await shoot('fix', heading('Fix'));
    await decide(page, proxy, 'Approve');
    await running.ended;
    const recovered = page.getByText(/Recovered: level/).first();
    await expect(async () => {
      await notebook.again('recheck = ');
      await expect(recovered).toBeVisible({ timeout: 1000 });
    }).toPass({ timeout: 120_000, intervals: [10_000] });
    await notebook.again('recheck.chart()');
    await shoot('recovered', heading('Did it recover?'));
  } finally {
    await proxy.stop();
    await drill.stop();
  }
});
