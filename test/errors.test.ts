import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asConsoleError, ConsoleError, type ConsoleErrorCode, ENDS } from '../lib/errors.ts';

const codes = Object.keys(ENDS) as ConsoleErrorCode[];

test('every end has words for a viewer that fit a close frame and name no machine', () => {
  for (const code of codes) {
    const { words } = ENDS[code];
    assert.match(words, /^[A-Z][A-Za-z ,'-]+\.$/, code);
    assert.ok(Buffer.byteLength(words) <= 123, code);
    assert.doesNotMatch(words, /ECONN|errno|\d/i);
  }
});

test('every close code may be sent, and is 4000 + the status where there is one of ours', () => {
  for (const code of codes) {
    const { closeCode, status } = ENDS[code];
    const standard = [1000, 1001, 1002, 1003, 1009, 1011].includes(closeCode);
    assert.ok(standard || (closeCode >= 4000 && closeCode <= 4999), code);
    if (status === null) continue;
    assert.ok(status >= 400 && status <= 599, code);
    if (!standard) assert.equal(closeCode, 4000 + status, code);
  }
});

test('an error carries its row of the table, a detail for the log, and a cause', () => {
  const cause = new Error('ECONNREFUSED');
  const error = new ConsoleError('CONNECT_REFUSED', 'connect ECONNREFUSED 10.0.0.7:5901', cause);
  assert.equal(error.name, 'ConsoleError');
  assert.equal(error.code, 'CONNECT_REFUSED');
  assert.equal(error.status, 500);
  assert.equal(error.closeCode, 4502);
  assert.equal(error.words, 'The VNC server cannot be reached.');
  assert.equal(error.message, 'connect ECONNREFUSED 10.0.0.7:5901');
  assert.equal(error.cause, cause);
  const plain = new ConsoleError('TOO_MANY');
  assert.equal(plain.message, plain.words);
  assert.equal(plain.status, 429);
  assert.equal('cause' in plain, false);
});

test('anything thrown becomes a ConsoleError that keeps it as its cause', () => {
  const own = new ConsoleError('TIMEOUT');
  assert.equal(asConsoleError(own), own);
  for (const thrown of [
    new Error('broken'),
    'broken',
    null,
    undefined,
    7,
    { toString: () => 'x' },
  ]) {
    const error = asConsoleError(thrown);
    assert.equal(error.code, 'INTERNAL');
    assert.equal(error.closeCode, 1011);
    assert.equal(error.status, 500);
    assert.equal(error.cause, thrown);
  }
  assert.equal(asConsoleError(new Error('broken')).message, 'broken');
  assert.equal(asConsoleError('broken').message, 'broken');
});

test('what cannot be made a text becomes a ConsoleError as well', () => {
  for (const thrown of [Object.create(null), Symbol('x')]) {
    assert.equal(asConsoleError(thrown).code, 'INTERNAL');
  }
});
