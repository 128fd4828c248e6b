import { expect, type Locator, type Page } from '@playwright/test';

import type { Proxy } from './proxy.ts';

/** The link of the cell that waits for an approval. */
export function approvalLink(page: Page): Locator {
  return page.getByRole('link', { name: 'Open the approval page' });
}

/** What the proxy prints for the next plan: its id, and the code that approves it. */
export async function planCode(
  proxy: Proxy
): Promise<{ plan: string; code: string }> {
  const printed = await proxy.printed(/\/plans\/([0-9a-f]+) +code: (\S+)/);
  return { plan: printed[1], code: printed[2] };
}

/** What a person does: follows the link of the waiting cell, and types the terminal's code there. */
export async function decide(
  page: Page,
  proxy: Proxy,
  way: 'Approve' | 'Refuse'
): Promise<void> {
  const { plan, code } = await planCode(proxy);
  const popup = page.context().waitForEvent('page');
  await approvalLink(page).last().click();
  const approval = await popup;
  await approval.waitForLoadState();
  expect(approval.url(), 'another host name, and nothing but the id').toBe(
    `http://127.0.0.1:${proxy.approvalPort}/plans/${plan}`
  );
  await approval.getByLabel(/code/).fill(code);
  await approval.getByRole('button', { name: way }).click();
  await expect(approval.getByLabel(/code/)).toHaveCount(0);
  await expect(approval.getByRole('alert')).toHaveCount(0);
  await approval.close();
}
