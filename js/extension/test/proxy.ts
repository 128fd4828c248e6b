import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * What a path answers: a status, and a body that is sent as JSON unless it is text.
 */
export interface IAnswer {
  readonly status: number;
  readonly body?: unknown;
}

/**
 * A server that speaks the proxy's side of the API, with the answers that a test sets.
 */
export class ProxyStand {
  readonly answers = new Map<string, IAnswer>();
  readonly requests: { readonly method: string; readonly path: string; readonly body: string }[] =
    [];

  async start(): Promise<void> {
    await new Promise<void>(resolve => this._server.listen(this._port, '127.0.0.1', resolve));
    this._port = (this._server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this._server.closeAllConnections();
    await new Promise(resolve => this._server.close(resolve));
  }

  get origin(): string {
    return `http://127.0.0.1:${this._port}`;
  }

  /**
   * Answer as a proxy where `user` is signed in.
   */
  signedIn(user: string, catalog: object = {}): void {
    this.answers.set('/api/v1/session', {
      status: 200,
      body: { user, expires_at: '2026-11-22T15:00:00Z', version: '0.1.0', api: 1 }
    });
    this.answers.set('/api/v1/catalog', {
      status: 200,
      body: {
        version: '0.1.0',
        api: 1,
        user,
        prometheus: [
          {
            name: 'main',
            health: { state: 'up', detail: 'ready', checked_at: '2026-11-22T07:00:00Z' }
          }
        ],
        banner: null,
        ...catalog
      }
    });
  }

  /**
   * Answer as a proxy that knows no session.
   */
  signedOut(): void {
    const body = {
      status: 'error',
      errorType: 'session',
      error: 'no session',
      next: 'open a login link'
    };
    this.answers.set('/api/v1/session', { status: 401, body });
    this.answers.set('/api/v1/catalog', { status: 401, body });
  }

  private async _handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk as Buffer);
    }
    const path = request.url ?? '';
    this.requests.push({
      method: request.method ?? '',
      path,
      body: Buffer.concat(chunks).toString()
    });
    const [plain = ''] = path.split('?');
    const { status, body } = this.answers.get(plain) ?? { status: 404, body: '<h1>not found</h1>' };
    response.writeHead(status);
    response.end(typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body));
  }

  private readonly _server: Server = createServer((request, response) => {
    void this._handle(request, response);
  });
  private _port = 0;
}
