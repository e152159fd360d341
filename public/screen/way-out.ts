const CHORD = new Set(['Control', 'Alt', 'Shift', 'AltGraph', 'Meta']);

/**
 * Lets the keyboard out of the remote screen, which takes even Tab: Ctrl, Alt and Shift, pressed
 * together and let go. Only then, so that the console never misses that a key was let go.
 */
export function bindWayOut(screen: HTMLElement, leave: () => void): void {
  let pressed = false;
  screen.addEventListener(
    'keydown',
    ({ key, ctrlKey, altKey, shiftKey }) => {
      pressed = CHORD.has(key) && ctrlKey && altKey && shiftKey;
    },
    { capture: true },
  );
  screen.addEventListener(
    'keyup',
    ({ ctrlKey, altKey, shiftKey }) => {
      if (!pressed || ctrlKey || altKey || shiftKey) return;
      pressed = false;
      setTimeout(leave); // after noVNC has seen the key
    },
    { capture: true },
  );
}
