import type { Desktop } from './desktop.ts';
import { elements } from './elements.ts';

const { root, toolbar } = elements;

/** Wires the bar, once. `desktop` is the one that is on the screen, if any. */
export function bindToolbar(desktop: () => Desktop | null, disconnect: () => void): void {
  const backToScreen = () => desktop()?.focus({ preventScroll: true });

  toolbar.ctrlAltDel.addEventListener('click', () => {
    desktop()?.sendCtrlAltDel();
    backToScreen();
  });
  toolbar.disconnect.addEventListener('click', disconnect);

  toolbar.fullScreen.hidden = !document.fullscreenEnabled;
  toolbar.fullScreen.addEventListener('click', () => {
    const change = document.fullscreenElement
      ? document.exitFullscreen()
      : root.requestFullscreen({ navigationUI: 'hide' });
    change.then(backToScreen, backToScreen);
  });
  document.addEventListener('fullscreenchange', () => {
    toolbar.fullScreen.ariaPressed = String(document.fullscreenElement !== null);
  });
}
