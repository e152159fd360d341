import { settings } from '../settings.ts';

/**
 * Gives the root what was chosen of the page's look, before any of it is painted: nothing else shall
 * be seen first. Who keeps to the choices later is in `theme.ts`, `toolbar-place.ts` and `language/`.
 */
export function showChoices(root: HTMLElement): void {
  root.dataset.theme = settings.get('theme');
  root.dataset.toolbarEdge = settings.get('toolbarEdge');
  root.dataset.toolbar = settings.get('toolbarPinned') ? 'pinned' : 'shown';
  const language = settings.get('language');
  // For who leaves it to the browser, the server has had a look at what that asks for.
  if (language !== 'auto') root.toggleAttribute('data-unspoken', language !== 'en');
}
