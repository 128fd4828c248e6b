import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { before, describe, it } from 'node:test';

import { CHART_MIME, TABLE_MIME } from '../src/bundle';
import { caseName, fillTemplate, readIncident } from '../src/incident-link';
import { PLAN_MIME } from '../src/plan-output';
import { htmlSlides } from '../src/report/deck';
import { NotNotebookError } from '../src/report/notebook';
import { htmlReport } from '../src/report/report';
import type { IReportOptions } from '../src/report/report';
import { TIMESERIES_MIME } from '../src/timeseries';
import { incidentTemplate } from './incident-template';
import {
  code,
  display,
  installPage,
  markdown,
  notebook,
  options,
  parsed,
  scripts
} from './report-page';

const SVG =
  '<svg xmlns="http://www.w3.org/2000/svg" data-theme="light" width="760" height="320"></svg>';

const VERDICT = {
  caption: "Suspects: amplitude against each series' own habit",
  columns: [{ key: 'series', label: 'series' }],
  rows: [{ series: 'object4' }],
  notes: [],
  headline: 'object4 swings 12 times its habit.',
  tone: 'bad'
};

async function report(...cells: readonly object[]): Promise<Document> {
  return parsed(await htmlReport(await options(notebook(...cells))));
}

function facts(page: Document): Record<string, string> {
  return Object.fromEntries(
    [...page.querySelectorAll('.facts > div')].map(row => [
      row.querySelector('dt')?.textContent ?? '',
      row.querySelector('dd')?.textContent ?? ''
    ])
  );
}

