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
  const inside = socket as unknown as Inside;
  const symbols = Object.getOwnPropertySymbols(socket);
  const [kBuffer, kBufferCb, kBufferGen] = FIELDS.map((name) =>
    symbols.find(({ description }) => description === name),
  );
  const isPlain = !('encrypted' in socket) && socket.readableLength === 0;
  const isKnown = kBuffer && kBufferCb && kBufferGen && inside[kBuffer] === null;
  if (!isPlain || !isKnown || !inside._handle?.useUserBuffer) return false;
  const first = typeof buffer === 'function' ? buffer() : buffer;
  inside[kBuffer] = first;
  inside[kBufferCb] = callback;
  inside[kBufferGen] = typeof buffer === 'function' ? buffer : null;
  inside._handle.useUserBuffer(first);
  return true;
}
