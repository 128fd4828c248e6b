import { approvalLink, decide } from '../support/approval.ts';
import { expect, test } from '../support/fixtures.ts';
import { Notebook } from '../support/notebook.ts';
import { HIGHLIGHT, pixels } from '../support/pixels.ts';

test('charts and tables are still there after a reload, in a notebook that nobody trusts', async ({
  page,
  casebook,
  drill
}) => {
  const notebook = await Notebook.open(
    page,
    await casebook.link(drill.incidentPath)
  );
  const runningAll = notebook.runAll();
  // Awaited below; a failure before that must not count as nobody's.
  runningAll.catch(() => undefined);
  await expect(approvalLink(page)).toBeVisible({ timeout: 90_000 });
  await decide(page, casebook, 'Refuse');
  await runningAll;
  await expect(notebook.charts.last()).toBeVisible();
  await notebook.execute('docmanager:save');
  // As if it came from a colleague: without the marks of trust that JupyterLite believes.
  await page.evaluate(async () => {
    const { jupyterapp } = window as unknown as {
      jupyterapp: {
        shell: { currentWidget: { context: { path: string } } };
        serviceManager: {
          contents: {
            get(
              path: string,
              options: object
            ): Promise<{
              content: { cells: { metadata: Record<string, unknown> }[] };
            }>;
            save(path: string, model: object): Promise<unknown>;
          };
        };
      };
    };
    const { contents } = jupyterapp.serviceManager;
    const { path } = jupyterapp.shell.currentWidget.context;
    const model = await contents.get(path, {
      type: 'notebook',
      content: true
    });
    for (const cell of model.content.cells) {
      delete cell.metadata.trusted;
    }
    await contents.save(path, {
      type: 'notebook',
      format: 'json',
      content: model.content
    });
  });

  await page.reload();
  const again = new Notebook(page);
  await again.ready();
  await again.charts.last().scrollIntoViewIfNeeded();
  await expect(again.charts.last()).toBeVisible();
  await expect
    .poll(() => pixels(again.charts.last().locator('canvas'), HIGHLIGHT.Light))
    .toBeGreaterThan(100);
  const suspects = page.getByRole('table').filter({ hasText: 'swing ratio' });
  await expect(suspects.first().getByRole('row').nth(1)).toContainText(
    'object4'
  );
});
