import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';

import { decide, runUntilAsked } from '../support/approval.ts';
import { Drill } from '../support/drill.ts';
import { Exported, exportAs } from '../support/exported.ts';
import { expect, test } from '../support/fixtures.ts';
import { Notebook } from '../support/notebook.ts';
import { ROOT } from '../support/paths.ts';
import { Proxy } from '../support/proxy.ts';

const DIR =
  process.env.CASEBOOK_PICTURES ?? path.join(ROOT, 'tests/browser/screenshots');

// Tall enough for two charts and the ranking below them.
test.use({ viewport: { width: 1120, height: 1240 } });
test.setTimeout(360_000);

test('the incident of the demo, in both themes', async ({ page, browser }) => {
  const made = new Set<string>();
  const picture = (name: string, theme: string) => {
    const file = `${name}-${theme.toLowerCase()}.png`;
    made.add(file);
    return path.join(DIR, file);
  };
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

    /** The same place of the notebook in both themes: from the cell that contains a text. */
    const shoot = async (name: string, cell: string) => {
      for (const theme of ['Light', 'Dark'] as const) {
        await notebook.theme(`JupyterLab ${theme}`);
        // The cells come into being as they come into sight, and move those below them.
        for (let index = 0; index < 3; index += 1) {
          await notebook.show(cell);
          await page.waitForTimeout(700);
        }
        await page.screenshot({ path: picture(name, theme) });
      }
    };
    await shoot('incident', '## Signals');
    await shoot('verdict', 'The verdict weighs');
    await shoot('fix', '## Fix');
    await decide(page, proxy, 'Approve');
    await running.ended;
    const recovered = page.getByText(/Recovered: level/).first();
    await expect(async () => {
      await notebook.again('recheck = ');
      await expect(recovered).toBeVisible({ timeout: 1000 });
    }).toPass({ timeout: 120_000, intervals: [10_000] });
    await notebook.again('recheck.chart()');
    await shoot('recovered', '## Did it recover?');

    const { file } = await exportAs(notebook, 'HTML report');
    for (const scheme of ['light', 'dark'] as const) {
      const shown = await Exported.open(browser, file, scheme);
      await shown.page.setViewportSize({ width: 1360, height: 1100 });
      await shown.page.screenshot({ path: picture('report', scheme) });
      await shown.close();
    }
    expect(readdirSync(DIR).sort(), 'pictures that nobody makes').toEqual(
      [...made].sort()
    );
    expect([...made], 'pictures that are linked').toEqual(
      expect.arrayContaining(linkedPictures())
    );
  } finally {
    await proxy.stop();
    await drill.stop();
  }
});

/** The files of the folder of pictures that any document shows. */
function linkedPictures(): string[] {
  const listed = execFileSync('git', ['ls-files', '*.md'], {
    cwd: ROOT,
    encoding: 'utf8'
  });
  return listed
    .split('\n')
    .filter(Boolean)
    .flatMap(document => [
      ...readFileSync(path.join(ROOT, document), 'utf8').matchAll(
        /screenshots\/([\w-]+\.png)/g
      )
    ])
    .map(([, file]) => file);
}
