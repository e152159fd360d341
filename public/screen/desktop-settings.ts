import { current } from '../current.ts';
import { elements } from '../elements.ts';
import { releasePressed } from '../input/key-release.ts';
import { settings } from '../settings.ts';

/** Applies the settings of the connection to the desktop on the screen, and to each that comes. */
export function bindDesktopSettings(): void {
  settings.watch('quality', apply);
  settings.watch('compression', apply);
  settings.watch('cursorDot', apply);
  settings.watch('viewOnly', apply);
  current.onOpen(apply);
}

function apply(): void {
  const viewOnly = settings.get('viewOnly');
  elements.root.toggleAttribute('data-view-only', viewOnly);
  const { desktop } = current;
  if (!desktop) return;
  desktop.qualityLevel = settings.get('quality');
  desktop.compressionLevel = settings.get('compression');
  desktop.showDotCursor = settings.get('cursorDot');
  if (desktop.viewOnly === viewOnly) return;
  // Once it is on, noVNC does not tell of what is let go of either.
  if (viewOnly) {
    releasePressed();
    desktop.releaseButtons();
  }
  desktop.viewOnly = viewOnly;
  // Who only watches does not resize the desktop, and who does so no longer may again.
  desktop.fit(settings.get('scaling'));
}
