import { current } from '../current.ts';
import { type Key, MODIFIERS } from './key-codes.ts';

const keys = new Map<string, Key>();
const codes = new Set<string>();
const watchers = new Set<() => void>();

/** The keys that the page holds down on the console, until somebody lets go of them. */
export const held = {
  has: (name: string): boolean => keys.has(name),

  /** Their names, in the order in which they were pressed. */
  names: (): string[] => [...keys.keys()],

  press(name: string, key: Key): void {
    current.desktop?.key(key, true);
    keys.set(name, key);
    codes.add(key.code);
    tell();
  },

  release(name: string): void {
    const key = keys.get(name);
    if (!key) return;
    keys.delete(name);
    codes.delete(key.code);
    current.desktop?.key(key, false);
    tell();
  },

  /** Calls a listener whenever another set of keys is held. */
  watch(listener: () => void): void {
    watchers.add(listener);
  },
};

/** Lets go of every key that the page or the own keyboard holds. */
export function releasePressed(): void {
  for (const name of held.names()) held.release(name);
  current.desktop?.releaseKeys();
}

/** Lets go of them, and of each modifier in any case. */
export function releaseAll(): void {
  releasePressed();
  for (const key of MODIFIERS) current.desktop?.key(key, false);
}

/** Leaves no key down on a console that nobody is typing at, once. */
export function bindKeyRelease(screen: HTMLElement): void {
  current.onOpen((desktop) => {
    desktop.held = codes;
  });
  current.onOver(() => {
    for (const name of held.names()) held.release(name);
  });
  // noVNC would miss that a key is let go of while the keyboard is elsewhere in the page.
  screen.addEventListener('focusout', () => current.desktop?.releaseKeys());
  window.addEventListener('blur', releaseHeld);
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) releaseHeld();
  });
}

function releaseHeld(): void {
  if (keys.size > 0) releaseAll();
}

function tell(): void {
  for (const listener of watchers) listener();
}
