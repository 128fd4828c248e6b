import type { Page } from '@playwright/test';

import { approvalLink } from '../support/approval.ts';
import { expect, sharedTest as test } from '../support/fixtures.ts';
import {
  errorText,
  Notebook,
  plainText,
  withoutKernels
} from '../support/notebook.ts';
import { pictures } from '../support/picture.ts';
import type { Proxy } from '../support/proxy.ts';

test('the waiting cell is cancelled by its button, from the keyboard', async ({
  page,
  notebook,
  casebook
}) => {
  const id = await makePlan(notebook);
  const waiting = notebook.run('await plan.apply()');
  waiting.catch(() => undefined);

  const cancel = page.getByRole('button', { name: 'Cancel the plan' });
  await expect(cancel).toBeEnabled();
  const shown = page.getByRole('region', { name: 'Plan' });
  await expect(shown.getByRole('status')).toHaveText(
    /Waiting for an approval\. Moves \/var\/crash\/core to \/var\/quarantine\/core\.\S+ on \S+\.$/
  );
  await expect(shown).toContainText(/It expires at \d{4}-\d\d-\d\d .* UTC\./);
  expect(await approvalLink(page).getAttribute('href')).toBe(
    `http://127.0.0.1:${casebook.approvalPort}/plans/${id}`
  );
  await pictures(notebook, 'plan-waiting');

  await cancel.focus();
  await page.keyboard.press('Enter');
  expect(errorText(await waiting)).toMatch(
    /PlanError.*: cancelled\. It was cancelled; the host was not asked\./
  );
  expect(await state(page, casebook, id)).toBe('cancelled');
  await expect(shown.getByRole('status')).toHaveText(/Cancelled\. Moves /);
  await expect(cancel).toBeHidden();
  await expect(approvalLink(page)).toHaveCount(0);
  await pictures(notebook, 'plan-cancelled');
  expect(plainText(await notebook.run('await host.ls("/var/crash")'))).toMatch(
    / core$/m
  );
});

test('a wait that ran out leaves the plan waiting, and a saved notebook can still take it back', async ({
  page,
  casebook
}) => {
  // A notebook with a name: one without is asked for it when it is saved.
  const first = await Notebook.openAs(page, 'waits.ipynb');
  await first.ready();
  const id = await makePlan(first);
  expect(errorText(await first.run('await plan.apply(wait="2s")'))).toMatch(
    /Nobody approved the plan within 2s: \/var\/crash\/core is where it was\.[^]*The plan waits until/
  );
  expect(await state(page, casebook, id)).toBe('waiting');
  await expect(page.getByRole('region', { name: 'Plan' })).toContainText(
    'waited for 2s, and waits no longer'
  );
  await first.execute('docmanager:save');

  // Another page, without the kernel that knows of the plan.
  const later = await page.context().newPage();
  await withoutKernels(later);
  await later.goto(`${casebook.origin}/lab/index.html?path=waits.ipynb`);
  await new Notebook(later).loaded();
  const shown = later.getByRole('region', { name: 'Plan' });
  const cancel = later.getByRole('button', { name: 'Cancel the plan' });
  await cancel.click();
  await expect(shown.getByRole('status')).toHaveText(/Cancelled\. Moves /);
  expect(await state(page, casebook, id)).toBe('cancelled');

  // The file still says "waiting"; the proxy knows better.
  await later.reload();
  await new Notebook(later).loaded();
  await expect(shown.getByRole('status')).toHaveText(/Cancelled\. Moves /);
  await expect(cancel).toBeHidden();
  await expect(approvalLink(later)).toHaveCount(0);
});

/** Has the kernel make a plan, named `plan`, for the core of the practice incident; returns its id. */
async function makePlan(notebook: Notebook): Promise<string> {
  const made = await notebook.run(
    'import casebook as cb\n' +
      'host = await cb.ssh(await cb.aws().instance(tags={"kind": "object4"}))\n' +
      'plan = await host.quarantine("/var/crash/core")\n' +
      'print(plan.id)'
  );
  return plainText(made).trim();
}

/** How the proxy says that a plan stands. */
async function state(page: Page, proxy: Proxy, id: string): Promise<string> {
  const answer = await page.request.get(`${proxy.origin}/api/v1/plans/${id}`);
  return ((await answer.json()) as { state: string }).state;
}
