import * as path from 'node:path';

import { violations } from '../support/axe.ts';
import { expect, sharedTest as test } from '../support/fixtures.ts';
import { Notebook, plainText } from '../support/notebook.ts';
import { RESULTS_DIR } from '../support/paths.ts';

const THEMES = ['Light', 'Dark'] as const;

test('what Casebook adds around a notebook can be read by everyone, in both themes', async ({
  page
}) => {
  const site = new Notebook(page);
  const status = page.locator('.casebook-Status');
  await expect(status).toContainText('down down');
  for (const theme of THEMES) {
    await site.theme(`JupyterLab ${theme}`);
    const looksRight = async (selector: string, name: string) => {
      await expect(page.locator(selector).first()).toBeVisible();
      await page.screenshot({
        path: path.join(RESULTS_DIR, `${name}-${theme.toLowerCase()}.png`)
      });
      expect(await violations(page, selector), `${name}, ${theme}`).toEqual([]);
    };
    await looksRight(
      '.jp-LauncherCard[data-category="Casebook"]',
      'launcher-cards'
    );
    await status.getByRole('button').click();
    await looksRight('.casebook-Details', 'connection');
    await page.keyboard.press('Escape');
    await expect(page.locator('.casebook-Details')).toHaveCount(0);

    void site.execute('casebook:sign-in');
    await looksRight('.jp-Dialog', 'sign-in');
    const link = page.getByLabel('Link or token');
    await link.fill('no link');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('alert')).toContainText('no token');
    await looksRight('.jp-Dialog', 'sign-in-problem');
    await page.getByRole('button', { name: 'Not Now' }).click();
  }
});

test('what cells put out can be read by everyone, in both themes', async ({
  page,
  notebook,
  drill
}) => {
  plainText(
    await notebook.run(
      'import casebook as cb\n' +
        `cb.window(${drill.onset - 120}, ${drill.onset + 180})\n` +
        'level = await cb.prometheus().query_range("level")\n' +
        'verdict = await level.suspects()\nverdict'
    )
  );
  plainText(
    await notebook.run(
      'host = await cb.ssh(await cb.aws().instance(verdict.top))\n' +
        'await host.ls("/var/crash")'
    )
  );
  plainText(
    await notebook.run('plan = await host.quarantine("/var/crash/core")')
  );
  const waiting = notebook.run('await plan.apply()');
  waiting.catch(() => undefined);
  const cancel = page.getByRole('button', { name: 'Cancel the plan' });
  await expect(cancel).toBeEnabled();
  for (const theme of THEMES) {
    await notebook.theme(`JupyterLab ${theme}`);
    for (const part of ['.casebook-Table', '.casebook-Plan']) {
      await expect(page.locator(part).first()).toBeVisible();
      expect(await violations(page, part), `${part}, ${theme}`).toEqual([]);
    }
  }
  await cancel.click();
  await expect(page.getByRole('region', { name: 'Plan' })).toContainText(
    'Cancelled.'
  );
  await waiting.catch(() => undefined);
  for (const theme of THEMES) {
    await notebook.theme(`JupyterLab ${theme}`);
    expect(await violations(page, '.casebook-Plan'), theme).toEqual([]);
  }
});
