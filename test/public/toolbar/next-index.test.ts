import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextIndex } from '../../../public/toolbar/next-index.ts';

const ROW = { isVertical: false, isRtl: false };
const ROW_RTL = { isVertical: false, isRtl: true };
const COLUMN = { isVertical: true, isRtl: false };

for (const [key, from, way, to] of [
  ['ArrowRight', 0, ROW, 1],
  ['ArrowRight', 3, ROW, 0],
  ['ArrowLeft', 0, ROW, 3],
  ['ArrowRight', 1, ROW_RTL, 0],
  ['ArrowLeft', 1, ROW_RTL, 2],
  ['ArrowDown', 1, COLUMN, 2],
  ['ArrowUp', 0, COLUMN, 3],
  ['Home', 2, ROW, 0],
  ['End', 0, COLUMN, 3],
  ['ArrowDown', 1, ROW, null],
  ['ArrowRight', 1, COLUMN, null],
  ['Enter', 1, ROW, null],
  ['toString', 1, ROW, null],
] as const) {
  const kind = `${way.isVertical ? 'column' : 'row'}${way.isRtl ? ' from right to left' : ''}`;
  test(`${key} leads from ${from} to ${to} in a ${kind} of four`, () => {
    assert.equal(nextIndex(key, from, 4, way), to);
  });
}
