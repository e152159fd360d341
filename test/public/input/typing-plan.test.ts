import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PAGE_SETTINGS } from '../../../lib/page-settings.ts';
import { type Layout, ROWS } from '../../../public/input/layouts/layout.ts';
import { loadLayout } from '../../../public/input/layouts/load.ts';
import { planTyping, type Stroke } from '../../../public/input/typing-plan.ts';

const MARKS: Readonly<Record<string, string>> = {
  ˋ: '\u0300',
  ˊ: '\u0301',
  ˆ: '\u0302',
  '˜': '\u0303',
  '¨': '\u0308',
};
const ALONE: Readonly<Record<string, string>> = { ˋ: '`', ˆ: '^', '˜': '~' };

/** What a machine with that layout makes of strokes: the way back. */
function typedOn(layout: Layout, strokes: readonly (readonly Stroke[])[]): string {
  let pending = '';
  let typed = '';
  for (const { code, shift, altGr } of strokes.flat()) {
    const character = characterAt(layout, code, shift, altGr);
    if (pending) {
      typed += character === ' ' ? ALONE[pending] : (character + MARKS[pending]).normalize('NFC');
      pending = '';
    } else if (character in MARKS) pending = character;
    else typed += character;
  }
  return typed + pending;
}

function characterAt(layout: Layout, code: string, shift: boolean, altGr: boolean): string {
  if (code === 'Space') return ' ';
  if (code === 'Enter') return '\n';
  if (code === 'Tab') return '\t';
  const row = ROWS.findIndex((codes) => codes.includes(code));
  const level = altGr ? (shift ? 'shiftAltGr' : 'altGr') : shift ? 'shift' : 'plain';
  return [...(layout[level]?.[row] ?? '')][ROWS[row]?.indexOf(code) ?? -1] ?? '?';
}

for (const name of PAGE_SETTINGS.typingLayout.among) {
  const layout = await loadLayout(name);

  test(`the layout ${name} has as many characters in a row as there are keys, or fewer`, () => {
    for (const level of [layout.plain, layout.shift]) {
      assert.deepEqual(
        level.map((row) => [...row].length),
        ROWS.map((codes) => codes.length),
      );
    }
    for (const level of [layout.altGr ?? [], layout.shiftAltGr ?? []]) {
      for (const [row, characters] of level.entries()) {
        assert.ok([...characters].length <= (ROWS[row]?.length ?? 0), characters);
      }
    }
  });

  test(`planTyping types all that is on the layout ${name}`, () => {
    const { plain, shift, altGr = [], shiftAltGr = [] } = layout;
    const all = [plain, shift, altGr, shiftAltGr].flat().join('');
    const text = [...all].filter((character) => !(character in MARKS)).join('');
    const plan = planTyping(text, layout);
    assert.deepEqual(plan.missing, []);
    assert.equal(plan.strokes.length, [...text].length);
    assert.equal(typedOn(layout, plan.strokes), text);
  });

  test(`the layout ${name} has letters, digits and what a command line needs`, () => {
    const text = `The quick brown fox jumps over the lazy dog 0123456789\n\t!"#$%&'()*+,-./:;<=>?@_|\\[]{}`;
    const { missing, strokes } = planTyping(text, layout);
    assert.deepEqual(missing, []);
    assert.equal(typedOn(layout, strokes), text);
  });
}

for (const [name, text] of [
  ['de', 'ô É à ^ `'],
  ['fr', 'ê ï Ü'],
  ['es', 'á ü ê ^ `'],
  ['ch', 'ñ â È ~'],
  ['se', 'é ñ ü ^ ~'],
] as const) {
  test(`planTyping types "${text}" on ${name} with dead keys`, async () => {
    const layout = await loadLayout(name);
    const { missing, strokes } = planTyping(text, layout);
    assert.deepEqual(missing, []);
    assert.equal(typedOn(layout, strokes), text);
    assert.ok(strokes.some((each) => each.length === 2));
  });
}

test('planTyping presses a dead key and then the letter', async () => {
  const { strokes } = planTyping('ô', await loadLayout('de'));
  assert.deepEqual(strokes, [
    [
      { code: 'Backquote', keysym: 0xfe52, shift: false, altGr: false },
      { code: 'KeyO', keysym: 'o', shift: false, altGr: false },
    ],
  ]);
});

test('planTyping holds AltGr and Shift where the layout wants them', async () => {
  const { strokes } = planTyping('{', await loadLayout('it'));
  assert.deepEqual(strokes, [[{ code: 'BracketLeft', keysym: '{', shift: true, altGr: true }]]);
});

test('planTyping names each character that a layout does not have, once', async () => {
  const { missing } = planTyping('é ✓ ok 漢 é 😀', await loadLayout('us'));
  assert.deepEqual(missing, ['é', '✓', '漢', '😀']);
  assert.deepEqual(planTyping('ñ ś \u0007', await loadLayout('de')).missing, ['ñ', 'ś', '\u0007']);
});

test('planTyping takes one line end for another, and letters in two parts for one', async () => {
  const { strokes, missing } = planTyping('a\r\nu\u0308', await loadLayout('de'));
  assert.deepEqual(missing, []);
  assert.deepEqual(
    strokes.flat().map(({ code }) => code),
    ['KeyA', 'Enter', 'BracketLeft'],
  );
});
