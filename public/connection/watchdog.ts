/** What is seen of a connected session at one look. */
export interface Sight {
  /** In milliseconds, of a clock that only goes forward. */
  readonly now: number;
  readonly isVisible: boolean;
  /** Updates that were drawn completely so far. */
  readonly updates: number;
  /** Something waits to be drawn. */
  readonly isDrawing: boolean;
  /** Bytes from the server so far. */
  readonly received: number;
  /** Keys and pointer moves sent so far. */
  readonly inputs: number;
  /** Bytes that the browser has not got rid of. */
  readonly buffered: number;
}

export type Verdict = 'fine' | 'probe' | 'stalled' | 'lost' | 'stuck';

/** How often to look, in milliseconds. */
export const LOOK_INTERVAL = 1_000;

const STUCK_TIME = 5_000;
const SILENCE_TIME = 10_000;
const ANSWER_TIME = 10_000;
const LOST_TIME = 30_000;

// A page that was asleep for longer has seen nothing, and starts anew.
const ASLEEP_TIME = 4 * LOOK_INTERVAL;

/**
 * Notices a picture that stands still although there is more to draw, and a link that does not
 * answer. A quiet desktop says nothing for hours: only what was sent to it makes silence suspicious.
 */
export class Watchdog {
  #last: Sight | null = null;
  #drawingSince = 0;
  /** Since when something that was sent had no answer; null: all is answered. */
  #unansweredSince: number | null = null;
  #probedAt: number | null = null;

  look(sight: Sight): Verdict {
    const last = this.#last;
    this.#last = sight;
    if (!last || sight.now - last.now > ASLEEP_TIME) {
      this.#drawingSince = sight.now;
      this.#answered();
      return 'fine';
    }
    if (this.#isStuck(sight, last)) return 'stuck';
    return this.#link(sight, last);
  }

  #isStuck(sight: Sight, last: Sight): boolean {
    // A hidden page may take its time.
    const moves = !sight.isDrawing || !sight.isVisible || sight.updates !== last.updates;
    if (moves) this.#drawingSince = sight.now;
    return sight.now - this.#drawingSince >= STUCK_TIME;
  }

  #link(sight: Sight, last: Sight): Verdict {
    if (sight.received !== last.received) {
      this.#answered();
      // What came may be older than what was sent since.
      if (sight.inputs !== last.inputs) this.#unansweredSince = sight.now;
      return 'fine';
    }
    const isWaiting = sight.inputs !== last.inputs || isJammed(sight, last);
    if (this.#unansweredSince === null) {
      if (isWaiting) this.#unansweredSince = sight.now;
      return 'fine';
    }
    if (this.#probedAt === null) {
      if (sight.now - this.#unansweredSince < SILENCE_TIME) return 'fine';
      this.#probedAt = sight.now;
      return 'probe';
    }
    const silence = sight.now - this.#probedAt;
    if (silence >= LOST_TIME) return 'lost';
    return silence >= ANSWER_TIME ? 'stalled' : 'fine';
  }

  #answered(): void {
    this.#unansweredSince = null;
    this.#probedAt = null;
  }
}

function isJammed(sight: Sight, last: Sight): boolean {
  return sight.buffered > 0 && sight.buffered >= last.buffered;
}
