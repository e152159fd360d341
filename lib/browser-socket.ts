import type { Socket } from 'node:net';
import type { Writable } from 'node:stream';

/** A WebSocket of `ws` 7 (as express-ws brings it) or 8, as far as we use it. */
export interface BrowserSocket {
  readonly readyState: number;
  readonly bufferedAmount: number;
  /** The socket under it. Without one, bytes go the plain way, by `send`. */
  readonly _socket?: Socket | null;
  /** What parses the browser's frames, and how much of the last chunk it still has to parse. */
  readonly _receiver?: Writable & { readonly _bufferedBytes?: number };
  on(event: 'message', listener: (data: unknown, isBinary?: boolean) => void): unknown;
  on(event: 'close', listener: (code: number) => void): unknown;
  on(event: 'error', listener: (error: Error & { code?: string }) => void): unknown;
  on(event: 'pong', listener: () => void): unknown;
  off(event: 'message', listener: (data: unknown, isBinary?: boolean) => void): unknown;
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

/**
 * Holds a browser up, and lets it go on, by not reading from its socket. A class, like all that every
 * session has one of: methods that close over nothing are what keeps an idle session small.
 */
export class FlowControl {
  readonly #browser: BrowserSocket;
  #paused = false;

  constructor(browser: BrowserSocket) {
    this.#browser = browser;
    if (!browser.pause) this.#tellParser();
  }

  get paused(): boolean {
    return this.#paused;
  }

  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    if (this.#browser.pause) this.#browser.pause();
    else this.#browser._socket?.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    if (this.#browser.resume) this.#browser.resume();
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
