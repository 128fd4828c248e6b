import { mkdirSync, renameSync, rmdirSync } from 'node:fs';
import * as path from 'node:path';

import { violations } from '../support/axe.ts';
import { expect, sharedTest as test } from '../support/fixtures.ts';
import { errorText, plainText } from '../support/notebook.ts';
import { picture } from '../support/picture.ts';

/** The page asks the proxy how it is each fifteen seconds. */
const NOTICED = { timeout: 40_000 };

test('without its log, the proxy still reads under a red banner, and leaves the hosts alone', async ({
  page,
  notebook,
  casebook,
  drill
}) => {
  plainText(
    await notebook.run(
      'import casebook as cb\n' +
        `cb.window(${drill.onset - 120}, ${drill.onset + 170})\n` +
        'instance = await cb.aws().instance(tags={"kind": "object4"})\n' +
        'host = await cb.ssh(instance)'
    )
  );
  const listing = 'await host.ls("/var/crash")';
  expect(plainText(await notebook.run(listing))).toContain('core');
  const banner = page.locator('#casebook-banner');
  await expect(banner).toHaveCount(0);

  // A folder where the log should be: a disk that cannot be written.
  const log = path.join(casebook.stateDir, 'audit.jsonl');
  renameSync(log, `${log}.away`);
  mkdirSync(log);
  const query = 'len(await cb.prometheus().query_range("level"))';
  expect(plainText(await notebook.run(query)), 'reads go on').toBe('8');
  await expect(banner).toHaveAttribute('role', 'alert', NOTICED);
  await expect(banner).toContainText('The proxy cannot write its audit log');
  for (const theme of ['Light', 'Dark'] as const) {
    await notebook.theme(`JupyterLab ${theme}`);
    await expect(banner).toHaveCSS('background-color', 'rgb(183, 28, 28)');
    await picture(page, `banner-${theme}`);
    expect(await violations(page, '#casebook-banner'), theme).toEqual([]);
  }

  for (const change of [listing, 'await host.quarantine("/var/crash/core")']) {
    expect(errorText(await notebook.run(change)), change).toContain(
      'cannot write its audit log'
    );
  }

  rmdirSync(log);
  renameSync(`${log}.away`, log);
  expect(plainText(await notebook.run(listing))).toContain('core');
  await notebook.execute('casebook:refresh-connection');
  await expect(banner).toHaveCount(0);
});
