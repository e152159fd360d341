import { ConsoleError } from '../errors.ts';
import type { BrowserSocket } from '../relay/browser-socket.ts';

/** Limits of a session that is joined, in milliseconds; 0 for the last two means without end. */
export interface PulseLimits {
  readonly ping: number;
  readonly stall: number;
  readonly idle: number;
  readonly session: number;
}

/** How a session stands at this moment. */
export interface Condition {
  /** Since when the browser has not taken what was written to it, or 0. */
  readonly stalledSince: number;
  /** The browser is being held up, and so cannot be heard. */
  readonly paused: boolean;
  /** Bytes that the browser has sent. */
  readonly received: number;
  /** The server is to be told of other rights, and a message of the browser's has not ended yet. */
  readonly owing: boolean;
}

/** A lost pong counts as missed after this part of the ping interval. */
const PONG_PATIENCE = 0.4;
const MISSED_PONGS = 2;

/** A browser whose rights have changed may take so long over the message it was in, in milliseconds. */
const OWING_PATIENCE = 10_000;

/** Feels whether a browser is still there, and whether its time is over. Times are `performance.now()`. */
export class Pulse {
  readonly #started = performance.now();
  #pingedAt = this.#started;
  #unanswered = 0;
  #activeAt = this.#started;
  #received = 0;
  /** Since when the browser has been held up because the server does not read, or 0. */
  #pausedSince = 0;
  #owingSince = 0;

  get age(): number {
    return performance.now() - this.#started;
  }

  onPong(): void {
    this.#unanswered = 0;
  }

  /** Pings when it is time; says why the session has to end, or null. */
  feel(
    now: number,
    limits: PulseLimits,
    state: Condition,
    browser: BrowserSocket,
  ): ConsoleError | null {
    if (state.received !== this.#received) {
      this.#received = state.received;
      this.#activeAt = now;
      this.#unanswered = 0;
    }
    const { session, idle, stall, ping } = limits;
    if (session > 0 && now - this.#started > session) return new ConsoleError('MAX_DURATION');
    if (idle > 0 && now - this.#activeAt > idle) return new ConsoleError('IDLE');
    if (!state.owing || state.paused) this.#owingSince = 0;
    else if (this.#owingSince === 0) this.#owingSince = now;
    else if (now - this.#owingSince > OWING_PATIENCE) {
      return new ConsoleError('BROWSER_GONE', 'its rights changed, and it did not end a message');
    }
    if (state.stalledSince > 0) {
      // A browser that reads nothing reads no ping either: this limit stands in for that one.
      return now - state.stalledSince > stall ? new ConsoleError('BROWSER_STALLED') : null;
    }
    if (!state.paused) this.#pausedSince = 0;
    else if (this.#pausedSince === 0) this.#pausedSince = now;
    else if (now - this.#pausedSince > stall) {
      return new ConsoleError('SERVER_LOST', `the server has read nothing for ${stall} ms`);
    }
    const waited = now - this.#pingedAt;
    if (!state.paused && this.#unanswered >= MISSED_PONGS && waited > ping * PONG_PATIENCE) {
      return new ConsoleError('BROWSER_GONE', `no pong to ${MISSED_PONGS} pings`);
    }
    if (waited >= ping) {
      this.#pingedAt = now;
      // Held up, it cannot answer, but what is written to one that has left brings the news of it.
      if (state.paused) this.#unanswered = 0;
      else this.#unanswered++;
      browser.ping();
    }
    return null;
  }
}
