import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { KEY_NAMES } from '../../../lib/key-names.ts';
import { keyOf, MODIFIERS, NAMED } from '../../../public/input/key-codes.ts';

const novnc = new URL('../../../node_modules/@novnc/novnc/core/input/', import.meta.url);
const source = (file: string) => readFile(new URL(file, novnc), 'utf8');
const keysyms = await source('keysym.js');
const table = await source('domkeytable.js');
const scanCodes = await source('xtscancodes.js');

/** The keysym that noVNC sends for a named key of the own keyboard: the left one of two. */
function novncKeysym(name: string): number {
  const [, symbol] =
    new RegExp(`add(?:Standard|LeftRight|Numpad)\\("${name}", KeyTable\\.(\\w+)`).exec(table) ?? [];
  const [, hex] = new RegExp(`\\b${symbol}:\\s+0x([0-9a-f]+)`).exec(keysyms) ?? [];
  return Number.parseInt(hex ?? '', 16);
}

for (const name of KEY_NAMES) {
  test(`${name} is the key that noVNC takes it for, and has a scan code`, () => {
    const { keysym, code } = NAMED[name];
    assert.equal(keysym, novncKeysym(name));
    assert.match(scanCodes, new RegExp(`"${code}":`));
  });
}

test('every modifier that can be released has a scan code', () => {
  for (const { code } of MODIFIERS) assert.match(scanCodes, new RegExp(`"${code}":`));
});

for (const [character, code] of [
  ['b', 'KeyB'],
  ['B', 'KeyB'],
  ['7', 'Digit7'],
  ['\\', 'Backslash'],
  [' ', 'Space'],
  ['ж', ''],
  ['😀', ''],
] as const) {
  test(`keyOf knows where "${character}" is on a US keyboard: ${code || 'nowhere'}`, () => {
    assert.deepEqual(keyOf(character), { code, keysym: character });
  });
}

test('keyOf takes no name of an object for a key', () => {
  assert.deepEqual(keyOf('constructor'), { code: '', keysym: 'constructor' });
});
