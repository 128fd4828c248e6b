import { defineConfig } from '@playwright/test';

import { RESULTS_DIR } from './support/paths.ts';

/**
 * Two pages at once: a cold kernel computes for some ten seconds, and the rest of a test mostly waits.
 * What is measured or pictured runs alone.
 */
export default defineConfig({
  projects: [
    { name: 'specs', testDir: './specs' },
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
  workers: 2,
  retries: 0,
  forbidOnly: true,
  timeout: 120_000,
  expect: { timeout: 30_000 },
  reporter: [['list']],
  use: {
    viewport: { width: 1280, height: 900 },
    locale: 'en-GB',
    timezoneId: 'UTC',
    screenshot: 'only-on-failure',
    // Recording takes time from every test: `npx playwright test --trace on` records when it is wanted.
    trace: 'off'
  }
});
