import type { EndKind } from './endings.ts';
import { planReconnect, STEADY_TIME } from './reconnect-plan.ts';

/** What the driver needs of the world, so that tests can stand in for it. */
export interface World {
  now(): number;
  /** Calls back after so many milliseconds; the answer prevents it. */
  after(delay: number, callback: () => void): () => void;
  random(): number;
  isOnline(): boolean;
  isVisible(): boolean;
}

/** What is waited for: some seconds, the network, or the viewer's eyes. */
export type Wait = { readonly seconds: number } | 'offline' | 'hidden';

export interface Reconnecting {
  connect(): void;
  /** Called when a wait begins, and each second of a countdown. */
  onWait(wait: Wait): void;
}

/** Connects again after losses, each time a little later, until it holds or it is hopeless. */
export class Reconnector {
  readonly #world: World;
  readonly #page: Reconnecting;
  #tries = 0;
  #connectedAt: number | null = null;
  #wasConnected = false;
  #triedHidden = false;
  #cancel: (() => void) | null = null;

  constructor(world: World, page: Reconnecting) {
    this.#world = world;
    this.#page = page;
  }

  /** How often it has tried by itself since a connection held. */
  get tries(): number {
    return this.#tries;
  }

  get isWaiting(): boolean {
    return this.#cancel !== null;
  }

  onConnected(): void {
    this.#connectedAt = this.#world.now();
    this.#wasConnected = true;
  }

  /** Decides after an end: whether it goes on by itself, and if not, whether it has given up. */
  onEnd(kind: EndKind, isWanted: boolean): 'again' | 'over' | 'exhausted' {
    const held = this.#connectedAt === null ? 0 : this.#world.now() - this.#connectedAt;
    this.#connectedAt = null;
    if (held >= STEADY_TIME) this.#tries = 0;
    // What never worked will hardly do so by itself.
    const plan =
      isWanted && this.#wasConnected
        ? planReconnect(kind, this.#tries, this.#world.random())
        : 'over';
    if (typeof plan === 'string') {
      this.stop();
      return plan;
    }
    this.#wait(plan.wait);
    return 'again';
  }

  /** The viewer has come back to the page, or gone from it. */
  look(): void {
    if (this.#world.isVisible()) this.wake();
    else this.rest();
  }

  /** The network is back, or the viewer: whatever was waited for, it is time. */
  wake(): void {
    if (this.#world.isVisible()) this.#triedHidden = false;
    if (this.isWaiting && this.#hindrance() === null) this.now();
  }

  /** The network or the viewer has gone. */
  rest(): void {
    const hindrance = this.#hindrance();
    if (!this.isWaiting || !hindrance) return;
    this.#clear();
    this.#cancel = () => {};
    this.#page.onWait(hindrance);
  }

  /** Tries at once, if it waits: a press may come when it has just begun to try. */
  now(): void {
    if (!this.isWaiting) return;
    this.#clear();
    this.#tries += 1;
    if (!this.#world.isVisible()) this.#triedHidden = true;
    this.#page.connect();
  }

  /** Leaves the next connection to the viewer, and counts from the start. */
  stop(): void {
    this.#clear();
    this.#tries = 0;
    this.#wasConnected = false;
  }

  #wait(delay: number): void {
    this.#clear();
    if (this.#hindrance() !== null) {
      this.#cancel = () => {};
      this.rest();
    } else {
      this.#count(this.#world.now() + delay);
    }
  }

  #count(until: number): void {
    const left = until - this.#world.now();
    // Never within the call that told of the end.
    if (left <= 0) {
      this.#cancel = this.#world.after(0, () => this.now());
      return;
    }
    const seconds = Math.ceil(left / 1000);
    this.#page.onWait({ seconds });
    this.#cancel = this.#world.after(left - (seconds - 1) * 1000, () => this.#count(until));
  }

  #hindrance(): 'offline' | 'hidden' | null {
    if (!this.#world.isOnline()) return 'offline';
    return this.#triedHidden && !this.#world.isVisible() ? 'hidden' : null;
  }

  #clear(): void {
    this.#cancel?.();
    this.#cancel = null;
  }
}
