import * as path from 'node:path';

import { expect, test } from '../support/fixtures.ts';
import { Notebook } from '../support/notebook.ts';
import { ROOT } from '../support/paths.ts';

const DIR =
  process.env.CASEBOOK_PICTURES ?? path.join(ROOT, 'tests/browser/screenshots');

test.use({ viewport: { width: 1280, height: 800 } });

test('the incident of the demo, in both themes', async ({
  page,
  casebook,
  drill
}) => {
  const notebook = await Notebook.open(
    page,
    await casebook.link(drill.incidentPath)
  );
  await notebook.runAll();
  await notebook.execute('application:toggle-left-area');
  await expect(notebook.charts.first()).toBeVisible();
  for (const theme of ['Light', 'Dark'] as const) {
    await notebook.theme(`JupyterLab ${theme}`);
    await notebook.charts
      .nth(1)
      .or(notebook.charts.last())
      .first()
      .scrollIntoViewIfNeeded();
    await page.screenshot({
      path: path.join(DIR, `incident-${theme.toLowerCase()}.png`)
    });
  }
});
