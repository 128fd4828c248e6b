import { Child, freePort, listening } from './child.ts';
import { PROXY } from './paths.ts';

/** The practice incident, with the window that the demo's link opens. */
export class Drill {
  private constructor(
    readonly url: string,
    /** Seconds since the Unix epoch at which the culprit begins to swing. */
    readonly onset: number,
    private readonly _child: Child
  ) {}

  static async start(): Promise<Drill> {
    const port = await freePort();
    const onset = Math.floor(Date.now() / 1000) - 180;
    const child = Child.start('drill', PROXY, [
      'drill',
      '--listen',
      `127.0.0.1:${port}`,
      '--onset',
      `${onset}`
    ]);
    await listening(port);
    return new Drill(`http://127.0.0.1:${port}`, onset, child);
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
