import { bindLanguage } from '../language/page-language.ts';
import { bindTheme } from '../toolbar/theme.ts';
import { offerTouchIcon } from '../touch-icon.ts';
import { isMatch, nextCard } from './card-grid.ts';

// The page that lists consoles: a search that filters as one types, and arrow keys between cards.

const search = document.querySelector<HTMLInputElement>('#search');
const count = document.querySelector<HTMLElement>('#count');
const none = document.querySelector<HTMLElement>('#none');
const groups = [...document.querySelectorAll<HTMLElement>('[data-group]')];
const cards = [...document.querySelectorAll<HTMLAnchorElement>('[data-card]')];

// A proxy that cuts our whole path off cannot be seen from the server.
if (!location.pathname.endsWith('/')) location.replace(`${location.pathname}/${location.search}`);

bindTheme();
offerTouchIcon(document.querySelector('link[data-touch-icon]'));
bindLanguage(document.head);
search?.addEventListener('input', filter);
document.addEventListener('keydown', steer);
// The browser may have kept what was typed here before.
filter();

function filter(): void {
  const wanted = search?.value ?? '';
  for (const card of cards) {
    const shown = isMatch(card.dataset.card ?? '', wanted);
    card.closest('li')?.toggleAttribute('hidden', !shown);
  }
  for (const group of groups) group.hidden = !group.querySelector('li:not([hidden])');
  const shown = visible().length;
  if (none) none.hidden = shown > 0 || cards.length === 0;
  if (count) {
    count.textContent = shown < cards.length ? `${shown} / ${cards.length}` : `${shown}`;
  }
}

function visible(): HTMLAnchorElement[] {
  return cards.filter((card) => !card.closest('[hidden]'));
}

function steer(event: KeyboardEvent): void {
  const { key, ctrlKey, altKey, metaKey, target } = event;
  if (ctrlKey || altKey || metaKey) return;
  const there = goal(key, target);
  if (!there) return;
  event.preventDefault();
  there.focus();
  if (there === search) search.select();
  else if (key === 'Enter') there.click();
}

function goal(key: string, from: EventTarget | null): HTMLElement | null {
  const shown = visible();
  if (from === search) {
    if (key === 'ArrowDown' || key === 'Enter') return shown[0] ?? null;
    if (key === 'Escape' && search) {
      search.value = '';
      filter();
    }
    return null;
  }
  if (key === '/' || key === 'Escape') return search;
  const at = shown.indexOf(from as HTMLAnchorElement);
  const boxes = shown.map((card) => card.getBoundingClientRect());
  const isFromRight = getComputedStyle(document.documentElement).direction === 'rtl';
  const next = nextCard(boxes, at, key, isFromRight);
  if (next !== null) return shown[next] ?? null;
  return at >= 0 && key === 'ArrowUp' ? search : null;
}
