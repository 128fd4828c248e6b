import { Drill } from './drill.ts';
import { test } from './fixtures.ts';
import { Lab } from './lab.ts';
import { Proxy } from './proxy.ts';

/** The practice incident, and the real servers. */
const BACK_ENDS = {
  'the drill': () => Drill.start(),
  'the lab': () => Lab.start(true)
};

/** Where an incident can happen. */
export type BackEnd = keyof typeof BACK_ENDS;

interface IOwnIncident {
  /** Which back ends it happens on. */
  on: BackEnd;
  /** An incident of the test's own, because the test cures it. */
  incident: Drill | Lab;
  /** A proxy in front of it, whose `main` it is. */
  terminal: Proxy;
}

/** For tests that move the core. */
export const ownIncidentTest = test.extend<IOwnIncident>({
  on: ['the drill', { option: true }],
  incident: async ({ on }, use) => {
    const incident = await BACK_ENDS[on]();
    await use(incident);
    await incident.stop();
  },
  terminal: async ({ incident }, use, { title }) => {
    const name = title.replace(/\W+/g, '-').slice(0, 24);
    const terminal = await Proxy.start(name, { tables: incident.tables });
    await use(terminal);
    await terminal.stop();
  }
});
