interface Way {
  readonly isVertical: boolean;
  readonly isRtl: boolean;
}

/** Where a key leads in a row or column of buttons, round its ends; null if the key is none of ours. */
export function nextIndex(key: string, from: number, count: number, way: Way): number | null {
  if (key === 'Home') return 0;
  if (key === 'End') return count - 1;
  const forward = way.isVertical ? 'ArrowDown' : way.isRtl ? 'ArrowLeft' : 'ArrowRight';
  const back = way.isVertical ? 'ArrowUp' : way.isRtl ? 'ArrowRight' : 'ArrowLeft';
  if (key === forward) return (from + 1) % count;
  if (key === back) return (from - 1 + count) % count;
  return null;
}
