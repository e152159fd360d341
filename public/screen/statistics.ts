import { current } from '../current.ts';
import { elements } from '../elements.ts';

let stop = () => {};

/** Wires the panel of numbers: what counts is loaded, and counts, only while that is open. */
export function bindStatistics(): void {
  const { panel } = elements.statistics;
  panel.addEventListener('toggle', () => void follow());
  current.onOpen(() => void follow());
  current.onOver(() => panel.hidePopover());
}

async function follow(): Promise<void> {
  stop();
  const { panel } = elements.statistics;
  if (!panel.matches(':popover-open')) return;
  const loaded = await import('./statistics-panel.ts').catch(() => null);
  const { desktop } = current;
  if (!loaded || !desktop || !panel.matches(':popover-open')) return;
  stop();
  stop = loaded.measure(desktop, elements.statistics, elements.root.lang);
}
