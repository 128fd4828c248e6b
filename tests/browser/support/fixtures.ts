import { type BrowserContext, expect, test as base } from '@playwright/test';

import { Drill } from './drill.ts';
import { HostileUpstream } from './hostile.ts';
import { Lab } from './lab.ts';
import { Notebook } from './notebook.ts';
import { Outside } from './outside.ts';
import { CHROMIUM } from './paths.ts';
import { Proxy } from './proxy.ts';
import { SharedPage } from './shared-page.ts';
import { Silent } from './silent.ts';
import { Wire } from './wire.ts';

interface IServers {
  /** Every host but this machine. */
  outside: Outside;
  /** The practice incident. */
  drill: Drill;
  /** The real Prometheus. */
  lab: Lab;
  /** Back ends that misbehave. */
  hostile: HostileUpstream;
  /** One that does not answer until it is told to. */
  silent: Silent;
  /** Between the proxy and the real Prometheus, for the source `cable`. */
  wire: Wire;
  /** One proxy in front of all of them: `main` is the drill, `real` the real Prometheus. */
  casebook: Proxy;
  /** A page of `casebook` with a running kernel, for the tests of `sharedTest`. */
  shared: SharedPage;
}

/** Nothing listens on port 9, "discard". */
const NOBODY = 'http://127.0.0.1:9';

/**
 * For tests that need a page of their own: what is seen first, after a reload, or signed out.
 *
 * Real servers, one of each for the whole run, and a browser that cannot leave this machine.
 */
export const test = base.extend<{ staysHome: void }, IServers>({
  outside: [
    // eslint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const outside = await Outside.start();
      await use(outside);
      await outside.stop();
    },
    { scope: 'worker' }
  ],
  launchOptions: [
    async ({ outside }, use) => {
      await use({
        executablePath: CHROMIUM,
        args: [
          '--no-sandbox',
          '--disable-gpu',
          '--disable-quic',
          '--no-first-run',
          '--disable-background-networking',
          '--disable-component-update',
          '--disable-sync',
          `--proxy-server=http://${outside.address}`
        ]
      });
    },
    { scope: 'worker' }
  ],
  drill: [
    // eslint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const drill = await Drill.start();
      await use(drill);
      await drill.stop();
    },
    { scope: 'worker' }
  ],
  lab: [
    // eslint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const lab = await Lab.start();
      await use(lab);
      await lab.stop();
    },
    { scope: 'worker' }
  ],
  hostile: [
    // eslint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const hostile = await HostileUpstream.start();
      await use(hostile);
      await hostile.stop();
    },
    { scope: 'worker' }
  ],
  silent: [
    // eslint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const silent = await Silent.start();
      await use(silent);
      await silent.stop();
    },
    { scope: 'worker' }
  ],
  wire: [
    async ({ lab }, use) => {
      const wire = await Wire.to(lab.url);
      await use(wire);
      await wire.cut();
    },
    { scope: 'worker' }
  ],
  casebook: [
    async ({ drill, lab, hostile, silent, wire }, use) => {
      const casebook = await Proxy.start('all', {
        tables: drill.tables,
        sources: {
          real: { url: lab.url },
          tight: { url: lab.url, max_bytes: '64KiB' },
          // A healthy one that no test completes names from.
          spare: { url: drill.url },
          cable: { url: wire.url },
          silent: { url: silent.url, timeout: '5m' },
          down: { url: NOBODY },
          html: { url: hostile.url('html') },
          slow: { url: hostile.url('slow'), timeout: '2s' },
          cut: { url: hostile.url('cut') },
          busy: { url: hostile.url('busy') }
        }
      });
      await use(casebook);
      await casebook.stop();
    },
    { scope: 'worker' }
  ],
  shared: [
    async ({ browser, casebook, outside }, use, { project }) => {
      const { viewport, locale, timezoneId } = project.use;
      const context = await browser.newContext({
        viewport,
        locale,
        timezoneId
      });
      watch(context, outside);
      await stopSpinner(context);
      await use(await SharedPage.open(context, casebook));
      await context.close();
    },
    { scope: 'worker', timeout: 120_000 }
  ],
  context: async ({ context, outside }, use) => {
    watch(context, outside);
    await stopSpinner(context);
    await use(context);
  },
  staysHome: [
    async ({ outside }, use) => {
      await use();
      expect(
        outside.asked.splice(0),
        'hosts asked besides this machine'
      ).toEqual([]);
    },
    { auto: true }
  ]
});

/**
 * For all other tests: `page` is one that has been booted already, with `casebook` behind it.
 *
 * A kernel of one's own costs ten seconds of both cores. Before each test the page is put back to JupyterLab's
 * launcher, without files, names, plans or themes of the tests before.
 */
export const sharedTest = test.extend<{ notebook: Notebook }>({
  page: async ({ shared }, use) => {
    await shared.tidy();
    await use(shared.page);
  },
  /** A new notebook in it. */
  notebook: async ({ page }, use) => {
    await use(await Notebook.createIn(page));
  }
});

/** Notes the requests of a context's pages by name, also for the hosts that Chromium itself asks. */
function watch(context: BrowserContext, outside: Outside): void {
  context.on('request', request => {
    const { hostname, protocol, href } = new URL(request.url());
    const local = ['localhost', '127.0.0.1'].includes(hostname);
    if (/^(http|ws)s?:$/.test(protocol) && !local) {
      outside.asked.push(href);
    }
  });
}

/** Stops what JupyterLite turns while a cell runs: drawn without a GPU, sixty times a second, it takes a fifth of a core. */
async function stopSpinner(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const still = new CSSStyleSheet();
    still.replaceSync(
      '.jp-KernelStatus-spinner { animation: none !important; }'
    );
    document.adoptedStyleSheets.push(still);
  });
}

export { expect };
