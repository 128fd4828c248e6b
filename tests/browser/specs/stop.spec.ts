import { Console } from '../support/console.ts';
import { expect, sharedTest as test } from '../support/fixtures.ts';
import { errorText, plainText } from '../support/notebook.ts';

test('Stop ends the query that runs, up to Prometheus, and the next cell runs', async ({
  page,
  notebook,
  silent
}) => {
  plainText(
    await notebook.run('import casebook as cb\ncb.window(last="5m")\nkept = 41')
  );
  const running = notebook.run(
    'late = await cb.prometheus("silent").query_range("up")'
  );
  running.catch(() => undefined);
  await expect.poll(() => silent.waiting).toBe(1);
  await page.getByRole('button', { name: 'Interrupt the kernel' }).click();
  expect(errorText(await running)).toMatch(
    /StoppedError.*You stopped this cell before its end\./
  );
  await expect.poll(() => silent.waiting).toBe(0);
  expect(plainText(await notebook.run('print(kept + 1)'))).toContain('42');
});

test('Stop takes the plan back that a cell waits for', async ({
  page,
  notebook
}) => {
  plainText(
    await notebook.run(
      'import casebook as cb\n' +
        'host = await cb.ssh(await cb.aws().instance(tags={"kind": "object4"}))\n' +
        'plan = await host.quarantine("/var/crash/core")'
    )
  );
  const waiting = notebook.run('await plan.apply()');
  waiting.catch(() => undefined);
  const shown = page.getByRole('region', { name: 'Plan' });
  await expect(shown.getByRole('button')).toBeEnabled();
  await notebook.execute('notebook:enter-command-mode');
  await page.locator('.jp-Notebook .jp-Cell.jp-mod-active').focus();
  await page.keyboard.press('i');
  await page.keyboard.press('i');
  expect(errorText(await waiting)).toMatch(
    /StoppedError.*You stopped this cell\. Moves .*: cancelled\. It was cancelled/
  );
  await expect(shown.getByRole('status')).toHaveText(/Cancelled\. Moves /);
  const stands = await notebook.run('print((await plan.refresh()).state)');
  expect(plainText(stands)).toContain('cancelled');
});

test('in a console, Stop ends the query that runs and takes the plan back that is waited for', async ({
  page,
  silent
}) => {
  const console = await Console.create(page);
  await console.enter('import casebook as cb\ncb.window(last="5m")');
  const query = await console.enter(
    'late = await cb.prometheus("silent").query_range("up")'
  );
  await expect.poll(() => silent.waiting).toBe(1);
  await console.stop();
  await expect(query).toContainText(
    /StoppedError.*You stopped this cell before its end\./
  );
  await expect.poll(() => silent.waiting).toBe(0);

  const made = await console.enter(
    'host = await cb.ssh(await cb.aws().instance(tags={"kind": "object4"}))\n' +
      'plan = await host.quarantine("/var/crash/core")\nprint(plan.state)'
  );
  await expect(made).toContainText('waiting');
  const waiting = await console.enter('await plan.apply()');
  const shown = page.getByRole('region', { name: 'Plan' });
  await expect(shown.getByRole('button')).toBeEnabled();
  await console.stop();
  await expect(waiting).toContainText(
    /StoppedError.*Moves .*: cancelled\. It was cancelled/
  );
  await expect(shown.getByRole('status')).toHaveText(/Cancelled\. Moves /);
  const stands = await console.enter('print((await plan.refresh()).state)');
  await expect(stands).toContainText('cancelled');
});

test('a cell that awaits nothing says that it does not hear Stop', async ({
  page,
  notebook,
  silent
}) => {
  // To its kernel, a request that blocks is as good as a computation.
  const running = notebook.run(
    'import js\n' +
      'request = js.XMLHttpRequest.new()\n' +
      'url = "/api/prom/silent/api/v1/query_range?query=up&start=0&end=1&step=1"\n' +
      'request.open("GET", f"{js.location.origin}{url}", False)\n' +
      'request.send()\n' +
      'print(request.status, "its own end")'
  );
  running.catch(() => undefined);
  await expect.poll(() => silent.waiting).toBe(1);
  await page.getByRole('button', { name: 'Interrupt the kernel' }).click();
  await expect(
    page.getByText(/The cell has not stopped/).first()
  ).toBeVisible();
  silent.answer();
  expect(plainText(await running)).toContain('200 its own end');
  expect(plainText(await notebook.run('print(6 * 7)'))).toContain('42');
});
