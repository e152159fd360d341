import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatRate, formatShares, sparkline } from '../../../public/screen/statistics-figures.ts';

for (const [bytes, text] of [
  [0, '0 B/s'],
  [812, '812 B/s'],
  [4_240, '4.2 kB/s'],
  [42_400, '42 kB/s'],
  [3_500_000, '3.5 MB/s'],
] as const) {
  test(`${bytes} bytes in a second are ${text}`, () => {
    assert.equal(formatRate(bytes, 'en'), text);
  });
}

test('a rate is written as the language does', () => {
  assert.equal(formatRate(4_240, 'de'), '4,2 kB/s');
});

test('the shares of encodings go by their pixels, the largest first', () => {
  const pixels = new Map([
    [1, 100],
    [7, 300],
    [0, 0],
  ]);
  assert.equal(formatShares(pixels, 'en'), 'Tight 75%, CopyRect 25%');
});

test('a line ends at the right, and its highest point is at the top', () => {
  assert.equal(sparkline([0, 50, 100], 5), '50,23 75,12 100,1');
});

test('a line of nothing lies at the bottom', () => {
  assert.equal(sparkline([0, 0], 2), '0,23 100,23');
});
