import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP line to a port that can be cut and mended, or just be slow for ever. */
export interface Line {
  readonly origin: string;
  cut(): void;
  mend(): void;
  hold(isHeld: boolean): void;
  /** Lets nothing more through that a browser says, for as long as it is connected. */
  mute(): void;
  stop(): Promise<void>;
}

/** Opens a line to a port of this machine. */
export async function openLine(port: number): Promise<Line> {
  const sockets = new Set<Socket>();
  const browsers = new Set<Socket>();
  let isCut = false;
  const server = createServer((socket) => {
    if (isCut) return socket.destroy();
    browsers.add(socket);
    socket.on('close', () => browsers.delete(socket));
    const onward = connect(port, '127.0.0.1');
    for (const each of [socket, onward]) {
      sockets.add(each);
      each.on('error', () => {});
      each.on('close', () => {
        sockets.delete(each);
        socket.destroy();
        onward.destroy();
      });
    }
    return socket.pipe(onward).pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    isCut = true;
    for (const socket of sockets) socket.destroy();
  };
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    mend: () => {
      isCut = false;
    },
    hold(isHeld) {
      for (const socket of sockets) isHeld ? socket.pause() : socket.resume();
    },
    mute() {
      for (const browser of browsers) browser.unpipe();
    },
    async stop() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
