import * as http from 'node:http';
import type { AddressInfo } from 'node:net';

/** A back end that misbehaves in the ways that real ones do, one per path prefix. */
export class HostileUpstream {
  private constructor(private readonly _server: http.Server) {}

  static async start(): Promise<HostileUpstream> {
    const server = http.createServer(answer);
    // Node hangs up on idle connections after 5 s, which may fall on the next request.
    server.keepAliveTimeout = 600_000;
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    return new HostileUpstream(server);
  }

  /** The address of one kind of trouble, for a `url` in the configuration. */
  url(trouble: 'html' | 'slow' | 'cut' | 'busy'): string {
    const { port } = this._server.address() as AddressInfo;
    return `http://127.0.0.1:${port}/${trouble}`;
  }

  async stop(): Promise<void> {
    this._server.closeAllConnections();
    await new Promise(resolve => this._server.close(resolve));
  }
}

const HTML =
  '<!doctype html><html><body><h1>Sign in to Acme SSO</h1></body></html>';
const HALF_A_MATRIX =
  '{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"which":"a"},"values":[[1,"1"],[';

function answer(
  request: http.IncomingMessage,
  response: http.ServerResponse
): void {
  request.resume();
  switch ((request.url ?? '').split('/')[1]) {
    case 'html':
      // A sign-in page in front of Prometheus answers 200.
      response.writeHead(200, { 'content-type': 'text/html' }).end(HTML);
      break;
    case 'cut':
      // Promises more than it sends, then hangs up.
      response.writeHead(200, {
        'content-type': 'application/json',
        'content-length': '100000'
      });
      response.write(HALF_A_MATRIX, () => response.destroy());
      break;
    case 'busy':
      response
        .writeHead(503, { 'content-type': 'text/plain' })
        .end('upstream connect error');
      break;
    default:
      // Slow: no answer at all, until the caller gives up.
      break;
  }
}
