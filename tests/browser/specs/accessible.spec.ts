import type { Page } from '@playwright/test';

import { violations } from '../support/axe.ts';
import { expect, sharedTest as test } from '../support/fixtures.ts';
import { Notebook, plainText } from '../support/notebook.ts';
import { picture } from '../support/picture.ts';

const THEMES = ['Light', 'Dark'] as const;

/** Looks at a part of the page in both themes. */
async function looksRight(
  page: Page,
  selector: string,
  name: string
): Promise<void> {
  for (const theme of THEMES) {
    await new Notebook(page).theme(`JupyterLab ${theme}`);
    await expect(page.locator(selector).first()).toBeVisible();
    await picture(page, `${name}-${theme}`);
    expect(await violations(page, selector), `${name}, ${theme}`).toEqual([]);
  }
}

test('what Casebook adds around a notebook can be read by everyone, in both themes', async ({
  page,
  casebook
}) => {
  const status = page.locator('.casebook-Status');
  await expect(status).toContainText('down down');
  await looksRight(page, '.casebook-Status', 'status');
  await looksRight(
    page,
    '.jp-LauncherCard[data-category="Casebook"]',
    'launcher-cards'
  );
  await status.getByRole('button').click();
  await looksRight(page, '.casebook-Details', 'connection');
  await page.keyboard.press('Escape');
  await expect(page.locator('.casebook-Details')).toHaveCount(0);

  await page.context().clearCookies();
  await new Notebook(page).execute('casebook:refresh-connection');
  const link = page.getByLabel('Link or token');
  await link.fill('no link');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toContainText('no token');
  await looksRight(page, '.jp-Dialog', 'sign-in');
  await link.fill(await casebook.link());
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(status).not.toContainText('signed out');
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
  await looksRight(page, '.casebook-Table', 'verdict');
  await looksRight(page, '.casebook-Plan', 'waiting');
  await cancel.click();
  await expect(page.getByRole('region', { name: 'Plan' })).toContainText(
    'Cancelled.'
  );
  await waiting.catch(() => undefined);
  await looksRight(page, '.casebook-Plan', 'cancelled');
});
