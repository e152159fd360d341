import type { Duplex } from 'node:stream';
import { type BrowserSocket, CLOSED } from '../relay/browser-socket.ts';

/** What is still on its way to a side that reads may take so many times the patience. */
const FLUSH_PATIENCE = 10;

/** What became of the bytes for the browser; there is none where a session ended before. */
interface Traffic {
  /** Since when the browser takes nothing; 0: it takes all. */
  readonly stalledSince: number;
}

/** Sees off the two sides of a session that has ended, until both sockets are gone. */
export class Farewell {
  readonly #browser: BrowserSocket;
  readonly #server: Duplex | null;
  readonly #traffic: Traffic | null;
  readonly #patience: number;
  readonly #onGone: () => void;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  /** `patience`, in milliseconds: how long a side has to hang up by itself. */
  constructor(
    browser: BrowserSocket,
    server: Duplex | null,
    traffic: Traffic | null,
    patience: number,
    onGone: () => void,
  ) {
    this.#browser = browser;
    this.#server = server;
    this.#traffic = traffic;
    this.#patience = patience;
    this.#onGone = onGone;
    this.#wait(1);
  }

  /** Has a look whether both are gone; to be called when one closes. */
  check(): void {
    const isServerGone = this.#server === null || this.#server.destroyed;
    if (this.#isOver || !isServerGone || this.#browser.readyState !== CLOSED) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#onGone();
  }

  /** Hangs up on both, whatever is still on its way. */
  hangUp(): void {
    this.#browser.terminate();
    this.#server?.destroy();
    this.check();
  }

  /**
   * Longer while bytes that were sent are not flushed, and while the browser still talks: it has not
   * come to the close frame then, and a kernel that is told something once all is closed resets the
   * connection, and drops what the browser has not read.
   */
  #wait(turn: number): void {
    const browser = this.#browser;
    const heard = browser._socket?.bytesRead;
    this.#timer = setTimeout(() => {
      const isTalking = browser.readyState !== CLOSED && browser._socket?.bytesRead !== heard;
      if ((isTalking || !this.#isFlushed()) && turn < FLUSH_PATIENCE) this.#wait(turn + 1);
      else this.hangUp();
    }, this.#patience);
  }

  #isFlushed(): boolean {
    const isTaken = !this.#traffic?.stalledSince && this.#browser.bufferedAmount === 0;
    const isBrowserDone = this.#browser.readyState === CLOSED || isTaken;
    const server = this.#server;
    const isServerDone = server === null || server.destroyed || server.writableLength === 0;
    return isBrowserDone && isServerDone;
  }
}
