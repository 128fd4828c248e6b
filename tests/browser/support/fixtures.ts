import { test as base, expect } from '@playwright/test';

import { Drill } from './drill.ts';
import { HostileUpstream } from './hostile.ts';
import { Lab } from './lab.ts';
import { Outside } from './outside.ts';
import { CHROMIUM } from './paths.ts';
import { Proxy } from './proxy.ts';

interface IServers {
  /** Every host but this machine. */
  outside: Outside;
  /** The practice incident. */
  drill: Drill;
  /** The real Prometheus. */
  lab: Lab;
  /** Back ends that misbehave. */
  hostile: HostileUpstream;
  /** One proxy in front of all of them: `main` is the drill, `real` the real Prometheus. */
  casebook: Proxy;
}

/** Nothing listens on port 9, "discard". */
const NOBODY = 'http://127.0.0.1:9';

/** The tests' `test`: real servers, one of each for the whole run, and a browser that cannot leave this machine. */
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
  casebook: [
    async ({ drill, lab, hostile }, use) => {
      const casebook = await Proxy.start('all', {
        tables: drill.tables,
        sources: {
          real: { url: lab.url },
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
  staysHome: [
    async ({ outside, context }, use) => {
      // The page's own requests also by name, for the hosts that Chromium asks as well.
      context.on('request', request => {
        const { hostname, protocol, href } = new URL(request.url());
        const local = ['localhost', '127.0.0.1'].includes(hostname);
        if (/^(http|ws)s?:$/.test(protocol) && !local) {
          outside.asked.push(href);
        }
      });
      await use();
      expect(
        outside.asked.splice(0),
        'hosts asked besides this machine'
      ).toEqual([]);
    },
    { auto: true }
  ]
});

export { expect };
