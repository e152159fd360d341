import { current } from '../current.ts';
import { elements } from '../elements.ts';
import { keyOf } from './key-codes.ts';
import { held, releaseAll } from './key-release.ts';

const { panel, open, release } = elements.keys;

/** Wires the panel of keys, once. */
export function bindKeys(): void {
  panel.addEventListener('click', (event) => {
    const button = event.target instanceof Element ? event.target.closest('button') : null;
    if (!button) return;
    if (button.dataset.hold) toggle(button.dataset.hold);
    else if (button.dataset.keys) stroke(JSON.parse(button.dataset.keys));
    else if (button === release) releaseAll();
    // Whoever came with Tab and Enter stays; a pointer gives the keyboard back to the console.
    if (event.detail > 0) giveBack();
  });
  // The keyboard of a phone hides when its field loses the focus to a button.
  panel.addEventListener('pointerdown', keepFocus);
  panel.addEventListener('mousedown', keepFocus);
  open.addEventListener('mousedown', (event) => {
    if (document.activeElement === elements.touchKeyboard.field) event.preventDefault();
  });
  panel.addEventListener('toggle', (event) => {
    if (event.newState === 'closed') giveBack();
  });
  current.onOver(() => panel.hidePopover());
  held.watch(render);
}

/** Presses keys one after the other, and lets go of them in the other order. */
function stroke(names: readonly string[]): void {
  const keys = names.map(keyOf);
  for (const key of keys) current.desktop?.key(key, true);
  for (const key of keys.reverse()) current.desktop?.key(key, false);
}

function toggle(name: string): void {
  if (held.has(name)) held.release(name);
  else held.press(name, keyOf(name));
}

function render(): void {
  const words: string[] = [];
  for (const button of panel.querySelectorAll<HTMLElement>('[data-hold]')) {
    const isHeld = held.has(button.dataset.hold ?? '');
    button.ariaPressed = String(isHeld);
    if (isHeld) words.push(button.textContent.trim());
  }
  if (words.length > 0) open.dataset.held = words.join(' ');
  else delete open.dataset.held;
  open.ariaDescription = words.join(' ') || null;
}

function giveBack(): void {
  if (document.activeElement !== elements.touchKeyboard.field) current.focus();
}

function keepFocus(event: Event): void {
  if (event.target instanceof Element && event.target.closest('button')) event.preventDefault();
}
