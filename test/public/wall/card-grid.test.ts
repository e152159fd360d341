import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isMatch, nextCard } from '../../../public/wall/card-grid.ts';

// 0 1 2
// 3
// 4 5
const boxes = [
  { left: 0, top: 0 },
  { left: 100, top: 0.4 },
  { left: 200, top: 0 },
  { left: 0, top: 80 },
  { left: 0, top: 200 },
  { left: 100, top: 200 },
];
const ways: [from: number, key: string, to: number | null][] = [
  [0, 'ArrowRight', 1],
  [2, 'ArrowRight', 3],
  [5, 'ArrowRight', null],
  [0, 'ArrowLeft', null],
  [3, 'ArrowLeft', 2],
  [2, 'ArrowDown', 3],
  [3, 'ArrowDown', 4],
  [5, 'ArrowDown', null],
  [5, 'ArrowUp', 3],
  [3, 'ArrowUp', 0],
  [1, 'ArrowUp', null],
  [4, 'Home', 0],
  [1, 'End', 5],
  [1, 'Enter', null],
  [-1, 'Home', null],
];
for (const [from, key, to] of ways) {
  test(`${key} leads from card ${from} to ${to ?? 'nowhere'}`, () => {
    assert.equal(nextCard(boxes, from, key), to);
  });
}

test('where text runs from the right, the right arrow leads back', () => {
  assert.equal(nextCard(boxes, 1, 'ArrowRight', true), 0);
  assert.equal(nextCard(boxes, 1, 'ArrowLeft', true), 2);
});

test('a search is found whatever its case, accents and order of words', () => {
  for (const search of ['', ' ', 'cafe', 'CAFÉ', 'lab caf', 'café  lab', 'fé']) {
    assert.ok(isMatch('Café display Lab', search), search);
  }
  for (const search of ['x', 'café x', 'cafelab']) {
    assert.ok(!isMatch('Café display Lab', search), search);
  }
});
