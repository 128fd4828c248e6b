import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import * as path from 'node:path';

import { Child } from './child.ts';
import { incidentPath } from './drill.ts';
import { LAB, RESULTS_DIR } from './paths.ts';

/** The real Prometheus, back-filled with the practice fleet and scraping it live; and its hosts. */
export class Lab {
  private constructor(
    readonly url: string,
    /** Seconds since the Unix epoch at which the culprit begins to swing. */
    readonly onset: number,
    /** The tables of `casebook.toml` that lead to it, with `[prometheus.main]`. */
    readonly tables: string,
    /** The core file that ails the culprit; empty when the lab has no hosts. */
    readonly core: string,
    private readonly _child: Child
  ) {}

  /** With `hosts`, also an AWS account, and OpenSSH on the addresses of its instances. */
  static async start(hosts = false): Promise<Lab> {
    mkdirSync(RESULTS_DIR, { recursive: true });
    const dir = mkdtempSync(path.join(RESULTS_DIR, '..', 'browser-lab-'));
    const config = path.join(dir, 'casebook.toml');
    const args = ['--config', config, ...(hosts ? ['--hosts'] : [])];
    const child = Child.start(hosts ? 'lab-hosts' : 'lab', LAB, args);
    const onset = Number((await child.line(/onset: (\d+)\n/))[1]);
    const url = (await child.line(/prometheus: (\S+)\n/))[1];
    const core = hosts ? (await child.line(/core: (\S+)\n/))[1] : '';
    return new Lab(url, onset, readFileSync(config, 'utf8'), core, child);
  }

  /** The path of the incident's notebook: two calm minutes, three that burn. */
  get incidentPath(): string {
    return incidentPath('lab', this.onset - 120, this.onset + 180);
  }

  async stop(): Promise<void> {
    await this._child.stop();
  }
}
