import { current } from '../current.ts';
import { elements } from '../elements.ts';
import { settings } from '../settings.ts';
import { Linger } from './linger.ts';
import { stopOf } from './roving.ts';

const { root } = elements;
const { bar, tools, handle } = elements.toolbar;

const HIDE_AFTER = 2000;

/**
 * Puts the bar at its edge, by `data-toolbar-edge` of the root. One that is not pinned slides away
 * (`data-toolbar`: pinned, shown, hidden) when neither pointer nor focus nor an open panel holds it,
 * and never while there is no desktop that it could cover.
 */
export function bindToolbarPlace(): void {
  const linger = new Linger(show, HIDE_AFTER);
  let isShown = true;
  let pressedWhileShown = true;

  function show(visible: boolean): void {
    isShown = visible;
    const isPinned = settings.get('toolbarPinned');
    root.dataset.toolbar = isPinned ? 'pinned' : visible ? 'shown' : 'hidden';
    handle.ariaExpanded = String(visible);
  }

  settings.watch('toolbarEdge', (edge) => {
    root.dataset.toolbarEdge = edge;
    const isVertical = edge === 'left' || edge === 'right';
    tools.ariaOrientation = isVertical ? 'vertical' : 'horizontal';
  });
  settings.watch('toolbarPinned', () => show(isShown));

  linger.hold('no desktop');
  current.onOpen(() => linger.release('no desktop'));
  current.onOver(() => linger.hold('no desktop'));

  bar.addEventListener('pointerenter', ({ pointerType }) => {
    if (pointerType !== 'touch') linger.hold('pointer');
  });
  bar.addEventListener('pointerleave', () => linger.release('pointer'));
  bar.addEventListener('focusin', () => linger.hold('focus'));
  bar.addEventListener('focusout', () => linger.release('focus'));

  // A tap opens it, and the next one closes it; a mouse has opened it by coming near.
  handle.addEventListener('pointerdown', ({ pointerType }) => {
    pressedWhileShown = isShown && pointerType !== 'mouse';
  });
  handle.addEventListener('click', ({ detail }) => {
    if (detail === 0) focusTools();
    else if (pressedWhileShown) hideNow();
    else linger.hold('tap');
  });
  document.addEventListener(
    'pointerdown',
    ({ target }) => {
      if (!(target instanceof Node && bar.contains(target))) linger.release('tap');
    },
    { capture: true },
  );

  document.addEventListener(
    'toggle',
    ({ target }) => {
      if (target instanceof HTMLElement && target.popover !== null) markOpen(target);
    },
    { capture: true },
  );

  function markOpen(panel: HTMLElement): void {
    const isOpen = panel.matches(':popover-open');
    for (const button of tools.querySelectorAll('button')) {
      if (button.popoverTargetElement !== panel) continue;
      button.toggleAttribute('data-open', isOpen);
      linger.hold(`panel ${panel.id}`, isOpen);
    }
  }

  function hideNow(): void {
    linger.release('tap');
    handle.blur();
    show(false);
  }
}

/** Leads the keyboard out of the remote screen and to the bar. */
export function focusToolbar(): void {
  if (root.dataset.toolbar === 'pinned') focusTools();
  else handle.focus();
}

function focusTools(): void {
  stopOf(tools)?.focus();
}
