import { defineConfig } from '@playwright/test';

import { RESULTS_DIR } from './support/paths.ts';

/** Specs whose tests have an incident or a proxy of their own, and a page for it; many wait for a recovery. */
const INCIDENTS = [
  'approval.spec.ts',
  'incident.spec.ts',
  'story.spec.ts',
  'report.spec.ts',
  'hostile-notebook.spec.ts',
  'tutorial.spec.ts'
];

/**
 * The specs with an incident of their own come first, three of them at once, since they wait the longest. Beside
 * them all other specs take one page in turns. What is measured or pictured runs alone.
 */
export default defineConfig({
  projects: [
    {
      name: 'incidents',
      testDir: './specs',
      testMatch: INCIDENTS,
      workers: 3
    },
    {
      name: 'specs',
      testDir: './specs',
      testIgnore: INCIDENTS,
      workers: 1
    },
    {
      name: 'bench-start',
      testDir: './bench',
      testMatch: 'start.ts',
      workers: 1
    },
    {
      name: 'bench-decode',
      testDir: './bench',
      testMatch: 'decode.ts',
      workers: 1
    },
    {
      name: 'bench-chart',
      testDir: './bench',
      testMatch: 'chart.ts',
      workers: 1
    },
    { name: 'pictures', testDir: './pictures', testMatch: '*.ts', workers: 1 }
  ],
  outputDir: RESULTS_DIR,
  fullyParallel: true,
  workers: 4,
  retries: 0,
  forbidOnly: true,
  timeout: 120_000,
  expect: { timeout: 30_000 },
  reporter: [['list']],
  use: {
    viewport: { width: 1280, height: 900 },
    locale: 'en-GB',
    // Half an hour off every whole one: whatever shows a time of the reader's own clock is seen to be wrong.
    timezoneId: 'Asia/Kolkata',
    screenshot: 'only-on-failure',
    // Recording takes time from every test: `cargo xtask test` repeats what failed with a trace, and `--trace on` records.
    trace: 'off'
  }
});
