const GRAVE = 0xfe50;
const ACUTE = 0xfe51;
const CIRCUMFLEX = 0xfe52;
const TILDE = 0xfe53;
const DIAERESIS = 0xfe57;

/** Dead keys by what a layout map has for them, which is an apostrophe for an acute. */
const PLAIN: Readonly<Record<string, number>> = {
  '`': GRAVE,
  "'": ACUTE,
  '^': CIRCUMFLEX,
  '~': TILDE,
  '¨': DIAERESIS,
};

/** What Shift makes of them, which no layout map tells: by what the key for 1 has on it, and where it is. */
const SHIFTED: Readonly<Record<string, number>> = {
  "1 Equal '": GRAVE, // German, Nordic
  '1 BracketRight ¨': CIRCUMFLEX, // Nordic
  '1 Equal ^': GRAVE, // Swiss
  '& BracketLeft ^': DIAERESIS, // French, Belgian
  "1 Quote '": DIAERESIS, // Spanish, US international
  '1 BracketLeft `': CIRCUMFLEX, // Spanish
  "1 BracketRight '": GRAVE, // Portuguese
  '1 Backslash ~': CIRCUMFLEX, // Portuguese
  "1 BracketLeft '": GRAVE, // Brazilian
  '1 Quote ~': CIRCUMFLEX, // Brazilian
  '1 Backquote `': TILDE, // US international
};

/** Says which dead key it is that is pressed; null: nobody knows. */
export function deadKeysym(
  layout: ReadonlyMap<string, string>,
  code: string,
  isShifted: boolean,
): number | null {
  const base = layout.get(code) ?? '';
  if (!isShifted) return PLAIN[base] ?? null;
  return SHIFTED[`${layout.get('Digit1')} ${code} ${base}`] ?? null;
}
