import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deadKeysym } from '../../../public/input/dead-keysym.ts';

const map = (digit1: string, ...keys: [code: string, base: string][]) =>
  new Map([['Digit1', digit1], ...keys]);

const german = map('1', ['Equal', "'"], ['Backquote', '^'], ['KeyA', 'a']);

for (const [what, layout, code, isShifted, keysym] of [
  ['an acute', german, 'Equal', false, 0xfe51],
  ['the grave above it', german, 'Equal', true, 0xfe50],
  ['a circumflex', german, 'Backquote', false, 0xfe52],
  ['nothing of what no layout has', german, 'Backquote', true, null],
  ['nothing of a key that makes a letter when it is not dead', german, 'KeyA', false, null],
  ['nothing without a layout', new Map<string, string>(), 'Equal', false, null],
  ['a diaeresis on a French keyboard', map('&', ['BracketLeft', '^']), 'BracketLeft', true, 0xfe57],
  ['nothing of a Czech caron', map('+', ['Equal', "'"]), 'Equal', true, null],
] as const) {
  test(`deadKeysym tells ${what}`, () => {
    assert.equal(deadKeysym(layout, code, isShifted), keysym);
  });
}
