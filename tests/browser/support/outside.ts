import * as http from 'node:http';
import type { AddressInfo } from 'node:net';

/** Whom Chromium itself asks, whatever page is open and in spite of the flags against it. */
const CHROMIUMS_OWN =
  /^(https?:\/\/)?(update|content-autofill|optimizationguide-pa|safebrowsing)\.googleapis\.com[:/]|^(https?:\/\/)?(accounts|clients\d|www)\.google\.com[:/]|^(https?:\/\/)?redirector\.gvt1\.com[:/]/;

/**
 * The rest of the world: an HTTP proxy that Chromium is told to use, which notes and refuses everything.
 *
 * Chromium never sends loopback addresses to a proxy, so what arrives here is each request of page,
 * workers, service worker and browser alike for another host.
 */
export class Outside {
  /** The hosts that were asked for. */
  readonly asked: string[] = [];

  private readonly _server = http.createServer((request, response) => {
    this.note(request.url ?? '?');
    response.writeHead(502).end();
  });

  static async start(): Promise<Outside> {
    const outside = new Outside();
    outside._server.on('connect', (request, socket) => {
      outside.note(request.url ?? '?');
      // This socket is no longer the server's: a browser that breaks it off would end the whole worker.
      socket.on('error', () => socket.destroy());
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    });
    await new Promise<void>(resolve =>
      outside._server.listen(0, '127.0.0.1', resolve)
    );
    return outside;
  }

  /** Notes a request, unless the browser made it for itself. */
  note(address: string): void {
    if (!CHROMIUMS_OWN.test(address)) {
      this.asked.push(address);
    }
  }

  get address(): string {
    const { port } = this._server.address() as AddressInfo;
    return `127.0.0.1:${port}`;
  }

  async stop(): Promise<void> {
    this._server.closeAllConnections();
    await new Promise(resolve => this._server.close(resolve));
  }
}
