import { expect, type Locator, type Page } from '@playwright/test';

import type { IOutput, Notebook } from './notebook.ts';
import type { Proxy } from './proxy.ts';

/** The link of the cell that waits for an approval. */
export function approvalLink(page: Page): Locator {
  return page.getByRole('link', { name: 'Open the approval page' });
}

/** The code that the proxy prints on its terminal for a plan. */
export async function planCode(proxy: Proxy, plan: string): Promise<string> {
  const printed = await proxy.printed(
    new RegExp(`/plans/${plan} +code: (\\S+)`)
  );
  return printed[1];
}

/** The id of a plan, from the address where it is approved. */
export function planId(url: string): string {
  return /\/plans\/([0-9a-f]+)$/.exec(url)?.[1] ?? `no plan in ${url}`;
}

/** Runs every cell up to the one that asks a person; the rest has `ended` when the person has decided. */
export async function runUntilAsked(
  notebook: Notebook
): Promise<{ ended: Promise<IOutput[][]> }> {
  const ended = notebook.runAll();
  // Awaited by the caller; a failure before that must not count as nobody's.
  ended.catch(() => undefined);
  await expect(approvalLink(notebook.page)).toBeVisible({ timeout: 90_000 });
  return { ended };
}

/** What a person does: follows the link of the waiting cell, and types the terminal's code there. */
export async function decide(
  page: Page,
  proxy: Proxy,
  way: 'Approve' | 'Refuse'
): Promise<void> {
  const link = approvalLink(page).last();
  const plan = planId((await link.getAttribute('href')) ?? '');
  const code = await planCode(proxy, plan);
  const popup = page.context().waitForEvent('page');
  await link.click();
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
