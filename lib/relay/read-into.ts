import type { OnReadOpts, Socket } from 'node:net';

/** What Node's own sockets keep their `onread` in, the same from Node 20 to 26. */
interface Inside {
  _handle?: { useUserBuffer?(buffer: Uint8Array): void } | null;
  [field: symbol]: unknown;
}

const FIELDS = ['kBuffer', 'kBufferCb', 'kBufferGen'];

/**
 * Makes an open socket read into buffers of ours, as the option `onread` of `net.connect` does for
 * one that we open: no allocation a read, which for a browser's uploads is half the cost. For the
 * sockets of a server Node has no such option, so this sets what the option sets. It returns false
 * and changes nothing where that cannot be: TLS, which goes on for a while after it is told to stop,
 * bytes that were read already, and a Node that has other insides.
 */
export function readInto(socket: Socket, { buffer, callback }: OnReadOpts): boolean {
  const inside = insideOf(socket);
  if (!inside || inside.socket[inside.kBuffer] !== null || socket.readableLength > 0) return false;
  inside.socket[inside.kBufferCb] = callback;
  inside.socket[inside.kBufferGen] = typeof buffer === 'function' ? buffer : null;
  aim(socket, typeof buffer === 'function' ? buffer() : buffer);
  return true;
}

/** Says if a socket reads into a buffer of ours, and can be made to read into another. */
export function canAim(socket: Socket): boolean {
  const inside = insideOf(socket);
  return inside !== null && inside.socket[inside.kBuffer] instanceof Uint8Array;
}

/**
 * Makes it read into this buffer from now on. Node keeps a few bytes for each time, until the socket
 * is closed.
 */
export function aim(socket: Socket, buffer: Uint8Array): void {
  const inside = insideOf(socket);
  if (!inside) return; // it is closed, and reads no more
  inside.socket[inside.kBuffer] = buffer;
  inside.socket._handle?.useUserBuffer?.(buffer);
}

function insideOf(socket: Socket) {
  const inside = socket as unknown as Inside;
  if ('encrypted' in socket || !inside._handle?.useUserBuffer) return null;
  const symbols = Object.getOwnPropertySymbols(socket);
  const [kBuffer, kBufferCb, kBufferGen] = FIELDS.map((name) =>
    symbols.find(({ description }) => description === name),
  );
  return kBuffer && kBufferCb && kBufferGen
    ? { socket: inside, kBuffer, kBufferCb, kBufferGen }
    : null;
}
