import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { ConsoleError } from '../../../lib/errors.ts';
import { askVault, type CredentialSource } from '../../../lib/rfb/login/vault.ts';
import { failureOf } from '../helpers/wire.ts';

const SECRET = 'hunter2';

/** Of a session that is never over. */
const NEVER = new AbortController().signal;

test('askVault takes an object, or what a function returns or promises, and asks it once', async () => {
  for (const wrap of [
    (answer: object) => answer,
    (answer: object) => () => answer,
    (answer: object) => async () => answer,
  ]) {
    for (const answer of [
      {},
      { password: SECRET },
      { username: 'alice', password: SECRET, id: 7 },
    ]) {
      const { username, password } = await askVault(wrap(answer), 1000, NEVER);
      const expected = answer as { username?: string; password?: string };
      assert.deepEqual([username, password], [expected.username, expected.password]);
    }
  }
  let calls = 0;
  await askVault(() => ({ password: `${++calls}` }), 1000, NEVER);
  assert.equal(calls, 1);
});

test('askVault returns what no inspection shows', async () => {
  const found = await askVault({ username: 'alice', password: SECRET }, 1000, NEVER);
  const shown = inspect(found, { depth: null, showHidden: true, getters: false });
  assert.doesNotMatch(shown + JSON.stringify(found), /alice|hunter2/);
});

class VaultError extends Error {
  readonly code = 'ECONNREFUSED';
}

for (const [what, source, detail] of [
  ['null', () => null, /must be an object, not null/],
  ['a text', () => SECRET, /must be an object, not string/],
  ['nothing', () => undefined, /must be an object, not undefined/],
  [
    'a Buffer as password',
    () => ({ password: Buffer.from(SECRET) }),
    /password that is no string but object/,
  ],
  [
    'a number as user name',
    () => ({ username: 4711, password: SECRET }),
    /username that is no string but number/,
  ],
  ['null as password', () => ({ password: null }), /no string but null/],
  ['a NUL', () => ({ password: `${SECRET}\0x` }), /password with a NUL/],
  ['an error', () => Promise.reject(new VaultError(SECRET)), /failed: VaultError ECONNREFUSED$/],
  ['a text, thrown', () => Promise.reject(SECRET), /something that is no error/],
  [
    'an odd code',
    () => Promise.reject(Object.assign(new Error(), { code: SECRET })),
    /failed: Error$/,
  ],
  [
    'a getter that throws',
    () => ({
      get password() {
        throw new RangeError(SECRET);
      },
    }),
    /could not be read: RangeError$/,
  ],
] as [string, CredentialSource, RegExp][]) {
  test(`askVault says what is wrong with ${what}, and no value`, async () => {
    const error = await failureOf(askVault(source, 1000, NEVER));
    assert.ok(error instanceof ConsoleError);
    assert.equal(error.code, 'INTERNAL');
    assert.match(error.message, detail);
    const shown = inspect(error, { depth: null, showHidden: true });
    // Its stack names this file's functions, but holds no value.
    assert.doesNotMatch(shown, /hunter2|4711/);
  });
}

test('askVault catches what a function throws at once', async () => {
  const error = await failureOf(
    askVault(
      () => {
        throw new Error(SECRET);
      },
      1000,
      NEVER,
    ),
  );
  assert.equal(error.code, 'INTERNAL');
  assert.doesNotMatch(inspect(error), /hunter2/);
});

test('askVault waits so long and no longer, and what comes late disturbs nobody', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let fail = (_: Error) => {};
  let told: AbortSignal | undefined;
  const asked = askVault(
    (signal) =>
      new Promise((_, reject) => {
        fail = reject;
        told = signal;
      }),
    5000,
    NEVER,
  );
  t.mock.timers.tick(4999);
  assert.equal(told?.aborted, false);
  t.mock.timers.tick(1);
  const error = await failureOf(asked);
  assert.equal(error.code, 'INTERNAL');
  assert.match(error.message, /within 5000 ms/);
  assert.equal(told?.aborted, true);
  fail(new Error('late'));
});

test('askVault keeps no process alive that nothing else does', async (t) => {
  const set = t.mock.method(globalThis, 'setTimeout');
  void askVault(() => new Promise(() => {}), 60_000, NEVER);
  const timers = set.mock.calls.map(({ result }) => result as NodeJS.Timeout);
  assert.deepEqual(
    timers.map((timer) => timer.hasRef()),
    [false],
  );
  for (const timer of timers) clearTimeout(timer);
});

test('askVault tells the vault when the session is over', async () => {
  const session = new AbortController();
  const told = new Promise<string>((resolve) => {
    void askVault(
      (signal) =>
        new Promise(() => {
          signal.addEventListener('abort', () => resolve('told'));
        }),
      60_000,
      session.signal,
    );
  });
  session.abort();
  assert.equal(await told, 'told');
});
