import { ConsoleError } from '../errors.ts';
import type { BrowserSocket } from '../relay/browser-socket.ts';
import type { Rights } from '../rfb/rights.ts';
import { changeFault } from '../target/target.ts';
import { Session, type SessionSettings, type SessionWatcher, type Way } from './session.ts';
import type { SessionEnd, SessionInfo } from './session-info.ts';

/** How much may go on at once. */
export interface SessionLimits {
  /** Sessions, from the handshake until both sockets are gone. */
  readonly sessions: number;
  /** Sessions whose server has not greeted yet. */
  readonly dials: number;
}

/** A session that is open, in the host's hands. */
export interface LiveSession extends SessionInfo {
  /**
   * Changes what the viewer may do from now on; what is pressed is released where it may no longer
   * be, and what is undefined stays as it is. Throws a `TypeError` for a right that there is not, and
   * an `Error` where the relay does not speak the protocol: where the target had no credentials, tls
   * or rights at all. Throws a `ConsoleError`, and changes nothing, when the server has long said
   * what nobody can follow, and a clipboard rule would need that.
   */
  update(rights: Partial<Rights>): void;
}

export interface SessionListener {
  onOpen(session: LiveSession): void;
  onEnd(info: SessionInfo, end: SessionEnd): void;
}

/** A place that was promised to one viewer: start a session in it, or give it back. */
export interface Place {
  start(browser: BrowserSocket, info: SessionInfo, way: Way): void;
  release(): void;
}

const LONGEST_TICK = 1000;

const OPAQUE =
  'update: the relay passes this session on without looking, as its target has no rights: give it ' +
  'viewOnly or clipboard, which may be false and both, and they can be changed';

/** All sessions of one `novnc()`: counts them, keeps their clock, and ends them. */
export class Sessions implements SessionWatcher {
  readonly #settings: SessionSettings;
  readonly #limits: SessionLimits;
  readonly #listener: SessionListener;
  readonly #live = new Set<Session>();
  #places = 0;
  #dials = 0;
  #clock: NodeJS.Timeout | undefined;
  #closed = false;
  #onEmpty: (() => void)[] = [];

  constructor(settings: SessionSettings, limits: SessionLimits, listener: SessionListener) {
    this.#settings = settings;
    this.#limits = limits;
    this.#listener = listener;
  }

  /** Throws what keeps a new session out: `SHUTTING_DOWN` or `TOO_MANY`. */
  checkRoom(): void {
    if (this.#closed) throw new ConsoleError('SHUTTING_DOWN');
    if (this.#places >= this.#limits.sessions) {
      throw new ConsoleError('TOO_MANY', `limits.sessions (${this.#limits.sessions}) is reached`);
    }
    if (this.#dials >= this.#limits.dials) {
      throw new ConsoleError('TOO_MANY', `limits.dials (${this.#limits.dials}) is reached`);
    }
  }

  /** Takes a place at once, so that two upgrades in one tick never share the last one. */
  reserve(): Place {
    this.checkRoom();
    this.#places++;
    this.#dials++;
    let taken = false;
    return {
      start: (browser, info, way) => {
        taken = true;
        const session = new Session(browser, info, this.#settings, this);
        this.#live.add(session);
        this.#clock ??= setInterval(() => this.#tick(), this.#tickLength()).unref();
        void session.open(way);
      },
      release: () => {
        if (taken) return;
        taken = true;
        this.#dials--;
        this.#leave();
      },
    };
  }

  /** Ends all sessions and lets no new one in; resolves when the last socket is gone. */
  async close(timeout: number): Promise<void> {
    this.#closed = true;
    for (const session of this.#live) session.end(new ConsoleError('SHUTTING_DOWN'));
    if (this.#live.size === 0) return;
    const timer = setTimeout(() => {
      for (const session of this.#live) session.destroy();
    }, timeout);
    await new Promise<void>((resolve) => this.#onEmpty.push(resolve));
    clearTimeout(timer);
  }

  onDialled(_session: Session): void {
    this.#dials--;
  }

  onOpen(session: Session): void {
    const update = (rights: Partial<Rights>): void => {
      const fault = changeFault(rights);
      if (fault !== null) throw new TypeError(`update: what was given ${fault}`);
      if (!session.restrict(rights)) throw new Error(OPAQUE);
    };
    this.#listener.onOpen({ ...session.info, update });
  }

  onEnd(session: Session, end: SessionEnd): void {
    this.#listener.onEnd(session.info, end);
  }

  onGone(session: Session): void {
    this.#live.delete(session);
    this.#leave();
  }

  #leave(): void {
    this.#places--;
    if (this.#live.size > 0) return;
    clearInterval(this.#clock);
    this.#clock = undefined;
    for (const resolve of this.#onEmpty.splice(0)) resolve();
  }

  #tick(): void {
    const now = performance.now();
    for (const session of this.#live) session.tick(now);
  }

  /** Often enough for the shortest limit that is set. */
  #tickLength(): number {
    const { ping, stall, idle, session } = this.#settings.timeouts;
    const shortest = Math.min(...[ping, stall, idle, session].filter((limit) => limit > 0));
    return Math.min(LONGEST_TICK, Math.max(10, shortest / 4));
  }
}
