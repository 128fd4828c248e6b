import { expect, test } from '../support/fixtures.ts';
import { Notebook, plainText } from '../support/notebook.ts';

test('charts and tables are still there after a reload, in a notebook that nobody trusts', async ({
  page,
  casebook,
  drill
}) => {
  const notebook = await Notebook.open(
    page,
    await casebook.link(drill.incidentPath)
  );
  plainText((await notebook.runAll()).flat());
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
  await expect(
    page.locator('.jp-OutputArea-output table').last()
  ).toContainText('object4');
});
