interface Beat {
  readonly play: () => void;
  due: number;
}

const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;

/** A pause no longer than this lets the event loop see to its sockets in between. */
const LONGEST_PAUSE = 1;

/**
 * Plays each of many beats once in a period of so many milliseconds, spread evenly over it. Timers
 * would not do: Node rounds them to milliseconds and plays all that are due in one go, so that the
 * sessions of a relay would get their updates in bursts that no fleet of desktops makes.
 */
export class Metronome {
  readonly #period: number;
  readonly #beats = new Set<Beat>();
  readonly #never = new Int32Array(new SharedArrayBuffer(4));
  #added = 0;

  constructor(period: number) {
    this.#period = period;
  }

  /** Returns the function that ends the beat. */
  add(play: () => void): () => void {
    const offset = ((this.#added++ * GOLDEN_RATIO) % 1) * this.#period;
    const start = performance.now();
    const beat = { play, due: start - (start % this.#period) + this.#period + offset };
    this.#beats.add(beat);
    if (this.#beats.size === 1) setImmediate(() => this.#playNext());
    return () => this.#beats.delete(beat);
  }

  #playNext(): void {
    const next = this.#soonest();
    if (!next) return;
    const pause = next.due - performance.now();
    if (pause > 0) Atomics.wait(this.#never, 0, 0, Math.min(pause, LONGEST_PAUSE));
    if (pause <= LONGEST_PAUSE) {
      next.play();
      next.due += this.#period;
    }
    setImmediate(() => this.#playNext());
  }

  #soonest(): Beat | null {
    let soonest: Beat | null = null;
    for (const beat of this.#beats) if (!soonest || beat.due < soonest.due) soonest = beat;
    return soonest;
  }
}
