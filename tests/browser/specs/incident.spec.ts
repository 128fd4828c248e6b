import { decide, runUntilAsked } from '../support/approval.ts';
import { expect } from '../support/fixtures.ts';
import {
  CHART,
  display,
  errorText,
  Notebook,
  plainText,
  TABLE,
  withoutKernels
} from '../support/notebook.ts';
import { ownIncidentTest as test } from '../support/own-incident.ts';
import { HIGHLIGHT, pixels } from '../support/pixels.ts';

test('the link leads to the incident, and Run All to the suspect and a plan, which can be refused; all of it is still there after a reload', async ({
  page,
  terminal,
  incident
}) => {
  const notebook = await Notebook.open(
    page,
    await terminal.link(incident.incidentPath)
  );
  expect(await notebook.path()).toMatch(/^\d{4}-\d\d-\d\d-\d{4}-practice/);
  expect(page.url(), 'a copied address names no past window').not.toContain(
    'incident='
  );

  const running = await runUntilAsked(notebook);
  const waiting = await notebook.outputs();
  const texts = waiting.map(plainText);
  const asks = texts.findIndex(text =>
    text.includes('Waiting for an approval')
  );
  expect(texts.slice(asks + 1).join(''), 'Run All waits there').toBe('');
  const outputs = waiting.flat();
  expect(display(outputs, CHART)).toMatchObject({
    step_ms: 10_000,
    series: expect.arrayContaining([
      expect.objectContaining({ values: expect.any(Array) })
    ])
  });
  const tables = outputs
    .map(output => output.data?.[TABLE])
    .filter(table => table !== undefined);
  expect(JSON.stringify(tables)).toContain('object4');

  await notebook.show('## Signals');
  await expect(notebook.charts.first()).toBeVisible();
  await notebook.show('The verdict weighs');
  const suspects = page.getByRole('table').filter({ hasText: 'swing ratio' });
  await expect(suspects.first().getByRole('row').nth(1)).toContainText(
    'object4'
  );

  await decide(page, terminal, 'Refuse');
  const ended = await running.ended;
  expect(ended.slice(0, asks).map(plainText)).toEqual(texts.slice(0, asks));
  expect(errorText(ended[asks])).toMatch(/PlanError.*refused/);
  expect(ended.slice(asks + 1).flat(), 'nothing runs after that').toEqual([]);

  await test.step('after a reload, in a notebook that nobody trusts', async () => {
    await notebook.execute('docmanager:save');
    const file = await notebook.path();
    // As if it came from a colleague: without the marks of trust that JupyterLite believes.
    const content = (await notebook.load(file)) as INotebook;
    content.cells.forEach(cell => delete cell.metadata.trusted);
    await notebook.store(file, { type: 'notebook', format: 'json', content });

    await withoutKernels(page);
    await page.reload();
    await notebook.loaded();
    await notebook.charts.last().scrollIntoViewIfNeeded();
    const chart = notebook.charts.last().locator('canvas');
    await expect(chart).toBeVisible();
    await expect
      .poll(() => pixels(chart, HIGHLIGHT.Light))
      .toBeGreaterThan(100);
    await expect(suspects.first().getByRole('row').nth(1)).toContainText(
      'object4'
    );
  });
});

interface INotebook {
  cells: { metadata: Record<string, unknown> }[];
}
