import { nextIndex } from './next-index.ts';

/** How long changes of buttons are left to gather, in milliseconds; to look at them takes a layout. */
const GATHER_TIME = 100;

/**
 * Makes one stop for Tab of all buttons of a toolbar; the arrow keys, Home and End lead from one to
 * the other, in the order in which CSS has them stand. Buttons may come, go and be disabled at any time.
 */
export function rove(toolbar: HTMLElement): void {
  let last: HTMLButtonElement | undefined;
  let waiting: ReturnType<typeof setTimeout> | undefined;

  function settleSoon(): void {
    waiting ??= setTimeout(settle, GATHER_TIME);
  }

  function settle(): void {
    clearTimeout(waiting);
    waiting = undefined;
    const buttons = usableOf(toolbar);
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
    const buttons = usableOf(toolbar);
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

/** The button of a toolbar that is its stop for Tab; before the first layout, the one that will be. */
export function stopOf(toolbar: HTMLElement): HTMLButtonElement | null {
  const stop = toolbar.querySelector<HTMLButtonElement>('button[tabindex="0"]');
  return stop ?? usableOf(toolbar)[0] ?? null;
}

/** Those that can have the focus, in the order in which one sees them. */
function usableOf(toolbar: HTMLElement): HTMLButtonElement[] {
  return [...toolbar.querySelectorAll('button')]
    .filter((button) => !button.disabled && button.checkVisibility())
    .map((button) => ({ button, order: orderOf(button) }))
    .sort((one, other) => one.order - other.order)
    .map(({ button }) => button);
}

/** Where CSS has a button stand among the others; those of an open panel come after all. */
function orderOf(button: HTMLElement): number {
  if (button.closest(':popover-open')) return 99;
  return Number(getComputedStyle(button.closest('[role="group"]') ?? button).order);
}
