import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { storedCredentials } from '../../../lib/rfb/login/stored-credentials.ts';
import { toHex } from '../../helpers/bytes.ts';
import { AppleServer } from '../helpers/apple-server.ts';
import { challengeOf } from '../helpers/handshakes.ts';
import { UltraServer } from '../helpers/ultra-server.ts';

const ALICE = { username: 'alice', password: 'hunter2' };

test('what credentials can serve depends on which there are, and on how long they are', () => {
  const long = 'x'.repeat(64);
  for (const [credentials, methods] of [
    [{}, ['none']],
    [{ username: 'alice' }, ['none']],
    [{ password: 'hunter2' }, ['vnc', 'none']],
    [{ password: '' }, ['vnc', 'none']],
    [{ username: '', password: 'hunter2' }, ['vnc', 'none']],
    [ALICE, ['plain', 'ard', 'msLogon', 'vnc', 'none']],
    [{ ...ALICE, username: long }, ['plain', 'msLogon', 'vnc', 'none']],
    [{ ...ALICE, username: 'x'.repeat(256) }, ['plain', 'vnc', 'none']],
    [{ ...ALICE, password: long }, ['plain', 'vnc', 'none']],
    [{ ...ALICE, password: 'é'.repeat(32) }, ['plain', 'vnc', 'none']],
    [{ ...ALICE, password: 'x'.repeat(63) }, ['plain', 'ard', 'msLogon', 'vnc', 'none']],
  ] as const) {
    assert.deepEqual(storedCredentials(credentials).methods, methods);
  }
});

test('each way of signing in is answered with them', async () => {
  const stored = storedCredentials({ username: 'ålice', password: 'hunter2' });
  assert.equal(
    toHex(await stored.answer('plain', Buffer.alloc(0))),
    '00 00 00 06 00 00 00 07 c3 a5 6c 69 63 65 68 75 6e 74 65 72 32',
  );
  const apple = new AppleServer();
  assert.deepEqual(apple.open(await stored.answer('ard', apple.challenge)), ['ålice', 'hunter2']);
  const ultra = new UltraServer();
  const logon = await stored.answer('msLogon', ultra.challenge);
  assert.deepEqual(ultra.open(logon), ['ålice', 'hunter2']);
  assert.equal((await stored.answer('vnc', challengeOf('vnc'))).length, 16);
});

test('no inspection shows them', () => {
  const stored = storedCredentials(ALICE);
  const shown = inspect(stored, { depth: null, showHidden: true }) + JSON.stringify(stored);
  assert.doesNotMatch(shown, /alice|hunter2/);
});

test('a reason may be told unless it quotes them', () => {
  const { mayTell } = storedCredentials(ALICE);
  assert.equal(mayTell(Buffer.from('Authentication failed')), true);
  assert.equal(mayTell(Buffer.from('bad password "hunter2"')), false);
  assert.equal(mayTell(Buffer.from('alice is locked')), false);
  assert.equal(storedCredentials({ password: '' }).mayTell(Buffer.from('No.')), true);
});
