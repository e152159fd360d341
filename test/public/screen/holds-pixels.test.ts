import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { holdsPixels } from '../../../public/screen/holds-pixels.ts';

const source = await readFile(
  new URL('../../../node_modules/@novnc/novnc/core/encodings.js', import.meta.url),
  'utf8',
);
const names = [...source.matchAll(/^ +(encoding|pseudoEncoding)(\w+): (-?\w+)/gm)];

test('noVNC has encodings of both kinds', () => {
  for (const kind of ['encoding', 'pseudoEncoding'])
    assert.ok(names.filter(([, each]) => each === kind).length > 5);
});

for (const [, kind, name, number] of names) {
  test(`${name} holds ${kind === 'encoding' ? 'pixels' : 'none'}`, () => {
    // As it is read off the wire: signed.
    assert.equal(holdsPixels(Number(number) | 0), kind === 'encoding');
  });
}
