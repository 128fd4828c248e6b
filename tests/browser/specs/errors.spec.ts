import { expect, sharedTest as test } from '../support/fixtures.ts';
import { errorText, plainText } from '../support/notebook.ts';

/** A cell fails with an error that names all of this, and the next cell runs. */
interface ITrouble {
  what: string;
  source: string;
  query: string;
  more?: string;
  says: RegExp[];
}

const TROUBLES: ITrouble[] = [
  {
    what: 'a Prometheus that is down',
    source: 'down',
    query: 'level',
    says: [/502/, /down/]
  },
  {
    what: 'bad PromQL',
    source: 'main',
    query: 'level{',
    says: [/400/, /main/]
  },
  {
    what: 'bad PromQL at the real Prometheus',
    source: 'real',
    query: 'rate(level)',
    says: [/400/, /parse error|expected type/]
  },
  {
    what: '11,001 points',
    source: 'main',
    query: 'level',
    more: ', start=1795000000, end=1795011000, step="1s", push_down="never"',
    says: [/422/, /11,?001/, /step/]
  },
  {
    what: 'HTML in place of JSON',
    source: 'html',
    query: 'level',
    says: [/200/, /JSON/]
  },
  {
    what: 'a back end that does not answer in time',
    source: 'slow',
    query: 'level',
    says: [/504/, /within \d+ s/]
  },
  {
    what: 'a body that is cut in half',
    source: 'cut',
    query: 'level',
    says: [/cut/]
  },
  {
    what: 'a gateway that is overloaded',
    source: 'busy',
    query: 'level',
    says: [/503/]
  },
  {
    what: 'a source that nobody configured',
    source: 'nobody',
    query: 'level',
    says: [/nobody/]
  }
];

for (const trouble of TROUBLES) {
  test(`${trouble.what}: the cell says so, and the notebook goes on`, async ({
    notebook,
    drill
  }) => {
    const { source, query, more } = trouble;
    plainText(
      await notebook.run(
        `import casebook as cb\ncb.window(${drill.onset}, ${drill.onset + 120})`
      )
    );
    const outputs = await notebook.run(
      `await cb.prometheus(${JSON.stringify(source)})` +
        `.query_range(${JSON.stringify(query)}${more ?? ''})`
    );
    const text = errorText(outputs);
    expect(text, 'the query').toContain(query);
    expect(text, 'the source').toContain(source);
    expect(text, 'what to try').toMatch(/next\s+\S+/);
    for (const pattern of trouble.says) {
      expect(text).toMatch(pattern);
    }

    const next = await notebook.run(
      'm = await cb.prometheus().query_range("level")\nprint(len(m), "series")'
    );
    expect(plainText(next)).toContain('8 series');
  });
}

test('a Prometheus that stops while the notebook is open', async ({
  page,
  notebook,
  casebook,
  lab,
  wire
}) => {
  const ask =
    'm = await cb.prometheus("cable").query_range("level")\nprint(len(m))';
  const before = await notebook.run(
    `import casebook as cb\ncb.window(${lab.onset - 60}, ${lab.onset + 60})\n${ask}`
  );
  expect(plainText(before)).toContain('8');
  const health = async () => {
    const catalog = await page.request.get(`${casebook.origin}/api/v1/catalog`);
    const { prometheus } = (await catalog.json()) as ICatalog;
    return prometheus.find(({ name }) => name === 'cable')?.health.state;
  };
  expect(await health()).toBe('up');
  await wire.cut();
  try {
    const text = errorText(await notebook.run(ask));
    expect(text).toContain('502');
    expect(text).toContain('cable');
    expect(
      plainText(await notebook.run('print(len(m), "still here")'))
    ).toContain('8 still here');
    // The proxy looks at a source at most once in ten seconds.
    await expect.poll(health).toBe('down');
    await notebook.execute('casebook:refresh-connection');
    await expect(page.locator('.casebook-Status')).toContainText('cable down');
  } finally {
    await wire.mend();
  }
});

/** The health of each source, as the proxy tells the page. */
interface ICatalog {
  prometheus: { name: string; health: { state: string } }[];
}
