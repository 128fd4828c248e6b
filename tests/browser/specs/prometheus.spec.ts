import { expect, sharedTest as test } from '../support/fixtures.ts';
import { CHART, display, plainText } from '../support/notebook.ts';

/** What the real Prometheus says to the same question, asked without any of our code between. */
async function asked(
  url: string,
  query: string,
  start: number,
  end: number
): Promise<{ metric: Record<string, string>; values: [number, string][] }[]> {
  const parameters = new URLSearchParams({
    query,
    start: `${start}`,
    end: `${end}`,
    step: '10'
  });
  const answer = await fetch(`${url}/api/v1/query_range?${parameters}`);
  expect(answer.status).toBe(200);
  const body = (await answer.json()) as {
    data: {
      result: { metric: Record<string, string>; values: [number, string][] }[];
    };
  };
  return body.data.result;
}

test('every query against the real Prometheus is ranked as its own samples say', async ({
  notebook,
  lab
}) => {
  // On whole steps, as every query of a cell is: rates of other instants are other numbers.
  const onset = Math.floor(lab.onset / 10) * 10;
  const [start, end] = [onset - 120, onset + 170];
  await notebook.run(
    `import casebook as cb, json\nreal = cb.prometheus("real")\n` +
      `cb.window(${start}, ${end})`
  );

  const queries = [
    'level',
    'level{zone="a"}',
    'sum by (zone) (level)',
    'rate(request_duration_seconds_count[1m])',
    'histogram_quantile(0.9, sum by (le) (rate(request_duration_seconds_bucket[1m])))',
    'max_over_time(level[1m]) - min_over_time(level[1m])'
  ];
  for (const query of queries) {
    await test.step(query, async () => {
      const series = await asked(lab.url, query, start, end);
      const expected = series
        .map(({ values }) => values.map(([, value]) => Number(value)))
        .map(values => Math.max(...values) - Math.min(...values))
        .sort((a, b) => b - a);
      expect(expected.length, 'series of the real answer').toBeGreaterThan(0);

      const outputs = await notebook.run(
        `m = await real.query_range(${JSON.stringify(query)}, step="10s")\n` +
          `json.dumps([r["value"] for r in m.amplitude().to_dict()["ranked"]])`
      );
      const text = plainText(outputs).replace(/^'|'$/g, '');
      const ranked = JSON.parse(text) as number[];
      expect(ranked.length).toBe(expected.length);
      ranked.forEach((amplitude, at) =>
        expect(amplitude).toBeCloseTo(expected[at], 9)
      );
    });
  }

  const chart = await notebook.run(
    'm = await real.query_range("level", last="5m", step="10s")\nm'
  );
  expect(display(chart, CHART)).toBeDefined();
  await expect(notebook.charts.first()).toBeVisible();

  const verdict = await notebook.run(
    'verdict = await m.suspects()\nprint(verdict.kind, verdict.top["which"])'
  );
  expect(plainText(verdict)).toContain('clear object4');
});
