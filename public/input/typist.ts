import type { Desktop } from '../screen/desktop.ts';
import { loadLayout } from './layouts/load.ts';
import { ALT_GR, planTyping, SHIFT, type Stroke } from './typing-plan.ts';

export { loadLayout, planTyping };

/** Types strokes out on the console, those of one character at a time, until all are or it is over. */
export async function typeOut(
  desktop: Desktop,
  characters: readonly (readonly Stroke[])[],
  pace: number,
  over: AbortSignal,
  onProgress: (done: number) => void,
): Promise<void> {
  for (const [index, strokes] of characters.entries()) {
    if (over.aborted) return;
    for (const stroke of strokes) type(desktop, stroke);
    onProgress(index + 1);
    await new Promise((resolve) => setTimeout(resolve, pace));
  }
}

function type(desktop: Desktop, stroke: Stroke): void {
  // Caps Lock would turn the letters round.
  if (stroke.shift) desktop.key(SHIFT, true, false);
  if (stroke.altGr) desktop.key(ALT_GR, true, false);
  desktop.key(stroke, true, false);
  desktop.key(stroke, false);
  if (stroke.altGr) desktop.key(ALT_GR, false);
  if (stroke.shift) desktop.key(SHIFT, false);
}
