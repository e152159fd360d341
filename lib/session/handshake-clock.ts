import { ConsoleError } from '../errors.ts';

/** Who is waited for during a handshake: the server, a viewer who is asked, or what runs in the browser. */
export type Awaited = 'server' | 'viewer' | 'browser';

/** How long each may take in all, in milliseconds, and what it is called when that is over. */
const LATE: Readonly<Record<Awaited, (limit: number) => ConsoleError>> = {
  server: (limit) => new ConsoleError('TIMEOUT', `the handshake took longer than ${limit} ms`),
  viewer: (limit) => new ConsoleError('IDLE', `no credentials from the viewer within ${limit} ms`),
  browser: (limit) => new ConsoleError('BROWSER_GONE', `no answer of the browser in ${limit} ms`),
};

/**
 * Gives each side of a handshake its time, which runs only while that side is waited for: neither a
 * byte now and then nor a question to the other side makes it longer.
 */
export class HandshakeClock {
  readonly #limits: Readonly<Record<Awaited, number>>;
  readonly #left: Record<Awaited, number>;
  readonly #onLate: (error: ConsoleError) => void;
  #whom: Awaited = 'server';
  #since = 0;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(limits: Readonly<Record<Awaited, number>>, onLate: (error: ConsoleError) => void) {
    this.#limits = limits;
    this.#left = { ...limits };
    this.#onLate = onLate;
  }

  /** Counts the time of one side from now, and of no other. */
  await(whom: Awaited): void {
    if (this.#isOver) return;
    this.#halt();
    this.#whom = whom;
    this.#since = performance.now();
    this.#timer = setTimeout(() => this.#onLate(LATE[whom](this.#limits[whom])), this.#left[whom]);
  }

  /** Counts no more, whoever is still waited for. */
  stop(): void {
    this.#halt();
    this.#isOver = true;
  }

  #halt(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#left[this.#whom] -= performance.now() - this.#since;
  }
}
