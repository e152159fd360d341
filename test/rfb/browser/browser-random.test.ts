import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '../../helpers/bytes.ts';
import { updateRequest } from '../helpers/browser-says.ts';
import { Random } from '../helpers/random.ts';
import { cut, randomMessage, randomSequence } from '../helpers/random-messages.ts';
import { agreed, assertFilters, filterAll, VIEW_ONLY } from '../helpers/sessions.ts';
import { viewOnlyReference } from '../helpers/view-only-reference.ts';

const SEQUENCES = 200_000;

/** After a request, so that the pixel format is settled, as it is in a session that lives. */
function viewer() {
  const { browser } = agreed(VIEW_ONLY);
  browser.filter(Buffer.from(updateRequest));
  return browser;
}

test('of random messages, cut at random, view-only lets on just those that it may', () => {
  const random = new Random(20260730);
  const browser = viewer();
  let passed = 0;
  for (let i = 0; i < SEQUENCES; i++) {
    const bytes = randomSequence(random);
    const expected = viewOnlyReference(bytes);
    const out = filterAll(browser, cut(bytes, random));
    if (!out.equals(expected)) assert.equal(toHex(out), toHex(expected), toHex(bytes));
    passed += out.length;
  }
  assert.ok(passed > SEQUENCES * 10);
});

test('of a sample of them, cut in every place, it does as well', () => {
  const random = new Random(7);
  for (let i = 0; i < 100; i++) {
    const bytes = randomSequence(random);
    assertFilters(viewer, bytes, viewOnlyReference(bytes));
  }
});

test('with all rights random messages go on as they are, cut at random', () => {
  const random = new Random(8);
  const { browser } = agreed();
  browser.filter(Buffer.from(updateRequest));
  for (let i = 0; i < 20_000; i++) {
    const messages = Array.from({ length: 6 }, () => randomMessage(random)).filter(
      // What is never as it was, is settled, or is too short for its flags.
      (each) => each[0] !== 0 && each[0] !== 2 && !(each[0] === 6 && each.length < 12),
    );
    // Nothing is held down, so that there is no end of it.
    const bytes = Buffer.concat(messages.filter((each) => each[0] !== 4 && each[0] !== 255));
    const out = filterAll(browser, cut(bytes, random));
    if (!out.equals(bytes)) assert.equal(toHex(out), toHex(bytes));
  }
});

test('random bytes end a session or pass, and are nothing but that', () => {
  const random = new Random(9);
  for (let i = 0; i < 20_000; i++) {
    const { browser } = agreed(random.below(2) === 0 ? VIEW_ONLY : {});
    try {
      for (const chunk of cut(random.bytes(100), random)) {
        if (random.below(8) === 0) chunk[0] = random.pick([0, 2, 3, 4, 5, 6, 150, 248, 250, 251]);
        assert.ok(browser.filter(chunk).length < 3_000);
      }
    } catch (error) {
      assert.equal((error as Error).name, 'ConsoleError');
    }
  }
});
