import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ENDS } from '../../../lib/errors.ts';
import { closeEnding, OWN_ENDS } from '../../../public/connection/endings.ts';
import { HINTS } from '../../../public/connection/hints.ts';

test('every end of the table has a hint of one or two sentences', () => {
  for (const kind of [...Object.keys(ENDS), ...Object.keys(OWN_ENDS)]) {
    assert.match(HINTS[kind as keyof typeof HINTS]?.text ?? '', /^[A-Z].+\.$/, kind);
  }
});

test('a close frame with the words of an end leads to the hint for that end', () => {
  for (const [kind, { closeCode: code, words: reason }] of Object.entries(ENDS)) {
    assert.equal(
      closeEnding({ code, reason, opened: true, spoken: true, refusal: null }).kind,
      kind,
    );
  }
});

test('a close frame with other words leads to a hint for its code', () => {
  const { kind } = closeEnding({
    code: 4502,
    reason: 'New.',
    opened: true,
    spoken: true,
    refusal: null,
  });
  assert.equal(kind, 'CONNECT_REFUSED');
  assert.equal(
    closeEnding({ code: 4999, reason: '', opened: true, spoken: true, refusal: null }).kind,
    'OTHER',
  );
});

test('the way out fits the end', () => {
  assert.equal(HINTS.SIGNED_OUT.way, 'reload');
  assert.equal(HINTS.CREDENTIALS.way, 'sign-in');
  assert.equal(HINTS.LOST.way, 'reconnect');
  assert.equal(HINTS.TARGET_REFUSED.way, 'again');
});
