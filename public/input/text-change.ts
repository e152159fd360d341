/** What turns one text into another at its end: so many characters less, and then these more. */
export interface TextChange {
  readonly erased: number;
  readonly written: string;
}

/**
 * Finds how a text was changed, as if all had been done at its end: what stands on the console
 * cannot be reached but by Backspace. Counts characters, of which an emoji may be several.
 */
export function textChange(before: string, after: string): TextChange {
  const old = [...before];
  const now = [...after];
  let same = 0;
  while (same < old.length && old[same] === now[same]) same += 1;
  return { erased: old.length - same, written: now.slice(same).join('') };
}
