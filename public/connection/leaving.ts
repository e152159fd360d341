import { current } from '../current.ts';
import { settings } from '../settings.ts';

/**
 * Has the browser ask before the page is left while a console is open, if the viewer wants that. It
 * listens only then: a page that listens is not kept for the way back.
 */
export function bindLeaving(): void {
  settings.watch('askBeforeLeaving', update);
  settings.watch('viewOnly', update);
  current.onOpen(update);
  current.onOver(update);
}

function update(): void {
  const isAsked =
    settings.get('askBeforeLeaving') && !settings.get('viewOnly') && current.desktop !== null;
  if (isAsked) addEventListener('beforeunload', ask);
  else removeEventListener('beforeunload', ask);
}

function ask(event: Event): void {
  event.preventDefault();
}
