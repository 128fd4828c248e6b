import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import * as path from 'node:path';

import { Child } from './child.ts';
import { PROXY, RESULTS_DIR } from './paths.ts';

/** Any free port. */
const ANY = '127.0.0.1:0';

/** The practice incident with its cloud and hosts, and the window that the demo's link opens. */
export class Drill {
  /** The core file that ails the culprit. */
  readonly core = '/var/crash/core';

  private constructor(
    /** Its Prometheus API. */
    readonly url: string,
    /** Seconds since the Unix epoch at which the culprit begins to swing. */
    readonly onset: number,
    /** The tables of `casebook.toml` that lead to it: `[prometheus.main]`, `[aws.main]`, `[ssh]`. */
    readonly tables: string,
    private readonly _child: Child
  ) {}

  static async start(): Promise<Drill> {
    mkdirSync(RESULTS_DIR, { recursive: true });
    const dir = mkdtempSync(path.join(RESULTS_DIR, '..', 'browser-drill-'));
    const onset = Math.floor(Date.now() / 1000) - 180;
    const child = Child.start('drill', PROXY, [
      'drill',
      '--state',
      dir,
      '--listen',
      ANY,
      '--ec2',
      ANY,
      '--ssh',
      ANY,
      '--onset',
      `${onset}`
    ]);
    // Listening already when they are printed, the tables last.
    const url = (await child.line(/practice incident: (http:\S+) /))[1];
    await child.line(/tables for casebook\.toml: .*\n/);
    const tables = readFileSync(path.join(dir, 'drill.toml'), 'utf8');
    return new Drill(url, onset, tables, child);
  }

  /** The path of the incident's notebook: two calm minutes, three that burn. */
  get incidentPath(): string {
    return incidentPath('practice', this.onset - 120, this.onset + 180);
  }

  async stop(): Promise<void> {
    await this._child.stop();
  }
}

/** The path that a link to an incident opens; times in seconds since the Unix epoch. */
export function incidentPath(
  title: string,
  start: number,
  end: number
): string {
  const at = (seconds: number) =>
    new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
  return `/lab/index.html?incident=${title}&start=${at(start)}&end=${at(end)}`;
}
