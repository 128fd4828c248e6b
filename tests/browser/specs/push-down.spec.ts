import { expect, sharedTest as test } from '../support/fixtures.ts';
import { CHART, display, plainText } from '../support/notebook.ts';

interface IRanked {
  labels: Record<string, string>;
  value: number;
}

test('a fleet that the proxy cuts off is ranked by Prometheus itself, with the same first places', async ({
  notebook,
  lab
}) => {
  const [start, end] = [lab.onset - 120, lab.onset + 180];
  await notebook.run(
    `import casebook as cb, json\ncb.window(${start}, ${end})\n` +
      'query = "request_duration_seconds_bucket"\n' +
      'ranked = lambda m: [{key: item[key] for key in ("labels", "value")} for item in m.amplitude().to_dict()["ranked"]]'
  );
  const whole = JSON.parse(
    plainText(
      await notebook.run(
        'whole = await cb.prometheus("real").query_range(query)\nprint(json.dumps(ranked(whole)))'
      )
    )
  ) as IRanked[];
  expect(whole.length, 'servers times buckets').toBe(80);

  const few = JSON.parse(
    plainText(
      await notebook.run(
        'few = await cb.prometheus("tight").query_range(query, keep=5)\nprint(json.dumps(ranked(few)))'
      )
    )
  ) as IRanked[];
  expect(few.length).toBeLessThanOrEqual(20);
  // Buckets tie where no request fell into them; the greatest do not.
  const greatest = whole.filter(({ value }) => value > whole[5].value);
  expect(few.slice(0, greatest.length)).toEqual(greatest);

  const chart = await notebook.run('few');
  const shown = JSON.stringify(display(chart, CHART));
  expect(shown).toContain('Pushed down: the amplitude of 80 series');
  expect(shown).toContain('The series count up');
  const title = `request_duration_seconds_bucket, ${few.length} of 80 series`;
  await expect(notebook.charts.getByText(title, { exact: true })).toBeVisible();
});
