import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import * as net from 'node:net';
import * as path from 'node:path';

import { built, RESULTS_DIR } from './paths.ts';

/** A server that a test started; it is stopped by its own handle. */
export class Child {
  private _output = '';
  private _waiting: (() => void)[] = [];

  private constructor(
    readonly name: string,
    private readonly _process: ChildProcess
  ) {}

  /** Starts a program; its output goes to `<results>/servers/<name>.log` and is kept for `line`. */
  static start(name: string, program: string, args: string[]): Child {
    const dir = path.join(RESULTS_DIR, '..', 'logs', 'browser');
    mkdirSync(dir, { recursive: true });
    const log = createWriteStream(path.join(dir, `${name}.log`), {
      flags: 'a'
    });
    const child = new Child(
      name,
      spawn(built(program), args, { stdio: ['pipe', 'pipe', 'pipe'] })
    );
    for (const stream of [child._process.stdout, child._process.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        log.write(chunk);
        child._output += chunk.toString();
        child._wake();
      });
    }
    child._process.on('exit', () => child._wake());
    return child;
  }

  /** Waits for output that matches; the whole match is consumed, so that the next call finds the next one. */
  async line(pattern: RegExp, seconds = 120): Promise<RegExpExecArray> {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
      const match = pattern.exec(this._output);
      if (match) {
        this._output = this._output.slice(match.index + match[0].length);
        return match;
      }
      if (this._process.exitCode !== null || Date.now() > deadline) {
        const why = this._process.exitCode === null ? 'took too long' : 'ended';
        throw new Error(
          `${this.name} ${why} before it printed ${pattern}:\n${this._output}`
        );
      }
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, 250);
        this._waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  /** Types a line at its terminal. */
  type(text: string): void {
    this._process.stdin?.write(text);
  }

  /** Asks it to end, and makes it end after five seconds. */
  async stop(): Promise<void> {
    if (this._process.exitCode !== null || this._process.signalCode !== null) {
      return;
    }
    const ended = new Promise<void>(resolve =>
      this._process.once('exit', () => resolve())
    );
    this._process.kill('SIGTERM');
    const timer = setTimeout(() => this._process.kill('SIGKILL'), 5000);
    await ended;
    clearTimeout(timer);
  }

  private _wake(): void {
    this._waiting.splice(0).forEach(resume => resume());
  }
}

/**
 * Ports for servers that cannot be told to take any, below those that Linux gives to clients and to whoever asks for
 * port 0 (32768 and up): there a stranger may get one between our look and the server's start. Each process has its own.
 */
const FIRST_PORT = 10_000;
const PORTS = 9_600;
const PORTS_OF_A_PROCESS = 32;
let asked = 0;

/** A port of loopback that was free a moment ago, another one at each call. */
export async function freePort(): Promise<number> {
  for (let tried = 0; tried < PORTS; tried++) {
    const port =
      FIRST_PORT + ((process.pid * PORTS_OF_A_PROCESS + asked++) % PORTS);
    const server = net.createServer();
    const free = await new Promise<boolean>(resolve => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (free) {
      await new Promise(resolve => server.close(resolve));
      return port;
    }
  }
  throw new Error(`no port from ${FIRST_PORT} on is free`);
}

/** Waits until a port of loopback accepts connections. */
export async function listening(port: number, seconds = 30): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (Date.now() < deadline) {
    const open = await new Promise<boolean>(resolve => {
      const socket = net.connect(port, '127.0.0.1');
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (open) {
      return;
    }
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  throw new Error(`nothing listens on port ${port} after ${seconds} s`);
}
