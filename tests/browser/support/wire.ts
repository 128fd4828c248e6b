import * as net from 'node:net';

/** A connection to a server of this machine that can be cut, as if the server had stopped. */
export class Wire {
  private readonly _sockets = new Set<net.Socket>();
  private readonly _server: net.Server;
  private _port = 0;

  private constructor(target: number) {
    this._server = net.createServer(near => {
      const far = net.connect(target, '127.0.0.1');
      for (const [socket, other] of [
        [near, far],
        [far, near]
      ]) {
        this._sockets.add(socket);
        socket.on('error', () => other.destroy());
        socket.on('close', () => {
          this._sockets.delete(socket);
          other.destroy();
        });
        socket.pipe(other);
      }
    });
  }

  /** A wire to the server at this address. */
  static async to(url: string): Promise<Wire> {
    const wire = new Wire(Number(new URL(url).port));
    await wire.mend();
    return wire;
  }

  /** Where its near end is. */
  get url(): string {
    return `http://127.0.0.1:${this._port}`;
  }

  /** Refuses connections from now on, and breaks those that are open. */
  async cut(): Promise<void> {
    const closed = new Promise(resolve => this._server.close(resolve));
    this._sockets.forEach(socket => socket.destroy());
    await closed;
  }

  /** Accepts connections, at the same address as before. */
  async mend(): Promise<void> {
    await new Promise<void>(resolve =>
      this._server.listen(this._port, '127.0.0.1', resolve)
    );
    this._port = (this._server.address() as net.AddressInfo).port;
  }
}
