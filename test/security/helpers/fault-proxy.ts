import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** How a proxy mishandles the bytes between two sides. */
export interface Faults {
  /** Longest random wait before each piece, in milliseconds. */
  jitter?: number;
  /** Size of the pieces, in bytes. */
  piece?: number;
}

/** A TCP proxy that delays and cuts what passes, both ways, but loses nothing. */
export class FaultProxy {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  static async start(port: number, faults: Faults): Promise<FaultProxy> {
    const server = createServer({ noDelay: true });
    server.listen(0, '127.0.0.1', 4096);
    await once(server, 'listening');
    const proxy = new FaultProxy(server);
    server.on('connection', (near) => {
      const far = connect({ host: '127.0.0.1', port, noDelay: true });
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        proxy.#sockets.add(from);
        from.on('error', () => to.destroy());
        from.on('close', () => proxy.#sockets.delete(from));
        void mishandle(from, to, faults).catch(() => to.destroy());
      }
    });
    return proxy;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

async function mishandle(from: Socket, to: Socket, { jitter = 0, piece }: Faults): Promise<void> {
  for await (const bytes of from as AsyncIterable<Buffer>) {
    const size = piece ?? bytes.length;
    for (let at = 0; at < bytes.length; at += size) {
      if (jitter > 0) await new Promise((done) => setTimeout(done, Math.random() * jitter));
      if (!to.write(bytes.subarray(at, at + size)) && to.writableLength > 65536) {
        await once(to, 'drain');
      }
    }
  }
  to.end();
}
