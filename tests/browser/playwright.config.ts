import { defineConfig } from '@playwright/test';

import { RESULTS_DIR } from './support/paths.ts';

/** Two cores: one kernel at a time, and a cold kernel takes some ten seconds. */
export default defineConfig({
  projects: [
    { name: 'specs', testDir: './specs' },
    { name: 'bench-start', testDir: './bench', testMatch: 'start.ts' },
    { name: 'bench-decode', testDir: './bench', testMatch: 'decode.ts' },
    { name: 'pictures', testDir: './pictures', testMatch: '*.ts' }
  ],
  outputDir: RESULTS_DIR,
  fullyParallel: false,
  workers: 1,
  retries: 0,
  forbidOnly: true,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  reporter: [['list']],
  use: {
    viewport: { width: 1280, height: 900 },
    locale: 'en-GB',
    timezoneId: 'UTC',
    screenshot: 'only-on-failure',
    trace: {
      mode: 'retain-on-failure',
      screenshots: false,
      snapshots: true,
      sources: false
    }
  }
});
