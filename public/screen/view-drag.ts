import { current } from '../current.ts';
import { elements } from '../elements.ts';

const { viewDrag } = elements.toolbar;

/** Wires the button that lets the pointer move the view, which shows while there is more to see. */
export function bindViewDrag(): void {
  viewDrag.addEventListener('click', () => {
    drag(viewDrag.ariaPressed !== 'true');
    current.focus();
  });
  current.onOpen((desktop) => {
    desktop.addEventListener('clippingviewport', ({ detail }) => {
      if (current.desktop === desktop) offer(detail);
    });
    offer(desktop.clippingViewport);
  });
  current.onOver(() => offer(false));
}

function offer(isClipping: boolean): void {
  viewDrag.hidden = !isClipping;
  if (!isClipping) drag(false);
}

function drag(on: boolean): void {
  viewDrag.ariaPressed = String(on);
  elements.root.toggleAttribute('data-dragging', on);
  if (current.desktop) current.desktop.dragViewport = on;
}
