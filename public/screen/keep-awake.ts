import { current } from '../current.ts';
import { settings } from '../settings.ts';

let held: WakeLockSentinel | null = null;
let asking = false;

/** Keeps this device's display on while a console is open and seen, if the viewer wants that. */
export function bindKeepAwake(): void {
  settings.watch('keepAwake', () => void update());
  current.onOpen(() => void update());
  current.onOver(() => void update());
  // A browser takes the lock back from a page that is out of sight.
  document.addEventListener('visibilitychange', () => void update());
}

function isWanted(): boolean {
  return (
    settings.get('keepAwake') && current.desktop !== null && document.visibilityState === 'visible'
  );
}

async function update(): Promise<void> {
  if (asking || !('wakeLock' in navigator)) return;
  if (!isWanted()) {
    await held?.release();
    held = null;
  } else if (!held || held.released) {
    asking = true;
    // Refused when the battery is low, for one; then the display may sleep.
    held = await navigator.wakeLock.request('screen').catch(() => null);
    asking = false;
    if (held && !isWanted()) await update();
  }
}
