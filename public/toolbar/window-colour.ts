import { elements } from '../elements.ts';
import { settings } from '../settings.ts';

/** Gives the browser's own frame, where it takes a colour, that of the toolbar: a host may have its own. */
export function bindWindowColour(): void {
  const { windowColour, toolbar } = elements;
  if (!windowColour) return;
  const follow = () => {
    windowColour.content = getComputedStyle(toolbar.bar).backgroundColor;
  };
  // With the next frame the colour is known anyway; asked for at once, it would hold up the desktop.
  const followSoon = () => void requestAnimationFrame(follow);
  settings.watch('theme', followSoon);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', followSoon);
}
