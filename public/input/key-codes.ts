import type { KeyName } from '../../lib/key-names.ts';

/** A key of the console's keyboard. */
export interface Key {
  /** Where it is, as `KeyboardEvent.code`; empty when nobody knows. */
  readonly code: string;
  /** What is on it: an X keysym, or the character whose keysym it is. */
  readonly keysym: number | string;
}

/** The keys that have a name. */
export const NAMED: Readonly<Record<KeyName, Key>> = {
  Control: { code: 'ControlLeft', keysym: 0xffe3 },
  Alt: { code: 'AltLeft', keysym: 0xffe9 },
  AltGraph: { code: 'AltRight', keysym: 0xfe03 },
  Shift: { code: 'ShiftLeft', keysym: 0xffe1 },
  Meta: { code: 'MetaLeft', keysym: 0xffeb },
  CapsLock: { code: 'CapsLock', keysym: 0xffe5 },
  NumLock: { code: 'NumLock', keysym: 0xff7f },
  ScrollLock: { code: 'ScrollLock', keysym: 0xff14 },
  Enter: { code: 'Enter', keysym: 0xff0d },
  Tab: { code: 'Tab', keysym: 0xff09 },
  Backspace: { code: 'Backspace', keysym: 0xff08 },
  Delete: { code: 'Delete', keysym: 0xffff },
  Insert: { code: 'Insert', keysym: 0xff63 },
  Escape: { code: 'Escape', keysym: 0xff1b },
  ArrowUp: { code: 'ArrowUp', keysym: 0xff52 },
  ArrowDown: { code: 'ArrowDown', keysym: 0xff54 },
  ArrowLeft: { code: 'ArrowLeft', keysym: 0xff51 },
  ArrowRight: { code: 'ArrowRight', keysym: 0xff53 },
  Home: { code: 'Home', keysym: 0xff50 },
  End: { code: 'End', keysym: 0xff57 },
  PageUp: { code: 'PageUp', keysym: 0xff55 },
  PageDown: { code: 'PageDown', keysym: 0xff56 },
  Pause: { code: 'Pause', keysym: 0xff13 },
  PrintScreen: { code: 'PrintScreen', keysym: 0xff61 },
  ContextMenu: { code: 'ContextMenu', keysym: 0xff67 },
  F1: { code: 'F1', keysym: 0xffbe },
  F2: { code: 'F2', keysym: 0xffbf },
  F3: { code: 'F3', keysym: 0xffc0 },
  F4: { code: 'F4', keysym: 0xffc1 },
  F5: { code: 'F5', keysym: 0xffc2 },
  F6: { code: 'F6', keysym: 0xffc3 },
  F7: { code: 'F7', keysym: 0xffc4 },
  F8: { code: 'F8', keysym: 0xffc5 },
  F9: { code: 'F9', keysym: 0xffc6 },
  F10: { code: 'F10', keysym: 0xffc7 },
  F11: { code: 'F11', keysym: 0xffc8 },
  F12: { code: 'F12', keysym: 0xffc9 },
};

/** Every key that changes what others do. A release of one that is not down does nothing. */
export const MODIFIERS: readonly Key[] = [
  ...[NAMED.Control, NAMED.Alt, NAMED.AltGraph, NAMED.Shift, NAMED.Meta],
  { code: 'ControlRight', keysym: 0xffe4 },
  { code: 'AltRight', keysym: 0xffea },
  { code: 'ShiftRight', keysym: 0xffe2 },
  { code: 'MetaRight', keysym: 0xffec },
];

const PUNCTUATION = " `-=[]\\;',./";
const PUNCTUATION_CODES = [
  ...['Space', 'Backquote', 'Minus', 'Equal', 'BracketLeft', 'BracketRight', 'Backslash'],
  ...['Semicolon', 'Quote', 'Comma', 'Period', 'Slash'],
];

/** The key of a name, or of a character, which is where it is on a US keyboard. */
export function keyOf(name: string): Key {
  return Object.hasOwn(NAMED, name) ? NAMED[name as KeyName] : { code: codeOf(name), keysym: name };
}

function codeOf(character: string): string {
  if (/^[a-z]$/i.test(character)) return `Key${character.toUpperCase()}`;
  if (/^\d$/.test(character)) return `Digit${character}`;
  return PUNCTUATION_CODES[PUNCTUATION.indexOf(character)] ?? '';
}
