import * as path from 'node:path';

import { expect, test } from '../support/fixtures.ts';
import { Notebook } from '../support/notebook.ts';
import { ROOT } from '../support/paths.ts';
import { Proxy } from '../support/proxy.ts';

const DIR =
  process.env.CASEBOOK_PICTURES ?? path.join(ROOT, 'tests/browser/screenshots');

// Tall enough for the incident from its first chart to the verdict.
test.use({ viewport: { width: 1120, height: 1520 } });

test('the incident of the demo, in both themes', async ({ page, drill }) => {
  const casebook = await Proxy.start('pictures', {
    sources: { main: { url: drill.url } }
  });
  try {
    const notebook = await Notebook.open(
      page,
      await casebook.link(drill.incidentPath)
    );
    await notebook.execute('application:toggle-left-area');
    await notebook.runAll();
    await notebook.execute('docmanager:save');
    await expect(page.locator('.casebook-Status')).toContainText('main up');
    await expect(notebook.charts).toHaveCount(2);
    for (const theme of ['Light', 'Dark'] as const) {
      await notebook.theme(`JupyterLab ${theme}`);
      await notebook.charts
        .first()
        .evaluate(chart => chart.scrollIntoView({ block: 'start' }));
      await page.screenshot({
        path: path.join(DIR, `incident-${theme.toLowerCase()}.png`)
      });
    }
  } finally {
    await casebook.stop();
  }
});
