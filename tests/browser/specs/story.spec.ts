import { approvalLink, decide, runUntilAsked } from '../support/approval.ts';
import type { Drill } from '../support/drill.ts';
import { expect } from '../support/fixtures.ts';
import type { Lab } from '../support/lab.ts';
import { Notebook, plainText } from '../support/notebook.ts';
import { ownIncidentTest as test } from '../support/own-incident.ts';

/** A recovery takes six samples, one each ten seconds. */
const RECOVERY = 120_000;

const STILL_ILL = /Not yet: level\{.*object4.* still swings by/;

test.setTimeout(360_000);

/**
 * What a cell says to come to the culprit's host, from minutes that have been over for a while: there are samples
 * after them.
 */
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
      await test.step('nothing recovers that nobody cured', async () => {
        const ask = async (source: string) => {
          const said = plainText(await notebook.run(source));
          // Run All must not come to it.
          await notebook.execute('notebook:delete-cell');
          return said;
        };
        await ask(toTheHost(incident) + 'cores = await host.cores()');
        expect(await ask('cores.newest.path')).toBe(`'${incident.core}'`);
        expect(await ask('(await level.recheck()).sentence')).toMatch(
          STILL_ILL
        );
      });

      // Run All stops at the fix, where a person is asked.
      const running = await runUntilAsked(notebook);
      await expect(approvalLink(page)).toHaveCount(1);
      await decide(page, terminal, 'Approve');
      const cells = await running.ended;
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
