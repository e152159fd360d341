import { elements } from '../elements.ts';
import { settings } from '../settings.ts';

/** Gives the browser's own frame, where it takes a colour, that of the toolbar: a host may have its own. */
export function bindWindowColour(): void {
  const { windowColour, toolbar } = elements;
  if (!windowColour) return;
  const follow = () => {
    windowColour.content = getComputedStyle(toolbar.bar).backgroundColor;
  };
  settings.watch('theme', follow);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', follow);
}
