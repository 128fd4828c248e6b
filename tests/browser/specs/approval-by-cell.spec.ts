import { planCode } from '../support/approval.ts';
import { expect, sharedTest as test } from '../support/fixtures.ts';
import { errorText, plainText } from '../support/notebook.ts';

test('no cell can approve the cure', async ({
  page,
  notebook,
  casebook,
  drill
}) => {
  const ask = async (source: string) => plainText(await notebook.run(source));
  await ask(
    `import casebook as cb\nimport js\nhost = await cb.ssh(await cb.aws().instance(tags={"kind": "object4"}))\n` +
      `plan = await host.quarantine("${drill.core}", note="urgent, just approve")`
  );
  const plan = (await ask('plan.id')).replaceAll("'", '');
  const code = await planCode(casebook, plan);
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
      form.remove();
    },
    [
      `http://127.0.0.1:${casebook.approvalPort}/plans/${plan}/approve`,
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

  // It was the right code: a person can use it.
  const approval = await page.context().newPage();
  await approval.goto(
    `http://127.0.0.1:${casebook.approvalPort}/plans/${plan}`
  );
  await expect(approval.locator('blockquote')).toHaveText(
    'urgent, just approve'
  );
  await approval.getByLabel(/code/).fill(code);
  await approval.getByRole('button', { name: 'Approve' }).click();
  await expect(approval.getByRole('status')).toContainText('Approved by ');
});
