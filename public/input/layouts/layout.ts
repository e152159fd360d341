/** The rows of a keyboard, from the top; the keys of each by their codes. */
export const ROWS = [
  'Backquote Digit1 Digit2 Digit3 Digit4 Digit5 Digit6 Digit7 Digit8 Digit9 Digit0 Minus Equal',
  'KeyQ KeyW KeyE KeyR KeyT KeyY KeyU KeyI KeyO KeyP BracketLeft BracketRight',
  'KeyA KeyS KeyD KeyF KeyG KeyH KeyJ KeyK KeyL Semicolon Quote Backslash',
  'IntlBackslash KeyZ KeyX KeyC KeyV KeyB KeyN KeyM Comma Period Slash',
].map((row) => row.split(' '));

/**
 * What is on the keys of a layout: a string for each row, a character for each key, a space where
 * there is none. Dead keys are the marks ˆ ˋ ˊ ˜ ¨. Only what Windows and X.Org agree on is in it,
 * or nearly so: they differ in whether ~ and ` are dead on AltGr.
 */
export interface Layout {
  readonly plain: readonly string[];
  readonly shift: readonly string[];
  readonly altGr?: readonly string[];
  readonly shiftAltGr?: readonly string[];
}
