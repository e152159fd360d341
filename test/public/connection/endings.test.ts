import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ENDS } from '../../../lib/errors.ts';
import {
  closeEnding,
  isRefusal,
  protocolEnding,
  refusalEnding,
  securityEnding,
} from '../../../public/connection/endings.ts';

const LIVE = { reason: '', opened: true, spoken: true, refusal: null };
const NEVER_OPEN = { code: 1006, reason: '', opened: false, spoken: false, refusal: null };
const closed = (code: number, reason = '') => closeEnding({ ...LIVE, code, reason });

test('closeEnding says the reason of the close frame, as several causes share a code', () => {
  assert.deepEqual(closed(4502, ENDS.NOT_VNC.words), {
    kind: 'NOT_VNC',
    code: 4502,
    words: ENDS.NOT_VNC.words,
  });
});

test('closeEnding has words for every code of the table, without a reason too', () => {
  for (const { closeCode } of Object.values(ENDS)) {
    assert.match(closed(closeCode).words, /^[A-Z].+\.$/);
    assert.doesNotMatch(closed(closeCode).words, /\d{4}/);
  }
});

test('closeEnding believes a reason that a later server may have', () => {
  assert.equal(closed(4777, 'The moon is full.').words, 'The moon is full.');
});

test('closeEnding tells why a server refused that noVNC has never heard', () => {
  const farewell = { ...LIVE, code: 1000, reason: ENDS.SERVER_CLOSED.words };
  assert.equal(closeEnding(farewell).kind, 'SERVER_CLOSED');
  assert.deepEqual(closeEnding({ ...farewell, refusal: 'too many failures' }), {
    kind: 'SECURITY',
    code: 'security',
    words: ENDS.SERVER_REFUSED.words,
    detail: 'It said: {reason}',
    values: { reason: 'too many failures' },
  });
  // What the relay knows better.
  const other = { ...LIVE, code: 4526, reason: ENDS.CERTIFICATE_UNTRUSTED.words, refusal: 'x' };
  assert.equal(closeEnding(other).kind, 'CERTIFICATE_UNTRUSTED');
});

test('closeEnding has words of its own for what has none', () => {
  assert.equal(closed(1006).words, 'The connection was lost.');
  assert.deepEqual(closed(1005), {
    kind: 'OTHER',
    code: 1005,
    words: 'The connection was closed ({code}).',
    values: { code: 1005 },
  });
  assert.deepEqual(closed(1015, 'not ours').values, { code: 1015 });
});

test('closeEnding cuts a reason that is too long', () => {
  assert.equal(closed(4502, 'x'.repeat(500)).words.length, 123);
});

for (const [status, text, code, words] of [
  [403, 'This page may not open consoles here.\n', 4403, 'This page may not open consoles here.'],
  [404, '', 4404, ENDS.TARGET_UNKNOWN.words],
  [429, '', 4429, ENDS.TOO_MANY.words],
  [503, '', 1001, ENDS.SHUTTING_DOWN.words],
  [401, 'Log in.', 4401, 'Your sign-in has ended.'],
  [0, '', 4401, 'Your sign-in has ended.'],
  [426, 'Upgrade Required', 1006, 'The WebSocket to the console server was blocked.'],
  [502, '', 1006, 'The console server refused ({status}).'],
  [200, '', 1006, 'Another page answered in place of the console.'],
] as const) {
  test(`refusalEnding understands ${status} ${text.trim()}`, () => {
    const ending = refusalEnding({ status, text }, NEVER_OPEN);
    assert.deepEqual([ending.code, ending.words], [code, words]);
  });
}

test('refusalEnding keeps to the close frame when a socket that was open would be let in again', () => {
  const farewell = { ...LIVE, spoken: false, code: 1005 };
  const ending = refusalEnding({ status: 426, text: '' }, farewell);
  assert.deepEqual(ending, closeEnding(farewell));
});

for (const [what, farewell, expected] of [
  ['a handshake that was refused', NEVER_OPEN, true],
  ['a close without a code, before the server spoke', { ...LIVE, code: 1005, spoken: false }, true],
  ['a cut, before the server spoke', { ...LIVE, code: 1006, spoken: false }, true],
  ['a socket that nobody took', { ...LIVE, code: 1008, reason: 'x', spoken: false }, true],
  ['a bare good-bye, before the server spoke', { ...LIVE, code: 1000, spoken: false }, true],
  ['a close without a code, later', { ...LIVE, code: 1005 }, false],
  ['a cut, later', { ...LIVE, code: 1006 }, false],
  ['a close with a reason', { ...LIVE, code: 1000, reason: 'x', spoken: false }, false],
  ['a close with a code of ours', { ...LIVE, code: 4403, spoken: false }, false],
] as const) {
  test(`isRefusal takes ${what} for ${expected ? 'a refusal' : 'an end'}`, () => {
    assert.equal(isRefusal(farewell), expected);
  });
}

test('refusalEnding says so when nobody answers', () => {
  assert.deepEqual(refusalEnding(null, NEVER_OPEN), {
    kind: 'UNREACHABLE',
    code: 1006,
    words: 'The console server could not be reached.',
  });
});

test('securityEnding tells wrong credentials from a refusal, and says what the server said', () => {
  assert.deepEqual(securityEnding('Authentication failure', true), {
    kind: 'CREDENTIALS',
    code: 'security',
    words: 'The VNC server did not accept the credentials.',
    detail: 'It said: {reason}',
    values: { reason: 'Authentication failure' },
  });
  assert.deepEqual(securityEnding(undefined, false), {
    kind: 'SECURITY',
    code: 'security',
    words: 'The VNC server refused the connection.',
  });
});

test('securityEnding does not repeat what the relay says for the server', () => {
  const { words, ...rest } = securityEnding(ENDS.LOGIN_FAILED.words, true);
  assert.equal(words, ENDS.LOGIN_FAILED.words);
  assert.ok(!('detail' in rest));
});

test('protocolEnding tells a way of signing in that is missing from all other failures', () => {
  assert.match(protocolEnding('Unsupported security types (types: 18)').words, /signing in/);
  assert.match(protocolEnding('Invalid server version 009.009').words, /does not understand/);
});
