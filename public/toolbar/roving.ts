import { nextIndex } from './next-index.ts';

/** How long changes of buttons are left to gather, in milliseconds; to look at them takes a layout. */
const GATHER_TIME = 100;

/**
 * Makes one stop for Tab of all buttons of a toolbar; the arrow keys, Home and End lead from one to
 * the other, in the order in which CSS has them stand. Buttons may come, go and be disabled at any time.
 */
export function rove(toolbar: HTMLElement): void {
  let last: HTMLButtonElement | undefined;

  function usable(): HTMLButtonElement[] {
    return [...toolbar.querySelectorAll('button')]
      .filter((button) => !button.disabled && button.checkVisibility())
      .map((button) => ({ button, order: orderOf(button) }))
      .sort((one, other) => one.order - other.order)
      .map(({ button }) => button);
  }

  let waiting: ReturnType<typeof setTimeout> | undefined;

  function settleSoon(): void {
    waiting ??= setTimeout(settle, GATHER_TIME);
  }

  function settle(): void {
    clearTimeout(waiting);
    waiting = undefined;
    const buttons = usable();
    const stop = last && buttons.includes(last) ? last : buttons[0];
    for (const button of toolbar.querySelectorAll('button')) {
      const tabIndex = button === stop ? 0 : -1;
      if (button.tabIndex !== tabIndex) button.tabIndex = tabIndex;
    }
  }

  toolbar.addEventListener('focusin', ({ target }) => {
    if (target instanceof HTMLButtonElement) last = target;
    settle();
  });
  toolbar.addEventListener('keydown', (event) => {
    const { key, altKey, ctrlKey, metaKey, shiftKey, target } = event;
    if (altKey || ctrlKey || metaKey || shiftKey || !(target instanceof HTMLButtonElement)) return;
    const buttons = usable();
    const from = buttons.indexOf(target);
    const isVertical =
      toolbar.ariaOrientation === 'vertical' || target.closest(':popover-open') !== null;
    const isRtl = getComputedStyle(toolbar).direction === 'rtl';
    const to = nextIndex(key, from, buttons.length, { isVertical, isRtl });
    if (from < 0 || to === null) return;
    event.preventDefault();
    buttons[to]?.focus();
  });
  document.addEventListener(
    'keydown',
    ({ key }) => {
      if (waiting !== undefined && key === 'Tab') settle();
    },
    { capture: true },
  );
  new MutationObserver(settleSoon).observe(toolbar, {
    attributeFilter: ['disabled', 'hidden'],
    childList: true,
    subtree: true,
  });
  // A smaller bar has fewer of them. This comes right after a layout, the first one too.
  new ResizeObserver(settle).observe(toolbar);
}

/** Where CSS has a button stand among the others; those of an open panel come after all. */
function orderOf(button: HTMLElement): number {
  if (button.closest(':popover-open')) return 99;
  return Number(getComputedStyle(button.closest('[role="group"]') ?? button).order);
}