describe('report', () => {
  before(installPage);

  it('says first what the incident was, when, who did it, what was done and whether it helped', async () => {
    const plan = (state: string) => ({
      caption: 'What the host said before the move',
      columns: [{ key: 'name', label: '' }],
      rows: [{ name: 'Plan', value: 'ab12' }],
      headline: `Moves /var/crash/core to /var/quarantine/core on i-1: ${state}.`,
      tone: state === 'applied' ? 'ok' : 'warn'
    });
    const recheck = {
      caption: 'Re-check of level',
      columns: [],
      rows: [],
      headline: 'Recovered: level swings by 2.',
      tone: 'ok'
    };
    const page = await report(
      markdown('# Checkout is *slow*\n\nFrom then to then.'),
      code('import casebook as cb\ncb.window("2026-11-22T07:00:00Z", "2026-11-22T07:05:00Z")'),
      code('verdict', display({ [TABLE_MIME]: VERDICT })),
      code('plan', display({ [TABLE_MIME]: plan('waiting') })),
      code(
        'await plan.apply()',
        display({ [PLAN_MIME]: { id: 'ab12', what: 'Moves it', state: 'approved' } }),
        display({ [TABLE_MIME]: plan('applied') })
      ),
      code('recheck', display({ [TABLE_MIME]: { ...recheck, headline: 'Not yet.' } })),
      code('recheck', display({ [TABLE_MIME]: recheck })),
      { ...code('later'), execution_count: null }
    );
    assert.equal(page.title, 'Checkout is slow');
    assert.deepEqual(
      [...page.querySelectorAll('h1')].map(h1 => h1.textContent),
      ['Checkout is slow']
    );
    assert.deepEqual(facts(page), {
      Window: '2026-11-22 07:00:00 to 07:05:00 UTC (5 min)',
      Verdict: '■Attention:  object4 swings 12 times its habit.',
      Fix: '●Good:  Moves /var/crash/core to /var/quarantine/core on i-1: applied.',
      Afterwards: '●Good:  Recovered: level swings by 2.',
      'Left open': '▲Unsure:  1 cell not run.'
    });
  });

  it('is called what the person called the incident, whatever its title holds', async () => {
    const title = 'P90 > 0.3 s: "EU-1" (2%) & <b>*_`#1`_*</b> \\$5$ [x](y) @@0@@';
    const incident = readIncident(
      `?incident=${encodeURIComponent(title)}&start=2026-11-22T07:00:00Z`,
      new Date('2026-11-22T08:00:00Z')
    );
    assert.ok(incident);
    const filled = fillTemplate(incidentTemplate(), incident);
    for (const write of [
      htmlReport,
      async (made: IReportOptions) => htmlSlides({ ...made, ...scripts() })
    ]) {
      const path = `${caseName(incident)}.ipynb`;
      const page = parsed(await write({ ...(await options(filled)), path }));
      assert.equal(page.title, title);
      assert.deepEqual(
        [...page.querySelectorAll('h1')].map(h1 => h1.textContent),
        [title]
      );
      assert.equal(
        page.querySelector('a.casebook-notebook')?.getAttribute('download'),
        '2026-11-22-0700-p90-0-3-s-eu-1-2-b-1-b-5-x-y-0.ipynb'
      );
    }
  });

  it('is called by its first heading, however that is written, and loses no other', async () => {
    const titles = [
      ['# By its *signs*', 'By its signs'],
      ['Under\n===', 'Under'],
      ['<h1>In HTML</h1>', 'In HTML'],
      ['```sh\n# restart nginx\n```\n\n# After a comment', 'After a comment'],
      ['```sh\n# restart nginx\n```', '2026-11-22-0700-checkout'],
      ['> # Quoted', '2026-11-22-0700-checkout']
    ] as const;
    for (const [source, title] of titles) {
      const page = await report(markdown(source), markdown('# Another\n\nWords.'));
      const isTitled = !title.startsWith('2026');
      assert.equal(page.title, isTitled ? title : 'Another', source);
      assert.equal(page.querySelectorAll('h1').length, 1);
      const sections = [...page.querySelectorAll('main h2')].map(h2 => h2.textContent);
      assert.deepEqual(
        sections,
        isTitled ? ['Another'] : source.startsWith('>') ? ['Quoted'] : [],
        source
      );
      const alone = await report(markdown(source));
      assert.equal(alone.title, title);
    }
  });

  it('has the small lines of tables and the sentence of a chart', async () => {
    const table = {
      ...VERDICT,
      columns: [...VERDICT.columns, { key: 'line', label: '1 h before | 5 min' }],
      rows: [{ series: 'object4', line: { now: [0, 100], before: [0, 9], alt: '1 to 9, last 9' } }],
      lines: [{ text: 'The next is far behind.', kind: 'interesting' }]
    };
    const chart = { alt: 'level', note: 'object4 rose between 07:02:10 and 07:02:20 UTC.' };
    const page = await report(
      code('verdict', display({ [TABLE_MIME]: table })),
      code('chart', display({ [TIMESERIES_MIME]: chart, 'image/svg+xml': SVG }))
    );
    const line = page.querySelector('td svg');
    assert.equal(line?.getAttribute('aria-label'), '1 to 9, last 9');
    assert.equal(line.querySelectorAll('path').length, 2);
    assert.match(page.querySelector('main')?.textContent ?? '', /The next is far behind\./);
    assert.equal(page.querySelector('figcaption')?.textContent, chart.note);
  });

  it('claims nothing that the notebook does not say', async () => {
    const page = await report(
      markdown('Some words.'),
      code('1 + 1', display({ 'text/plain': '2' }))
    );
    assert.equal(page.querySelector('.facts'), null);
    assert.equal(page.title, '2026-11-22-0700-checkout');
  });

  it('reads windows in seconds since the epoch, and across midnight', async () => {
    const seconds = await report(code('cb.window(1795330800, 1795331100.5)'));
    assert.match(facts(seconds).Window ?? '', /^2026-11-22 07:00:00 to 07:05:00 UTC \(5 min/);
    const night = await report(
      code("cb.window('2026-11-22T23:59:00+00:00', '2026-11-23T01:00:30+00:00')")
    );
    assert.equal(
      facts(night).Window,
      '2026-11-22 23:59:00 to 2026-11-23 01:00:30 UTC (1 h 1 min 30 s)'
    );
    assert.equal(facts(await report(code('# cb.window(1, 2)'))).Window, undefined);
  });

  it('takes the window that the kernel showed, whatever the code says', async () => {
    const shown = display({
      'text/plain': 'window: 2026-11-22T07:01:00Z to 2026-11-22T07:06:00Z (5m)'
    });
    for (const source of ['cb.window(last="5m")', 'cb.window(began - 150, began + 150)']) {
      assert.equal(
        facts(await report(code(source, shown))).Window,
        '2026-11-22 07:01:00 to 07:06:00 UTC (5 min)'
      );
    }
    assert.equal(facts(await report(code('print(other)', shown))).Window, undefined);
  });

  it('folds a cell to the line that says most', async () => {
    const lines = {
      'p90 = await prometheus.query_range(\n    "up",\n)\np90.chart(threshold=0.3)':
        'p90.chart(threshold=0.3)',
      'import casebook as cb\n\ncb.case("c")\ncb.window("a", "b")': 'cb.window("a", "b")',
      'verdict = await level.suspects()\nverdict': 'verdict = await level.suspects()',
      '%%promql level --last 5m\nlevel + up': '%%promql level --last 5m',
      'import asyncio\nfor _ in range(3):\n    again = await level.recheck()\nagain':
        'again = await level.recheck()',
      '# nothing': '# nothing'
    };
    for (const [source, line] of Object.entries(lines)) {
      const page = await report(code(source));
      assert.equal(page.querySelector('.telling-line')?.textContent, line);
    }
  });

  it('folds code, shows tables and charts, and gives a chart both themes', async () => {
    const page = await report(
      code(
        'import casebook as cb\nlevel',
        display({
          [CHART_MIME]: { svg: SVG, alt: 'eight lines', title: 'level', table: VERDICT },
          'text/plain': 'not this'
        })
      ),
      code('verdict', display({ [TABLE_MIME]: VERDICT, 'text/html': '<b>nor this</b>' }))
    );
    const folded = page.querySelector('details.code');
    assert.equal(folded?.hasAttribute('open'), false);
    assert.equal(folded.querySelector('.telling-line')?.textContent, 'level');
    assert.equal(folded.querySelector('pre')?.textContent, 'import casebook as cb\nlevel');
    const image = page.querySelector<HTMLImageElement>('figure picture > img');
    assert.equal(image?.alt, 'eight lines');
    assert.deepEqual([image.width, image.height], [760, 320]);
    assert.match(atob(image.src.split(',')[1] ?? ''), /data-theme="light"/);
    const dark = page.querySelector('source')?.getAttribute('srcset') ?? '';
    assert.match(atob(dark.split(',')[1] ?? ''), /data-theme="dark"/);
    assert.equal(page.querySelectorAll('main table').length, 2);
    assert.doesNotMatch(page.body.textContent, /n(?:ot|or) this/);
  });

  it('shows the picture of a chart that can be looked into, with its words and numbers', async () => {
    const page = await report(
      code(
        'level',
        display({
          [TIMESERIES_MIME]: { alt: 'eight lines', title: 'level', series: 'any', table: VERDICT },
          'image/svg+xml': SVG.split(/(?<=>)/),
          'text/plain': 'not this'
        })
      )
    );
    assert.equal(page.querySelector<HTMLImageElement>('figure picture > img')?.alt, 'eight lines');
    assert.equal(page.querySelectorAll('figure picture > source').length, 1);
    assert.equal(page.querySelectorAll('figure table').length, 1);
    assert.doesNotMatch(page.body.textContent, /not this/);
  });

  it('has a table of contents that leads to each section', async () => {
    const page = await report(
      markdown('# Title\n\n[to the fix](#Fix) and [nowhere](#nowhere)'),
      markdown('## Signals\n\n### P90'),
      markdown('# Fix')
    );
    const links = [...page.querySelectorAll('.contents a')];
    assert.deepEqual(
      links.map(link => link.textContent),
      ['Signals', 'P90', 'Fix']
    );
    for (const link of links) {
      const target = page.querySelector(link.getAttribute('href') ?? '');
      assert.equal(target?.textContent, link.textContent);
    }
    const [fix, nowhere] = page.querySelectorAll('main a');
    assert.equal(fix?.getAttribute('href'), links[2]?.getAttribute('href'));
    assert.equal(nowhere?.hasAttribute('href'), false);
  });

  it('writes times of cells in UTC', async () => {
    const cell = {
      ...code('1'),
      metadata: { execution: { 'iopub.execute_input': '2026-11-22T09:06:07.5+02:00' } }
    };
    const page = await report(cell);
    assert.equal(page.querySelector('.ran')?.textContent, 'ran 2026-11-22 07:06:07 UTC');
    assert.match(page.querySelector('footer')?.textContent ?? '', /at 2026-11-22 08:00:00 UTC/);
  });

  it('shows formulas, attached pictures, task lists, streams and errors', async () => {
    const png = 'iVBORw0KGgo=';
    const page = await report(
      markdown('Latency $p_{90} < 0.3$ and `$code$`, $\\nonsense{$.\n\n$$\\sum_i x_i$$', {}),
      markdown('![a graph](attachment:a%20b.png)', {
        attachments: { 'a b.png': { 'image/png': png } }
      }),
      markdown('- [x] done\n- [ ] not done'),
      code(
        'fails',
        { output_type: 'stream', name: 'stdout', text: ['\u001b[31mred\u001b[0m', ' <b>\n'] },
        {
          output_type: 'error',
          ename: 'ProxyError',
          evalue: 'nobody answers',
          traceback: ['\u001b[0;31mTrace\u001b[0m']
        }
      )
    );
    assert.equal(page.querySelectorAll('math').length, 2);
    assert.equal(page.querySelector('math annotation'), null);
    assert.equal(page.querySelector('p > code')?.textContent, '$code$');
    assert.match(page.body.textContent, /\$\\nonsense\{\$/);
    const image = page.querySelector('.text img');
    assert.equal(image?.getAttribute('src'), `data:image/png;base64,${png}`);
    assert.deepEqual(
      [...page.querySelectorAll('main li')].map(item => item.textContent.trim()),
      ['☑ done', '☐ not done']
    );
    assert.equal(page.querySelector('.ansi-red-fg')?.textContent, 'red');
    assert.equal(page.querySelector('pre.stream')?.textContent, 'red <b>');
    assert.match(page.querySelector('.error')?.textContent ?? '', /^ProxyError: nobody answers/);
    assert.match(facts(page)['Left open'] ?? '', /1 cell ended with an error\./);
  });

  it('holds no script, and a policy that lets none run', async () => {
    const html = await htmlReport(await options(notebook(markdown('# Title'))));
    const page = parsed(html);
    assert.equal(page.querySelectorAll('script').length, 0);
    const policy = page.querySelector('meta[http-equiv]')?.getAttribute('content') ?? '';
    assert.match(policy, /default-src 'none'; script-src 'none'; style-src 'sha256-/);
    assert.doesNotMatch(policy, /unsafe/);
    for (const style of page.querySelectorAll('style')) {
      const hash = createHash('sha256').update(style.textContent).digest('base64');
      assert.ok(policy.includes(`'sha256-${hash}'`));
    }
  });

  it('refuses what is not a notebook', async () => {
    for (const content of [null, [], 'text', {}, { cells: 3 }]) {
      await assert.rejects(async () => htmlReport(await options(content)), NotNotebookError);
    }
  });
});
