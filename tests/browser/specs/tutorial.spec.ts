import { approvalLink, decide } from '../support/approval.ts';
import { Exported, exportAs } from '../support/exported.ts';
import { expect } from '../support/fixtures.ts';
import {
  CHART,
  display,
  Notebook,
  plainText,
  TABLE
} from '../support/notebook.ts';
import { ownIncidentTest as test } from '../support/own-incident.ts';

interface IChart {
  steps: number;
  step_ms: number;
  threshold: number | null;
  series: { name: string; values: (number | null)[] }[];
}

interface ITable {
  caption: string;
  headline: string;
  rows: Record<string, string | number | null>[];
}

test.setTimeout(360_000);

test('the tutorial shows what it says, from the burning objective to the file for the ticket', async ({
  page,
  browser,
  incident,
  terminal
}) => {
  await page.goto(await terminal.link());
  await page
    .locator('.jp-LauncherCard[data-category="Casebook"]')
    .filter({ hasText: 'Tutorial' })
    .click();
  const notebook = new Notebook(page);
  await notebook.ready();
  expect(await notebook.path(), 'a copy').toMatch(
    /^\d{4}-\d\d-\d\d-\d{4}-tutorial\.ipynb$/
  );

  const running = notebook.execute('notebook:run-all-cells');
  // Awaited below; a failure before that must not count as nobody's.
  running.catch(() => undefined);
  for (const cell of ['await plan.apply()', 'await undo.apply()']) {
    await notebook.show(cell);
    await expect(approvalLink(page)).toBeVisible({ timeout: 120_000 });
    await decide(page, terminal, 'Approve');
    await expect(approvalLink(page)).toHaveCount(0);
  }
  await running;

  const outputs = (cell: string) => notebook.outputsOf(cell);
  const text = async (cell: string) => plainText(await outputs(cell));
  const chart = async (cell: string) =>
    display(await outputs(cell), CHART) as IChart;
  const table = async (cell: string) =>
    display(await outputs(cell), TABLE) as ITable;

  await test.step('it burns, and the window is where it began', async () => {
    const hours = await chart('hours.chart(');
    expect(hours.series).toHaveLength(1);
    expect(hours).toMatchObject({ threshold: 0.3, step_ms: 10_000 });
    const [, from, to] =
      /^window: (\S+) to (\S+) \(5m\)$/.exec(await text('cb.window(burning')) ??
      [];
    expect(Date.parse(from) / 1000).toBeLessThan(incident.onset);
    expect(Date.parse(to) / 1000).toBeGreaterThan(incident.onset + 120);
    const p90 = await chart('p90.chart(');
    expect(p90.steps, 'five minutes at 10 s, both ends').toBe(31);
    const [{ values }] = p90.series;
    expect(values[0]).toBeLessThan(0.3);
    expect(
      Number(values.at(-1)),
      'more than twice as slow as before'
    ).toBeGreaterThan(2 * Number(values[0]));
  });

  await test.step('the loudest is not the odd one', async () => {
    const level = await chart('%%promql level');
    expect(level.series).toHaveLength(8);
    const mean = (name: string) => {
      const found = level.series.find(one => one.name.includes(name));
      const values = found?.values.map(Number) ?? [];
      return values.reduce((sum, value) => sum + value, 0) / values.length;
    };
    expect(Math.round(mean('object2'))).toBe(8);
    expect(Math.round(mean('object1'))).toBe(31);
    const ranked = await table('level.amplitude()');
    expect(ranked.rows[0]).toMatchObject({ coverage: 100 });
    expect(ranked.rows[0].series).toContain('object4');
    const calm = await table('calm.amplitude()');
    expect(calm.rows[0].series, 'the dead end').toContain('object6');

    const verdict = await table('verdict = ');
    expect(verdict.headline).toMatch(/object4.* stands out/);
    expect(verdict.rows.filter(row => row.finding)).toHaveLength(1);
    expect(Number(verdict.rows[0].ratio)).toBeGreaterThan(2.5);
    expect(await text('quiet.top')).toMatch(/^No suspect/);
    for (const [baseline, kind] of [
      ['None', 'none'],
      ['"15m"', 'clear']
    ]) {
      const asked = `print((await level.suspects(baseline=${baseline})).kind)`;
      expect(plainText(await notebook.run(asked)).trim()).toBe(kind);
    }
  });

  await test.step('the label leads to a host, and the host says why', async () => {
    const instance = await table('instance = ');
    expect(instance.caption).toContain('found by tag kind=object4');
    expect(
      (await text('cb.InstanceError')).match(/\bi-0[0-9a-f]{16}\b/g),
      'all that have the tag are listed'
    ).toHaveLength(8);
    expect(await text('await host.ls("/var/crash")')).toMatch(/ core$/m);
    const [, modified] =
      /Modify: (\S+ \S+) \+0000/.exec(await text('await host.stat(')) ?? [];
    expect(
      Date.parse(`${modified.replace(' ', 'T').slice(0, 19)}Z`) / 1000,
      'the very minute'
    ).toBeCloseTo(incident.onset, -1);
    const journal = await text('%%ssh {host}');
    expect(journal).toContain('dumped core');
    expect(journal).toContain(
      'core is there: every request is checked against it'
    );
    expect(await text('await host.ls("/root")')).toContain('/root');
  });

  await test.step('moved aside, recovered, put back', async () => {
    const plan = await table('plan = await host.quarantine');
    expect(plan.rows.map(({ name }) => name)).toContain('Open in');
    expect(await text('await plan.apply()')).toContain(': applied. ');
    expect((await table('await level.recheck()')).headline).toMatch(
      /^(Not yet|Cannot tell)/
    );
    expect((await table('for _ in range(12)')).headline).toMatch(
      /^Recovered: level\{.*object4/
    );
    expect((await chart('recheck.chart()')).series).toHaveLength(8);
    expect(await text('await undo.apply()')).toContain(': applied. ');
    expect(
      plainText(
        await notebook.run('[core.path for core in await host.cores()]')
      )
    ).toBe(`['${incident.core}']`);
  });

  const report = await exportAs(notebook, 'HTML report');
  const shown = await Exported.open(browser, report.file);
  const facts = shown.page.locator('.facts');
  await expect(facts).toContainText(/Window.* UTC \(5 min\)/);
  await expect(facts).toContainText(/Verdict.*object4/);
  await expect(facts).toContainText(/Fix.*core/);
  await expect(facts).toContainText(/Afterwards.*Recovered/);
  expect(shown.wrongs).toEqual([]);
  await shown.close();
});
