import { current } from '../current.ts';
import { elements } from '../elements.ts';
import { rove } from './roving.ts';

const { toolbar } = elements;

/** Wires the bar, once. */
export function bindToolbar(disconnect: () => void): void {
  rove(toolbar.tools);
  toolbar.ctrlAltDel.addEventListener('click', () => {
    current.desktop?.sendCtrlAltDel();
    current.focus();
  });
  toolbar.disconnect.addEventListener('click', disconnect);
}
