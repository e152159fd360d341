import type { Key } from './key-codes.ts';
import { type Layout, ROWS } from './layouts/layout.ts';

/** A key, and what is held down while it is pressed. */
export interface Stroke extends Key {
  readonly shift: boolean;
  readonly altGr: boolean;
}

/** The strokes of each character of a text; or the characters that the layout does not have. */
export interface TypingPlan {
  readonly strokes: readonly (readonly Stroke[])[];
  readonly missing: readonly string[];
}

// Not of the other table of keys: the page has that at once, and this module when it is asked for.
export const SHIFT: Key = { code: 'ShiftLeft', keysym: 0xffe1 };
export const ALT_GR: Key = { code: 'AltRight', keysym: 0xfe03 };
const ENTER: Key = { code: 'Enter', keysym: 0xff0d };
const TAB: Key = { code: 'Tab', keysym: 0xff09 };

/** Dead keys: the mark that stands for one, its keysym, and what it makes of the letter after it. */
const DEAD: Readonly<Record<string, { keysym: number; combining: string }>> = {
  ˋ: { keysym: 0xfe50, combining: '\u0300' },
  ˊ: { keysym: 0xfe51, combining: '\u0301' },
  ˆ: { keysym: 0xfe52, combining: '\u0302' },
  '˜': { keysym: 0xfe53, combining: '\u0303' },
  '¨': { keysym: 0xfe57, combining: '\u0308' },
};

/** With Space they give themselves. For ´ and ¨ systems differ in that. */
const ALONE: Readonly<Record<string, string>> = { '`': 'ˋ', '^': 'ˆ', '~': '˜' };

/** Turns a text into strokes of a keyboard with that layout. */
export function planTyping(text: string, layout: Layout): TypingPlan {
  const keyboard = readLayout(layout);
  const characters = [...text.normalize('NFC').replaceAll('\r\n', '\n')];
  const strokes = characters.map((character) => strokesOf(character, keyboard));
  const missing = characters.filter((_character, index) => strokes[index]?.length === 0);
  return { strokes, missing: [...new Set(missing)] };
}

/** Every character that one stroke of the layout gives, a dead key by its mark. */
export function readLayout(layout: Layout): Map<string, Stroke> {
  const keyboard = new Map<string, Stroke>([
    ['\n', { ...ENTER, shift: false, altGr: false }],
    ['\t', { ...TAB, shift: false, altGr: false }],
    [' ', { code: 'Space', keysym: ' ', shift: false, altGr: false }],
  ]);
  const { plain, shift, altGr = [], shiftAltGr = [] } = layout;
  for (const [level, rows] of [plain, shift, altGr, shiftAltGr].entries()) {
    for (const [row, characters] of rows.entries()) {
      for (const [column, character] of [...characters].entries()) {
        // The first place is the easiest to reach.
        if (keyboard.has(character)) continue;
        keyboard.set(character, {
          code: ROWS[row]?.[column] ?? '',
          keysym: DEAD[character]?.keysym ?? character,
          shift: level % 2 === 1,
          altGr: level >= 2,
        });
      }
    }
  }
  return keyboard;
}

function strokesOf(character: string, keyboard: ReadonlyMap<string, Stroke>): readonly Stroke[] {
  const direct = keyboard.get(character);
  if (direct && !(character in DEAD)) return [direct];
  const alone = pair(keyboard.get(ALONE[character] ?? ''), keyboard.get(' '));
  if (alone) return alone;
  // Beyond Latin-1 systems differ in which letters a dead key goes with.
  if (character > 'ÿ') return [];
  const [letter = '', mark = ''] = character.normalize('NFD');
  const dead = Object.keys(DEAD).find((name) => DEAD[name]?.combining === mark);
  return pair(keyboard.get(dead ?? ''), keyboard.get(letter)) ?? [];
}

function pair(first: Stroke | undefined, second: Stroke | undefined): readonly Stroke[] | null {
  return first && second ? [first, second] : null;
}
