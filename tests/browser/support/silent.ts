import * as http from 'node:http';
import type { AddressInfo } from 'node:net';

/** A Prometheus that takes every question, and answers when the test says so. */
export class Silent {
  private readonly _open = new Set<http.ServerResponse>();

  private readonly _server = http.createServer((request, response) => {
    request.resume();
    // The proxy's own questions, whether it is well, are left without an answer as well.
    if (request.url?.includes('/query_range')) {
      this._open.add(response);
      response.on('close', () => this._open.delete(response));
    }
  });

  static async start(): Promise<Silent> {
    const silent = new Silent();
    await new Promise<void>(resolve =>
      silent._server.listen(0, '127.0.0.1', resolve)
    );
    return silent;
  }

  get url(): string {
    const { port } = this._server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  /** How many range queries wait for their answer; one whose asker hung up does not. */
  get waiting(): number {
    return this._open.size;
  }

  /** Answers what waits. */
  answer(): void {
    for (const response of this._open) {
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end('{"status":"success","data":{"resultType":"matrix","result":[]}}');
    }
  }

  async stop(): Promise<void> {
    this._server.closeAllConnections();
    await new Promise(resolve => this._server.close(resolve));
  }
}
