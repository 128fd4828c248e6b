import { expect, test } from '../support/fixtures.ts';
import { CHART, display, Notebook, TABLE } from '../support/notebook.ts';

test('the link leads to the incident, and Run All to the suspect', async ({
  page,
  casebook,
  drill
}) => {
  const notebook = await Notebook.open(
    page,
    await casebook.link(drill.incidentPath)
  );
  expect(await notebook.path()).toMatch(/^\d{4}-\d\d-\d\d-\d{4}-practice/);
  expect(page.url(), 'a copied address names no past window').not.toContain(
    'incident='
  );

  const outputs = (await notebook.runAll()).flat();
  for (const output of outputs) {
    expect(output.output_type, output.evalue).not.toBe('error');
  }
  expect(display(outputs, CHART)).toMatchObject({
    svg: expect.stringContaining('data-theme="light"')
  });
  const tables = outputs
    .map(output => output.data?.[TABLE])
    .filter(table => table !== undefined);
  expect(JSON.stringify(tables)).toContain('object4');

  await expect(notebook.charts.first()).toBeVisible();
  const suspects = page.getByRole('table').filter({ hasText: 'swing ratio' });
  await expect(suspects.first().getByRole('row').nth(1)).toContainText(
    'object4'
  );
});
