import { mayFocus } from './host/may-focus.ts';
import type { Desktop } from './screen/desktop.ts';

type Listener = (desktop: Desktop) => void;

const openers = new Set<Listener>();
const closers = new Set<() => void>();
let desktop: Desktop | null = null;

/** The desktop that is on the screen, if any, for all that act on it; a reconnect brings another. */
export const current = {
  get desktop(): Desktop | null {
    return desktop;
  },

  /** Calls a listener with each desktop that comes on the screen. */
  onOpen(listener: Listener): void {
    openers.add(listener);
  },

  /** Calls a listener whenever a desktop has left the screen. */
  onOver(listener: () => void): void {
    closers.add(listener);
  },

  /** Puts a desktop on the screen, or takes it off. For `main.ts` alone. */
  set(next: Desktop | null): void {
    const had = desktop !== null;
    desktop = next;
    if (next) for (const listener of openers) listener(next);
    else if (had) for (const listener of closers) listener();
  },

  /** Gives the keyboard back to the desktop, as after a press of a button. */
  focus(): void {
    if (mayFocus()) desktop?.focus({ preventScroll: true });
  },
};
