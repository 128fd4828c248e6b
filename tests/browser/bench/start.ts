import { type Browser, type Page } from '@playwright/test';

import { test } from '../support/fixtures.ts';
import { CHART, Notebook } from '../support/notebook.ts';
import { Proxy } from '../support/proxy.ts';
import { report, row, RUNS } from './measure.ts';

const MINUTES = 60_000;

/** Opens a page, and comes back when the first result stands in it. */
type First = (page: Page) => Promise<void>;

test('first result, cold and warm, beside a bare JupyterLite site', async ({
  browser,
  drill
}) => {
  test.setTimeout(RUNS * 2 * MINUTES + MINUTES);
  const bareSite = process.env.CASEBOOK_BARE_SITE;
  if (!bareSite) {
    throw new Error(
      'CASEBOOK_BARE_SITE is not set: use `cargo xtask bench start`'
    );
  }
  const sources = { main: { url: drill.url } };
  const ours = await Proxy.start('bench', { sources });
  const bare = await Proxy.start('bench-bare', { sources, site: bareSite });
  const samples: Record<'ours' | 'bare', { cold: number[]; warm: number[] }> = {
    ours: { cold: [], warm: [] },
    bare: { cold: [], warm: [] }
  };
  try {
    // Interleaved, so that a busy minute of the machine falls on both.
    for (let run = 0; run < RUNS; run++) {
      const [cold, warm] = await once(
        browser,
        () => ours.link(drill.incidentPath),
        firstChart
      );
      samples.ours.cold.push(cold);
      samples.ours.warm.push(warm);
      const [bareCold, bareWarm] = await once(
        browser,
        () => bare.link('/lab/index.html?reset'),
        firstSum
      );
      samples.bare.cold.push(bareCold);
      samples.bare.warm.push(bareWarm);
    }
  } finally {
    await ours.stop();
    await bare.stop();
  }

  const rows = [
    row('Casebook, cold: link to chart', samples.ours.cold),
    row('bare JupyterLite, cold: page to 1+1', samples.bare.cold),
    row('Casebook, warm: reload to chart', samples.ours.warm),
    row('bare JupyterLite, warm: reload to 1+1', samples.bare.warm)
  ];
  const [cold, bareCold, warm, bareWarm] = rows.map(({ median }) => median);
  report(
    rows,
    [
      `seconds; cold is ${(cold / bareCold).toFixed(2)} times bare (at most 1.3), warm ${(warm / bareWarm).toFixed(2)} times`,
      'cold: a new browser profile with an empty cache; warm: the same profile opens the page again; both sites from the same proxy'
    ],
    {
      cold_first_result_s: cold,
      warm_first_result_s: warm,
      bare_cold_s: bareCold,
      bare_warm_s: bareWarm
    }
  );
});

/** Seconds to the first result in a new profile, and when the same profile comes again. */
async function once(
  browser: Browser,
  link: () => Promise<string>,
  first: First
): Promise<[number, number]> {
  const context = await browser.newContext();
  const seconds: number[] = [];
  for (let visit = 0; visit < 2; visit++) {
    const page = await context.newPage();
    const address = await link();
    const begun = performance.now();
    await page.goto(address);
    await first(page);
    seconds.push((performance.now() - begun) / 1000);
    await page.close();
  }
  await context.close();
  return [seconds[0], seconds[1]];
}

/** The incident's notebook, run from its top, up to the first chart. */
const firstChart: First = async page => {
  const notebook = new Notebook(page);
  await notebook.ready();
  await page.evaluate(
    ([mime]) =>
      new Promise<void>((resolve, reject) => {
        const { jupyterapp } = window as unknown as {
          jupyterapp: {
            commands: { execute(id: string): Promise<unknown> };
            shell: {
              currentWidget: {
                content: {
                  widgets: {
                    model: {
                      outputs?: {
                        toJSON(): { data?: object; output_type: string }[];
                        clear(): void;
                        changed: { connect(slot: () => void): void };
                      };
                    };
                  }[];
                };
              };
            };
          };
        };
        for (const { model } of jupyterapp.shell.currentWidget.content
          .widgets) {
          // The second visit finds the outputs of the first.
          model.outputs?.clear();
          model.outputs?.changed.connect(() => {
            for (const output of model.outputs?.toJSON() ?? []) {
              if (output.data && mime in output.data) {
                resolve();
              } else if (output.output_type === 'error') {
                reject(new Error(JSON.stringify(output)));
              }
            }
          });
        }
        void jupyterapp.commands.execute('notebook:run-all-cells');
      }),
    [CHART]
  );
};

/** A new notebook, and the smallest possible cell in it. */
const firstSum: First = async page => {
  await page.waitForURL(/\/lab\/index\.html/);
  const notebook = await Notebook.createIn(page);
  const outputs = await notebook.run('1+1');
  if (JSON.stringify(outputs[0]?.data?.['text/plain']) !== '"2"') {
    throw new Error(`1+1 gave ${JSON.stringify(outputs)}`);
  }
};
