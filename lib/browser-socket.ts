import type { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { BrowserFrames, type FrameFault } from './browser-frames.ts';

/** A WebSocket of `ws` 7 (as express-ws brings it) or 8, as far as we use it. */
export interface BrowserSocket {
  readonly readyState: number;
  readonly bufferedAmount: number;
  /** What was negotiated: by name (8), or an object of them (7: also a text in some releases). */
  readonly extensions?: string;
  /** The socket under it. Without one, bytes go the plain way, by `send` and `message`. */
  readonly _socket?: Socket | null;
  /** What parses frames; `_state` 0 with nothing buffered: it is between two of them. */
  readonly _receiver?: Writable & { readonly _state?: number; readonly _bufferedBytes?: number };
  on(event: 'message', listener: (data: unknown, isBinary?: boolean) => void): unknown;
  on(event: 'close', listener: (code: number) => void): unknown;
  on(event: 'error', listener: (error: Error & { code?: string }) => void): unknown;
  on(event: 'pong', listener: () => void): unknown;
  send(data: Uint8Array, options: { binary: boolean }, done: (error?: Error) => void): void;
  ping(): void;
  close(code: number, reason: string): void;
  terminate(): void;
  /** Only `ws` 8 has these two. */
  pause?(): void;
  resume?(): void;
}

/** `readyState` of RFC 6455 sockets. */
export const OPEN = 1;
export const CLOSED = 3;

export interface BrowserListener {
  onBytes(bytes: Uint8Array): void;
  onFault(fault: FrameFault): void;
}

/**
 * What a browser sends, as bytes, and a hold on it. Where it can, it reads the frames itself, between
 * the socket and `ws`, which keeps pings, pongs, closes and all that breaks the protocol; else it
 * takes the messages that `ws` makes.
 */
export class BrowserIntake {
  readonly #browser: BrowserSocket;
  readonly #socket: Socket | null;
  #paused = false;

  constructor(browser: BrowserSocket, listener: BrowserListener, maxPayload: number) {
    this.#browser = browser;
    const socket = browser._socket ?? null;
    const toWs = socket?.listeners('data');
    const isFresh = browser._receiver?._state === 0 && browser._receiver._bufferedBytes === 0;
    if (socket && toWs?.length === 1 && isFresh && !browser.extensions) {
      this.#socket = socket;
      tap(socket, toWs[0] as OnData, listener, maxPayload);
    } else {
      this.#socket = null;
      browser.on('message', (data, isBinary) => {
        const isBytes = isBinary !== false && data instanceof Uint8Array;
        if (!isBytes) listener.onFault('TEXT_FRAME');
        else if (data.length > 0) listener.onBytes(data);
      });
      if (!browser.pause) this.#tellParser();
    }
  }

  get paused(): boolean {
    return this.#paused;
  }

  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    if (this.#socket) this.#socket.pause();
    else if (this.#browser.pause) this.#browser.pause();
    else this.#browser._socket?.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    if (this.#socket) this.#socket.resume();
    else if (this.#browser.resume) this.#browser.resume();
    else if (!this.#browser._receiver?.writableNeedDrain) this.#browser._socket?.resume();
  }

  /** `ws` 7 resumes its socket whenever its parser is done with a chunk, held up or not. */
  #tellParser(): void {
    const parser = this.#browser._receiver;
    parser?.removeAllListeners('drain');
    parser?.on('drain', () => {
      if (!this.#paused) this.#browser._socket?.resume();
    });
  }
}

type OnData = (this: Socket, chunk: Buffer) => void;

/** Takes a socket's bytes before `ws` does, and gives it the control frames. */
function tap(socket: Socket, toWs: OnData, listener: BrowserListener, maxPayload: number): void {
  const frames = new BrowserFrames(
    {
      onBytes: (bytes) => listener.onBytes(bytes),
      onFault: (fault) => listener.onFault(fault),
      onControl: (frame) => toWs.call(socket, frame),
    },
    maxPayload,
  );
  const onData = (chunk: Buffer) => frames.push(chunk);
  socket.off('data', toWs);
  socket.on('data', onData);
  // ws gives its parser what a closed socket still holds; that is ours to read as well.
  socket.prependListener('close', () => {
    const last = socket.read();
    if (Buffer.isBuffer(last)) frames.push(last);
  });
}
