import type { Page } from '@playwright/test';

import { violations } from '../support/axe.ts';
import { expect, test as base } from '../support/fixtures.ts';
import { picture } from '../support/picture.ts';
import { askForPlan } from '../support/plans.ts';
import { Proxy } from '../support/proxy.ts';

/** How long a plan of these tests waits, in seconds: long enough for a browser, short enough to see its end. */
const TTL = 15;

const test = base.extend<{ terminal: Proxy; hasty: Proxy }>({
  terminal: async ({ drill }, use) => {
    const terminal = await Proxy.start('approval', { tables: drill.tables });
    await use(terminal);
    await terminal.stop();
  },
  hasty: async ({ drill }, use) => {
    const tables = `${drill.tables}\n[plans]\nttl = "${TTL}s"\n`;
    const hasty = await Proxy.start('approval-hasty', { tables });
    await use(hasty);
    await hasty.stop();
  }
});

/** What axe has to say against the page, in both themes; a picture of each is kept with the results. */
async function looksRight(page: Page, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await picture(page, `approval-${name}-${colorScheme}`, { fullPage: true });
    expect(await violations(page), `axe, ${name}, ${colorScheme}`).toEqual([]);
    const [inside, across] = await page.evaluate(() => [
      document.documentElement.scrollWidth,
      document.documentElement.clientWidth
    ]);
    expect(inside, 'nothing sticks out to the side').toBe(across);
  }
}

test('a plan is read, mistyped, and approved with the keyboard alone', async ({
  page,
  terminal
}) => {
  const { url, code, host } = await askForPlan(page, terminal, 'it is urgent');
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto(url);
  await looksRight(page, 'waiting-phone');
  await page.setViewportSize({ width: 1280, height: 900 });
  await looksRight(page, 'waiting');
  const heading = page.getByRole('heading', { level: 1 });
  await expect(heading).toContainText(`on ${host}`);
  const name = heading.getByText(host);
  const lines = await name.evaluate(element => element.getClientRects().length);
  expect(lines, 'the name of the host stands on one line').toBe(1);
  await expect(page.getByRole('status')).toContainText('Waits for an approval');
  await expect(page.getByRole('row', { name: /^Size/ })).toContainText(
    /^Size\d+\.\d [KMG]iB \([\d,]+ bytes\)$/
  );
  const field = page.getByLabel(/code/);
  await expect(field).not.toBeFocused();
  await expect(field).toHaveAccessibleDescription(/5 tries are left/);

  const focused = page.locator(':focus');
  await page.keyboard.press('Tab');
  await expect(focused).toHaveText('The line that the host will run');
  await page.keyboard.press('Enter');
  await expect(page.locator('pre')).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(field).toBeFocused();
  await page.keyboard.type('AAAA-AAAA');
  for (const button of ['Approve', 'Refuse']) {
    await page.keyboard.press('Tab');
    await expect(focused).toHaveText(button);
    const outline = await focused.evaluate(
      element => getComputedStyle(element).outlineStyle
    );
    expect(outline, `${button} shows that it has the focus`).toBe('solid');
  }
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Enter');

  await expect(page.getByRole('alert')).toContainText(
    'not the code of this plan'
  );
  await expect(field).toBeFocused();
  await expect(field).toHaveAccessibleDescription(/4 tries are left/);
  await expect(page).toHaveTitle(/^not approved: move /);
  await looksRight(page, 'wrong-code');

  await page.keyboard.type(code.toLowerCase());
  await page.keyboard.press('Enter');
  await expect(page.getByRole('status')).toContainText('Approved by ');
  await expect(page.getByRole('alert')).toHaveCount(0);
  await expect(page.getByRole('button')).toHaveCount(0);
  await looksRight(page, 'approved');
});

test('who comes too late, or tries too often, is told so', async ({
  page,
  terminal,
  hasty
}) => {
  const late = await askForPlan(page, hasty);
  const expiry = Date.now() + TTL * 1000;
  const open = await page.context().newPage();
  await open.goto(late.url);
  await open.getByLabel(/code/).fill(late.code);

  const { url } = await askForPlan(page, terminal);
  await page.goto(url);
  const field = page.getByLabel(/code/);
  for (let tries = 0; tries < 5; tries++) {
    await field.fill('AAAA-AAAA');
    await page.getByRole('button', { name: 'Approve' }).click();
    await expect(page.getByRole('alert')).toContainText('not the code');
  }
  await expect(page.getByRole('status')).toContainText('Refused.');
  await expect(page.getByRole('button')).toHaveCount(0);
  await looksRight(page, 'dead');

  await page.goto(`${new URL(url).origin}/plans/none`);
  await expect(page.getByRole('alert')).toContainText('no plan of this id');
  await looksRight(page, 'no-plan');
  await page.goto(new URL(url).origin);
  await looksRight(page, 'front');

  await open.waitForTimeout(Math.max(expiry - Date.now(), 0));
  await open.getByRole('button', { name: 'Approve' }).click();
  await expect(open.getByRole('alert')).toContainText('This plan expired');
  await expect(open.getByRole('status')).toContainText(
    'the host was not asked'
  );
  await expect(open.getByRole('button')).toHaveCount(0);
  await looksRight(open, 'expired');
});
