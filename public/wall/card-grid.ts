/** Where a card is on the page. */
export interface Box {
  readonly left: number;
  readonly top: number;
}

/** Says if all words of a search are somewhere in a text, whatever their case and accents. */
export function isMatch(text: string, search: string): boolean {
  const plain = plainOf(text);
  return plainOf(search)
    .split(/\s+/)
    .every((word) => plain.includes(word));
}

function plainOf(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

/**
 * The card that a key leads to from the one at `at`, as an index: left and right (turned around where
 * text runs from the right) to the neighbour, up and down to the nearest of the next row, Home and End.
 */
export function nextCard(
  boxes: readonly Box[],
  at: number,
  key: string,
  isFromRight = false,
): number | null {
  const last = boxes.length - 1;
  const from = boxes[at];
  if (!from) return null;
  if (key === 'Home') return 0;
  if (key === 'End') return last;
  if (key === 'ArrowLeft' || key === 'ArrowRight') {
    const step = (key === 'ArrowRight') === isFromRight ? -1 : 1;
    return at + step < 0 || at + step > last ? null : at + step;
  }
  if (key !== 'ArrowUp' && key !== 'ArrowDown') return null;
  const sign = key === 'ArrowDown' ? 1 : -1;
  const beyond = boxes.filter(({ top }) => (top - from.top) * sign > 1);
  if (beyond.length === 0) return null;
  const row = Math.min(...beyond.map(({ top }) => top * sign)) * sign;
  const inRow = beyond.filter(({ top }) => Math.abs(top - row) <= 1);
  const nearest = inRow.reduce((best, box) =>
    Math.abs(box.left - from.left) < Math.abs(best.left - from.left) ? box : best,
  );
  return boxes.indexOf(nearest);
}
