import { elements } from '../elements.ts';

const { more } = elements.toolbar;

/** Wires the panel of the tools that a small bar has no room for; it is open until one is chosen. */
export function bindMore(): void {
  more.addEventListener('toggle', ({ newState }) => {
    if (newState === 'open')
      more.querySelector<HTMLElement>('button:enabled:not([hidden])')?.focus();
  });
  // This comes before what the button itself opens, which would else be a part of this panel.
  more.addEventListener('click', ({ target }) => {
    const isTool = target instanceof Element && target.closest('button') !== null;
    if (isTool && more.matches(':popover-open')) more.hidePopover();
  });
}
