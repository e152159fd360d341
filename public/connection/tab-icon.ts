import { elements } from '../elements.ts';

const { icon, status } = elements;
const plain = icon?.dataset.href ?? icon?.href ?? '';

/** How the icon that the page comes with ends: only into such a one something can be drawn. */
const END = '%3C/svg%3E';

/** How long the icon waits for what is more urgent, in milliseconds: browsers draw it in the page's own time. */
const DELAY = 500;

let drawing = setTimeout(draw, DELAY, true);

/** Puts a dot of the state's colour into the tab's icon, unless all is well: a tab may be far from sight. */
export function markTab(isWell: boolean): void {
  clearTimeout(drawing);
  drawing = setTimeout(draw, DELAY, isWell);
}

function draw(isWell: boolean): void {
  if (!icon) return;
  const canDraw = plain.startsWith('data:image/svg+xml,') && plain.endsWith(END);
  const href = isWell || !canDraw ? plain : plain.slice(0, -END.length) + dot() + END;
  if (icon.href !== href) icon.href = href;
}

function dot(): string {
  const { color } = getComputedStyle(status);
  const circle = `<circle cx='18' cy='18' r='5.5' fill='${color}' stroke='white' stroke-width='1.5'/>`;
  return encodeURIComponent(circle);
}
