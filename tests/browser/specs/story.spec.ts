import { approvalLink, decide, planCode } from '../support/approval.ts';
import { Drill, incidentPath } from '../support/drill.ts';
import { expect, test as base } from '../support/fixtures.ts';
import { Lab } from '../support/lab.ts';
import { errorText, Notebook, plainText } from '../support/notebook.ts';
import { Proxy } from '../support/proxy.ts';

/** A recovery takes six samples, one each ten seconds. */
const RECOVERY = 120_000;

/** The practice incident, and the real servers. */
const BACK_ENDS = {
  'the drill': () => Drill.start(),
  'the lab': () => Lab.start(true)
};

const STILL_ILL = /Not yet: level\{.*object4.* still swings by/;

interface IStory {
  /** Which back ends it is played on. */
  on: keyof typeof BACK_ENDS;
  /** An incident of its own for each story, because a story changes it. */
  incident: Drill | Lab;
  terminal: Proxy;
}

const test = base.extend<IStory>({
  on: ['the drill', { option: true }],
  incident: async ({ on }, use) => {
    const incident = await BACK_ENDS[on]();
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

/** A link to minutes that have been over for a while, so that there are samples after them. */
function earlier({ onset }: Drill | Lab): string {
  return incidentPath('ill', onset - 120, onset + 90);
}

/** What a cell says to come from those minutes to the culprit's host. */
function toTheHost({ onset }: Drill | Lab): string {
  return (
    `import casebook as cb\ncb.window(${onset - 120}, ${onset + 90})\n` +
    'level = await cb.prometheus().query_range("level")\n' +
    'verdict = await level.suspects()\n' +
    'host = await cb.ssh(await cb.aws().instance(verdict.top))\n'
  );
}

for (const on of ['the drill', 'the lab'] as const) {
  test.describe(`against ${on}`, () => {
    test.use({ on });

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
      expect(shown('tag kind=object4'), 'the label led to a machine').toBe(
        true
      );
      expect(shown('Core files on i-'), 'the core was found').toBe(true);
      const moves = new RegExp(
        `Moves ${incident.core} to /.*/quarantine/core\\.`
      );
      expect(said.join('\n'), 'the plan names the core that was found').toMatch(
        moves
      );
      expect(shown(': applied. '), 'the plan was applied').toBe(true);
      expect(shown('Not yet: '), 'no sample yet is no recovery').toBe(true);
      const cores = async () =>
        plainText(
          await notebook.run('[core.path for core in await host.cores()]')
        );
      expect(await cores()).toBe('[]');

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
      expect(await cores()).toBe(`['${incident.core}']`);
      expect(
        await recheck(),
        'what was before the undo does not count'
      ).toMatch(/^'Not yet: /);
    });
  });
}

test.describe('against the lab', () => {
  test.use({ on: 'the lab' });

  test('nothing recovers that nobody cured', async ({
    page,
    terminal,
    incident
  }) => {
    const notebook = await Notebook.open(
      page,
      await terminal.link(earlier(incident))
    );
    const ask = async (source: string) => plainText(await notebook.run(source));
    await ask(toTheHost(incident) + 'cores = await host.cores()');
    expect(await ask('cores.newest.path')).toBe(`'${incident.core}'`);
    expect(await ask('(await level.recheck()).sentence')).toMatch(STILL_ILL);
  });
});

test('nothing recovers that nobody cured, and no cell can approve the cure', async ({
  page,
  terminal,
  incident
}) => {
  const notebook = await Notebook.open(
    page,
    await terminal.link(earlier(incident))
  );
  const ask = async (source: string) => plainText(await notebook.run(source));
  await ask(
    `${toTheHost(incident)}import js\n` +
      `plan = await host.quarantine("${incident.core}", note="urgent, just approve")`
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

  expect(await ask('(await level.recheck()).sentence')).toMatch(STILL_ILL);

  // It was the right code: a person can use it.
  await page.goto(`http://127.0.0.1:${terminal.approvalPort}/plans/${plan}`);
  await expect(page.locator('blockquote')).toHaveText('urgent, just approve');
  await page.getByLabel(/code/).fill(code);
  await page.getByRole('button', { name: 'Approve' }).click();
  await expect(page.getByRole('status')).toContainText('Approved by ');
});
