import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { promisify } from 'node:util';

import { Child, freePort, listening } from './child.ts';
import { PROXY, RESULTS_DIR, SITE } from './paths.ts';

const LINK = /(http:\/\/localhost:\d+\/auth\/#token=\S+)/;

/** One source of the configuration; the keys are those of `[prometheus.<name>]`. */
export interface ISource {
  url: string;
  timeout?: string;
  max_bytes?: string;
}

/** What a proxy is started with. */
export interface IProxyOptions {
  sources?: Record<string, ISource>;
  /** Further tables in TOML, such as the drill's. */
  tables?: string;
  site?: string;
  /** Keys of `[auth]`. */
  auth?: Record<string, string>;
}

/** A real proxy on free ports, with its own state. */
export class Proxy {
  private constructor(
    readonly port: number,
    /** Where changes are approved, when the tables allow any. */
    readonly approvalPort: number,
    private readonly _config: string,
    private _child: Child
  ) {}

  static async start(name: string, options: IProxyOptions): Promise<Proxy> {
    mkdirSync(RESULTS_DIR, { recursive: true });
    const dir = mkdtempSync(path.join(RESULTS_DIR, '..', `browser-${name}-`));
    const ports = {
      listen_port: await freePort(),
      ops_port: await freePort(),
      approval_port: await freePort()
    };
    const config = path.join(dir, 'casebook.toml');
    writeFileSync(config, toml(dir, ports, options));
    const child = await serve(name, config, ports.listen_port);
    return new Proxy(ports.listen_port, ports.approval_port, config, child);
  }

  get origin(): string {
    return `http://localhost:${this.port}`;
  }

  /** Where it keeps its log and its journal. */
  get stateDir(): string {
    return path.join(path.dirname(this._config), 'state');
  }

  /** A one-time link that opens this path of the site. */
  async link(next = '/lab/index.html'): Promise<string> {
    const { stdout } = await promisify(execFile)(PROXY, [
      'link',
      '--config',
      this._config
    ]);
    const token = /#token=([^&\s]+)/.exec(LINK.exec(stdout)?.[1] ?? '')?.[1];
    if (!token) {
      throw new Error(`casebook-proxy link printed no link:\n${stdout}`);
    }
    return `${this.origin}/auth/#token=${token}&next=${encodeURIComponent(next)}`;
  }

  /** Waits for something on its terminal, such as a code that approves a plan. */
  async printed(pattern: RegExp, seconds?: number): Promise<RegExpExecArray> {
    return this._child.line(pattern, seconds);
  }

  /** Stops the process and starts another on the same port, state and configuration. */
  async restart(): Promise<void> {
    await this._child.stop();
    this._child = await serve('restarted', this._config, this.port);
  }

  async stop(): Promise<void> {
    await this._child.stop();
  }
}

async function serve(
  name: string,
  config: string,
  port: number
): Promise<Child> {
  const child = Child.start(`proxy-${name}`, PROXY, [
    'serve',
    '--config',
    config
  ]);
  await child.line(LINK);
  await listening(port);
  return child;
}

function toml(
  dir: string,
  ports: Record<'listen_port' | 'ops_port' | 'approval_port', number>,
  options: IProxyOptions
): string {
  const text = JSON.stringify;
  const lines = [
    '[server]',
    ...Object.entries(ports).map(([key, port]) => `${key} = ${port}`),
    `site = ${text(options.site ?? SITE)}`,
    `state_dir = ${text(path.join(dir, 'state'))}`,
    `public_hosts = [${text(`localhost:${ports.listen_port}`)}]`
  ];
  if (options.auth) {
    lines.push('', '[auth]');
    for (const [key, value] of Object.entries(options.auth)) {
      lines.push(`${key} = ${text(value)}`);
    }
  }
  for (const [name, source] of Object.entries(options.sources ?? {})) {
    lines.push('', `[prometheus.${name}]`);
    for (const [key, value] of Object.entries(source)) {
      lines.push(`${key} = ${text(value)}`);
    }
  }
  return [...lines, '', options.tables ?? ''].join('\n') + '\n';
}
