import type { Socket } from 'node:net';
import type { Writable } from 'node:stream';

/** A WebSocket of `ws` 7 (as express-ws brings it) or 8, as far as we use it. */
export interface BrowserSocket {
  readonly readyState: number;
  readonly bufferedAmount: number;
  /** The socket under it. Without one, bytes go the plain way, by `send`. */
  readonly _socket?: Socket | null;
  /** What parses the browser's frames. */
  readonly _receiver?: Writable;
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

/** Holds a browser up, and lets it go on, by not reading from its socket. */
export interface FlowControl {
  readonly paused: boolean;
  pause(): void;
  resume(): void;
}

/** Makes the flow control of one browser's socket. */
export function createFlowControl(browser: BrowserSocket): FlowControl {
  const { pause, resume } = browser.pause ? ofMajor8(browser) : ofMajor7(browser);
  let paused = false;
  return {
    get paused() {
      return paused;
    },
    pause() {
      if (paused) return;
      paused = true;
      pause();
    },
    resume() {
      if (!paused) return;
      paused = false;
      resume();
    },
  };

  function ofMajor8(socket: BrowserSocket) {
    return { pause: () => socket.pause?.(), resume: () => socket.resume?.() };
  }

  /** `ws` 7 resumes its socket whenever its parser is done with a chunk, so the parser is told. */
  function ofMajor7({ _socket: socket, _receiver: parser }: BrowserSocket) {
    parser?.removeAllListeners('drain');
    parser?.on('drain', () => {
      if (!paused) socket?.resume();
    });
    return {
      pause: () => socket?.pause(),
      resume: () => {
        if (!parser?.writableNeedDrain) socket?.resume();
      },
    };
  }
}
