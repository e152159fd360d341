import { current } from './current.ts';
import { elements } from './elements.ts';

const { root, toolbar } = elements;

/** Wires the bar, once. */
export function bindToolbar(disconnect: () => void): void {
  toolbar.ctrlAltDel.addEventListener('click', () => {
    current.desktop?.sendCtrlAltDel();
    current.focus();
  });
  toolbar.disconnect.addEventListener('click', disconnect);

  toolbar.fullScreen.hidden = !document.fullscreenEnabled;
  toolbar.fullScreen.addEventListener('click', () => {
    const change = document.fullscreenElement
      ? document.exitFullscreen()
      : root.requestFullscreen({ navigationUI: 'hide' });
    change.then(current.focus, current.focus);
  });
  document.addEventListener('fullscreenchange', () => {
    toolbar.fullScreen.ariaPressed = String(document.fullscreenElement !== null);
  });
}
