import { expect, sharedTest as test } from '../support/fixtures.ts';
import { CHART, display, errorText, plainText } from '../support/notebook.ts';

test('a cell that starts with %%promql is a query', async ({
  notebook,
  drill
}) => {
  plainText(
    await notebook.run(
      `import casebook as cb\ncb.window(${drill.onset - 120}, ${drill.onset + 180})`
    )
  );
  const chart = await notebook.run(
    '%%promql latency --last 5m --step 10s\nlevel{which=~"object[34]"}'
  );
  expect(display(chart, CHART)).toBeDefined();
  expect(plainText(await notebook.run('print(len(latency))'))).toContain('2');

  const wrong = errorText(await notebook.run('%%promql --last\nlevel'));
  expect(wrong).toContain('--last');
  expect(plainText(await notebook.run('print("on")'))).toContain('on');
});
