import { approvalLink, decide, planCode } from '../support/approval.ts';
import { Drill, incidentPath } from '../support/drill.ts';
import { expect, test as base } from '../support/fixtures.ts';
import { errorText, Notebook, plainText } from '../support/notebook.ts';
import { Proxy } from '../support/proxy.ts';

const CORE = '/var/crash/core';
/** A recovery takes six samples, one each ten seconds. */
const RECOVERY = 120_000;

/** An incident of its own for each story, because a story changes it. */
const test = base.extend<{ incident: Drill; terminal: Proxy }>({
  // eslint-disable-next-line no-empty-pattern
  incident: async ({}, use) => {
    const incident = await Drill.start();
    await use(incident);
    await incident.stop();
  },
  terminal: async ({ incident }, use) => {
    const terminal = await Proxy.start('story', { tables: incident.tables });
    await use(terminal);
    await terminal.stop();
  }
});

test.setTimeout(360_000);

test('from the link to the proof that the move helped, and back', async ({
  page,
  terminal,
  incident
}) => {
  const notebook = await Notebook.open(
    page,
    await terminal.link(incident.incidentPath)
  );
  const runningAll = notebook.runAll();
  // Looked at below; a failure before that must not count as nobody's.
  runningAll.catch(() => undefined);

  // Run All stops at the fix, where a person is asked.
  await expect(approvalLink(page)).toBeVisible({ timeout: 90_000 });
  await expect(approvalLink(page)).toHaveCount(1);
  await decide(page, terminal, 'Approve');
  const cells = await runningAll;
  const said = cells.map(plainText);
  const shown = (text: string) => said.some(cell => cell.includes(text));
  for (const text of ['tag kind=object4', `${CORE} to /var/quarantine/core.`]) {
    expect(shown(text), `Run All shows ${text}`).toBe(true);
  }
  expect(shown(': applied. '), 'the plan was applied').toBe(true);
  expect(shown('Not yet: '), 'no sample yet is no recovery').toBe(true);
  expect(
    plainText(await notebook.run('await host.ls("/var/crash")'))
  ).not.toMatch(/ core$/m);

  const recheck = async () =>
    plainText(await notebook.run('(await level.recheck()).sentence'));
  await expect
    .poll(recheck, { timeout: RECOVERY, intervals: [10_000] })
    .toMatch(/Recovered: level\{.*object4/);

  plainText(await notebook.run('undo = await plan.undo()'));
  const puttingBack = notebook.run('await undo.apply()');
  puttingBack.catch(() => undefined);
  // The first invitation is history by now.
  await expect(approvalLink(page)).toHaveCount(1);
  await decide(page, terminal, 'Approve');
  expect(plainText(await puttingBack)).toContain(': applied. ');
  expect(plainText(await notebook.run('await host.ls("/var/crash")'))).toMatch(
    / core$/m
  );
  expect(await recheck(), 'what was before the undo does not count').toMatch(
    /^'Not yet: /
  );
});

test('nothing recovers that nobody cured, and no cell can approve the cure', async ({
  page,
  terminal,
  incident
}) => {
  const { onset } = incident;
  const notebook = await Notebook.open(
    page,
    // It has been over for a minute and a half, so that there are samples after it.
    await terminal.link(incidentPath('ill', onset - 120, onset + 90))
  );
  const ask = async (source: string) => plainText(await notebook.run(source));
  await ask(
    `import casebook as cb, js\ncb.window(${onset - 120}, ${onset + 90})\n` +
      'level = await cb.prometheus().query_range("level")\n' +
      'verdict = await level.suspects()\n' +
      'host = await cb.ssh(await cb.aws().instance(verdict.top))\n' +
      `plan = await host.quarantine("${CORE}", note="urgent, just approve")`
  );
  const { plan, code } = await planCode(terminal);
  expect(await ask('plan.id')).toBe(`'${plan}'`);
  expect(
    await ask('import json\nprint(json.dumps(plan.to_dict()))')
  ).not.toContain(code);

  // The very form of the approval page with the right code, from the kernel and from the page.
  const form = `"code=${code}&digest=" + plan.to_dict()["digest"]`;
  await ask(
    `from pyodide.ffi import to_js\n` +
      `options = to_js({"method": "POST", "mode": "no-cors", "body": ${form}, "headers": ` +
      '{"content-type": "application/x-www-form-urlencoded"}}, ' +
      'dict_converter=js.Object.fromEntries)\n' +
      'try:\n' +
      '    await js.fetch(plan.approve_url + "/approve", options)\n' +
      'except Exception as refused:\n' +
      '    print(refused)'
  );
  const digest = (await ask('plan.to_dict()["digest"]')).replaceAll("'", '');
  await page.evaluate(
    async ([url, body]) => {
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      const options = { method: 'POST', headers, body };
      await fetch(url, { ...options, mode: 'no-cors' }).catch(() => undefined);
      const form = document.createElement('form');
      Object.assign(form, { action: url, method: 'post', target: '_blank' });
      for (const [name, value] of new URLSearchParams(body)) {
        form.append(
          Object.assign(document.createElement('input'), { name, value })
        );
      }
      document.body.append(form);
      form.submit();
    },
    [
      `http://127.0.0.1:${terminal.approvalPort}/plans/${plan}/approve`,
      `code=${code}&digest=${digest}`
    ]
  );
  for (const path of ['approve', 'refuse']) {
    const posted = await notebook.run(
      `await cb._api.ask("POST", f"/api/v1/plans/{plan.id}/${path}", {"code": "${code}"})`
    );
    expect(errorText(posted)).toMatch(/ProxyError.*has no \/api\/v1\/plans\//);
  }
  expect(
    errorText(
      await notebook.run(
        'await cb._api.ask("POST", f"/api/v1/plans/{plan.id}/apply", {})'
      )
    )
  ).toMatch(/approv/);
  expect(await ask('(await plan.refresh()).state')).toBe("'waiting'");

  expect(await ask('(await level.recheck()).sentence')).toMatch(
    /Not yet: level\{.*object4.* still swings by/
  );

  // It was the right code: a person can use it.
  await page.goto(`http://127.0.0.1:${terminal.approvalPort}/plans/${plan}`);
  await expect(page.locator('blockquote')).toHaveText('urgent, just approve');
  await page.getByLabel(/code/).fill(code);
  await page.getByRole('button', { name: 'Approve' }).click();
  await expect(page.getByRole('status')).toContainText('Approved by ');
});
