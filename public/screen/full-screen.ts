import { current } from '../current.ts';
import { elements } from '../elements.ts';

/** Lets a page have the keys that are the browser's own, where a browser knows of that. */
interface KeyboardLock {
  lock(): Promise<void>;
  unlock(): void;
}

const { root, toolbar, screenNotes } = elements;
const { keyboard } = navigator as Navigator & { keyboard?: KeyboardLock };

/** How long the way out is told, in milliseconds. */
const HINT_TIME = 5_000;

let hiding: ReturnType<typeof setTimeout> | undefined;

/** Wires the button for the whole screen; there, all keys are the console's. */
export function bindFullScreen(): void {
  toolbar.fullScreen.hidden = !document.fullscreenEnabled;
  toolbar.fullScreen.addEventListener('click', () => {
    const change = document.fullscreenElement
      ? document.exitFullscreen()
      : root.requestFullscreen({ navigationUI: 'hide' });
    change.then(current.focus, current.focus);
  });
  document.addEventListener('fullscreenchange', () => void onChange());
}

async function onChange(): Promise<void> {
  const isFull = document.fullscreenElement !== null;
  toolbar.fullScreen.ariaPressed = String(isFull);
  if (!isFull) {
    keyboard?.unlock();
    return hint(false);
  }
  const isLocked = await keyboard?.lock().then(
    () => true,
    () => false,
  );
  // Without the lock, a short press does, as the browser itself says.
  hint(Boolean(isLocked) && document.fullscreenElement !== null);
}

function hint(shows: boolean): void {
  clearTimeout(hiding);
  screenNotes.leaveFullScreen.hidden = !shows;
  if (shows) hiding = setTimeout(() => hint(false), HINT_TIME);
}
