import type { OnReadOpts, Socket } from 'node:net';

/** What Node's own sockets keep their `onread` in, the same from Node 20 to 26. */
interface Inside {
  _handle?: { useUserBuffer?(buffer: Uint8Array): void } | null;
  [field: symbol]: unknown;
}

const FIELDS = ['kBuffer', 'kBufferCb', 'kBufferGen'];
interface Fields {
  readonly kBuffer: symbol;
  readonly kBufferCb: symbol;
  readonly kBufferGen: symbol;
}

/** The same for all sockets: looked for once. */
let fields: Fields | null = null;

/**
 * Makes an open socket read into buffers of ours, as the option `onread` of `net.connect` does for
 * one that we open: no allocation a read, which for a browser's uploads is half the cost. For the
 * sockets of a server Node has no such option, so this sets what the option sets. It returns false
 * and changes nothing where that cannot be: TLS, which goes on for a while after it is told to stop,
 * bytes that were read already, and a Node that has other insides.
 */
export function readInto(socket: Socket, { buffer, callback }: OnReadOpts): boolean {
  const inside = insideOf(socket);
  if (!inside || inside[fields!.kBuffer] !== null || socket.readableLength > 0) return false;
  inside[fields!.kBufferCb] = callback;
  inside[fields!.kBufferGen] = typeof buffer === 'function' ? buffer : null;
  aim(socket, typeof buffer === 'function' ? buffer() : buffer);
  return true;
}

/** Says if a socket reads into a buffer of ours, and can be made to read into another. */
export function canAim(socket: Socket): boolean {
  const inside = insideOf(socket);
  return inside !== null && inside[fields!.kBuffer] instanceof Uint8Array;
}

/**
 * Makes it read into this buffer from now on. Node keeps a few bytes for each time, until the socket
 * is closed.
 */
export function aim(socket: Socket, buffer: Uint8Array): void {
  const inside = insideOf(socket);
  if (!inside) return; // it is closed, and reads no more
  inside[fields!.kBuffer] = buffer;
  inside._handle?.useUserBuffer?.(buffer);
}

/** The socket, if it is open and has what an `onread` is kept in. */
function insideOf(socket: Socket): Inside | null {
  const inside = socket as unknown as Inside;
  if ('encrypted' in socket || !inside._handle?.useUserBuffer) return null;
  fields ??= findFields(socket);
  return fields && fields.kBuffer in socket ? inside : null;
}

function findFields(socket: Socket): Fields | null {
  const symbols = Object.getOwnPropertySymbols(socket);
  const [kBuffer, kBufferCb, kBufferGen] = FIELDS.map((name) =>
    symbols.find(({ description }) => description === name),
  );
  return kBuffer && kBufferCb && kBufferGen ? { kBuffer, kBufferCb, kBufferGen } : null;
}
