import { current } from '../current.ts';
import { elements } from '../elements.ts';
import { settings } from '../settings.ts';

/** Shows the remote screen as the setting says: CSS makes its place, noVNC fills that. */
export function bindScaling(): void {
  settings.watch('scaling', apply);
  current.onOpen(apply);
  watchDensity();
}

function apply(): void {
  const scaling = settings.get('scaling');
  elements.root.dataset.scaling = scaling;
  current.desktop?.fit(scaling);
}

/** A window that moves to another display may keep its size, and yet have other pixels. */
function watchDensity(): void {
  matchMedia(`(resolution: ${devicePixelRatio}dppx)`).addEventListener(
    'change',
    () => {
      apply();
      watchDensity();
    },
    { once: true },
  );
}
