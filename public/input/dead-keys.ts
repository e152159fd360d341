import { current } from '../current.ts';
import { deadKeysym } from './dead-keysym.ts';

/** Tells what is on the keys of the own keyboard, in Chromium. */
interface KeyboardMap {
  getLayoutMap?(): Promise<ReadonlyMap<string, string>>;
}

/**
 * Lets dead keys reach the console, once. Of one, browsers tell where it is and that it is dead,
 * which is enough for a console that goes by places only. And Chromium may keep to itself that it
 * was let go of, and Shift or AltGr with it, while it waits for the letter.
 */
export function bindDeadKeys(screen: HTMLElement): void {
  const { keyboard } = navigator as Navigator & { keyboard?: KeyboardMap };
  const dead = new Map<string, number>();
  let layout: ReadonlyMap<string, string> = new Map();
  let isWaiting = false;

  current.onOpen((desktop) => {
    desktop.dead = dead;
  });
  screen.addEventListener('focusin', read);
  screen.addEventListener('keydown', take, { capture: true });

  function take(event: KeyboardEvent): void {
    const { key, code, shiftKey, altKey, target } = event;
    if (isWaiting) {
      if (!shiftKey) letGo(target, 'ShiftLeft', 'ShiftRight');
      if (!altKey && !event.getModifierState('AltGraph')) letGo(target, 'AltLeft', 'AltRight');
    }
    isWaiting = key === 'Dead';
    if (!isWaiting) return;
    const keysym = deadKeysym(layout, code, shiftKey);
    if (keysym === null) dead.delete(code);
    else dead.set(code, keysym);
    setTimeout(() => letGo(target, code)); // after noVNC has seen the key
    read(); // the layout may be another by now
  }

  function read(): void {
    // A frame may not be allowed to ask.
    void keyboard?.getLayoutMap?.().then(
      (map) => {
        layout = map;
      },
      () => {},
    );
  }
}

/** Has noVNC let go of keys that it believes to be down. */
function letGo(target: EventTarget | null, ...codes: string[]): void {
  for (const code of codes) target?.dispatchEvent(new KeyboardEvent('keyup', { code }));
}
