import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textChange } from '../../../public/input/text-change.ts';

for (const [what, before, after, erased, written] of [
  ['nothing', 'abc', 'abc', 0, ''],
  ['a letter more', 'ab', 'abc', 0, 'c'],
  ['a letter less', 'abc', 'ab', 1, ''],
  ['a word that was put right', 'teh', 'the', 2, 'he'],
  ['a word put right before its space', 'teh ', 'the ', 3, 'he '],
  ['an emoji more', 'a', 'a😀', 0, '😀'],
  ['an emoji less', 'a😀', 'a', 1, ''],
  ['an emoji for another that begins alike', '😀', '😁', 1, '😁'],
  ['an emoji of several characters', '', '👍🏽', 0, '👍🏽'],
  ['what an input method makes of letters', 'ni', '你', 2, '你'],
  ['all of it gone', 'abc', '', 3, ''],
] as const) {
  test(`textChange tells ${what}`, () => {
    assert.deepEqual(textChange(before, after), { erased, written });
  });
}

test('textChange turns any text into any other', () => {
  const texts = ['', 'a', 'ab', 'ba', 'a😀b', '😀', '😁b', 'naïve', 'nai\u0308ve'];
  for (const before of texts) {
    for (const after of texts) {
      const { erased, written } = textChange(before, after);
      const kept = [...before].slice(0, [...before].length - erased).join('');
      assert.equal(kept + written, after);
    }
  }
});
