import { mkdirSync, mkdtempSync } from 'node:fs';
import * as path from 'node:path';

import { Child } from './child.ts';
import { LAB, RESULTS_DIR } from './paths.ts';

/** The real Prometheus, back-filled with the practice fleet and scraping it live. */
export class Lab {
  private constructor(
    readonly url: string,
    /** Seconds since the Unix epoch at which the culprit begins to swing. */
    readonly onset: number,
    private readonly _child: Child
  ) {}

  static async start(): Promise<Lab> {
    mkdirSync(RESULTS_DIR, { recursive: true });
    const dir = mkdtempSync(path.join(RESULTS_DIR, '..', 'browser-lab-'));
    const child = Child.start('lab', LAB, [
      '--config',
      path.join(dir, 'casebook.toml')
    ]);
    const onset = Number((await child.line(/onset: (\d+)\n/))[1]);
    const url = (await child.line(/prometheus: (\S+)\n/))[1];
    return new Lab(url, onset, child);
  }

  async stop(): Promise<void> {
    await this._child.stop();
  }
}
