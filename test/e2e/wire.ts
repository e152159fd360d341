import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A way to a VNC server on which all that passes is seen. */
export interface Wire {
  /** The TCP port that it begins at, on 127.0.0.1. */
  readonly port: number;
  /** How many bytes the VNC server has sent. */
  readonly received: number;
  /** Says if these bytes have gone to the VNC server since it was asked last. */
  hasSent(bytes: Buffer): boolean;
  stop(): Promise<void>;
}

/** Lays a wire to a port of 127.0.0.1, on which all that the server says takes so many milliseconds. */
export async function layWire(port: number, { delay = 0 } = {}): Promise<Wire> {
  const sockets = new Set<Socket>();
  let received = 0;
  let sent = Buffer.alloc(0);
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.setNoDelay();
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    near.on('data', (chunk: Buffer) => {
      sent = Buffer.concat([sent, chunk]);
    });
    far.on('data', (chunk: Buffer) => {
      received += chunk.length;
      setTimeout(() => near.write(chunk), delay);
    });
    near.pipe(far);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    get received() {
      return received;
    },
    hasSent(bytes) {
      const at = sent.indexOf(bytes);
      if (at >= 0) sent = sent.subarray(at + bytes.length);
      return at >= 0;
    },
    async stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
