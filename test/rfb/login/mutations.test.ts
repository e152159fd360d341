import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { inspect } from 'node:util';
import { ConsoleError } from '../../../lib/errors.ts';
import type { SecurityPolicy } from '../../../lib/rfb/login/authenticator.ts';
import { Doorkeeper } from '../../../lib/rfb/login/doorkeeper.ts';
import { logIn } from '../../../lib/rfb/login/log-in.ts';
import { storedCredentials } from '../../../lib/rfb/login/stored-credentials.ts';
import { challengeOf, HANDSHAKES, u32 } from '../helpers/handshakes.ts';
import { speak, Wire } from '../helpers/wire.ts';

/** Numbers that look random and are the same in each run (xorshift). */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % sides;
  };
}

const TEMPTING = [0, 1, 2, 3, 16, 19, 30, 113, 127, 128, 254, 255];

/** Changes a few bytes: others, more, fewer, twice, or the end cut off. */
function mutate(bytes: Buffer, roll: (sides: number) => number): Buffer {
  let mutant: Buffer = Buffer.from(bytes);
  for (let times = 1 + roll(3); times > 0; times--) {
    const at = roll(mutant.length + 1);
    const byte = roll(2) === 0 ? roll(256) : TEMPTING[roll(TEMPTING.length)]!;
    const kind = roll(5);
    if (kind <= 1 && at < mutant.length) mutant[at] = byte;
    else if (kind === 2) mutant = splice(mutant, at, 0, Buffer.of(byte));
    else if (kind === 3) mutant = splice(mutant, at, 1 + roll(4), Buffer.alloc(0));
    else mutant = roll(2) === 0 ? mutant.subarray(0, at) : splice(mutant, at, 0, mutant);
  }
  return mutant;
}

function splice(bytes: Buffer, at: number, gone: number, added: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at + gone)]);
}

const LOST = new ConsoleError('SERVER_LOST');
const CODES = /^(SERVER_LOST|NOT_VNC|SECURITY_UNSUPPORTED|SERVER_REFUSED|LOGIN_FAILED|INTERNAL)$/;

/** Waits for what has all it will get, and no longer than a few turns. */
async function settles(promise: Promise<unknown>, wire: Wire): Promise<ConsoleError | null> {
  let outcome: ConsoleError | null | undefined;
  promise.then(
    () => {
      outcome = null;
    },
    (error) => {
      outcome = error;
    },
  );
  await turn();
  wire.reader.fail(LOST);
  for (let turns = 0; outcome === undefined && turns < 5; turns++) await turn();
  assert.notEqual(outcome, undefined, 'it is still pending');
  assert.ok(outcome === null || outcome instanceof ConsoleError, inspect(outcome));
  return outcome ?? null;
}

test('25000 mutated servers are signed in to or end with a ConsoleError, and learn no secret', async () => {
  const roll = dice(20240229);
  const authenticator = storedCredentials({ username: 'alice', password: 'hunter2' });
  const outcomes = new Map<string, number>();
  for (let round = 0; round < 25_000; round++) {
    const handshake = HANDSHAKES[roll(HANDSHAKES.length)]!;
    const policy: SecurityPolicy = {
      tls: roll(2) === 0,
      allowAnonymous: roll(2) === 0,
      authenticator,
    };
    const parts = handshake.parts.map((part) => (roll(3) > 0 ? mutate(part, roll) : part));
    const banner = roll(20) === 0 ? mutate(handshake.banner, roll) : handshake.banner;
    const wire = new Wire();
    speak(wire, parts);
    const error = await settles(logIn(wire, banner, policy), wire);
    const code = error?.code ?? 'in';
    outcomes.set(code, (outcomes.get(code) ?? 0) + 1);
    // INTERNAL is what the wire says to bytes before TLS.
    if (error) assert.match(error.code, CODES);
    // The one place for them in clear is inside TLS.
    if (wire.tls === undefined) assert.doesNotMatch(wire.bytes.toString('latin1'), /hunter2|alice/);
    if (policy.tls && error === null) assert.notEqual(wire.tls, undefined);
    if (!policy.allowAnonymous) assert.notEqual(wire.tls, 'anonymous');
    if (error) assert.doesNotMatch(error.message, /hunter2|alice/);
  }
  for (const code of [
    'in',
    'SERVER_LOST',
    'SECURITY_UNSUPPORTED',
    'SERVER_REFUSED',
    'LOGIN_FAILED',
  ])
    assert.ok((outcomes.get(code) ?? 0) > 20, `${code}: ${inspect(outcomes)}`);
});

test('25000 mutated browsers are let in or end with a ConsoleError, and none without an answer', async () => {
  const roll = dice(19991231);
  const questions = ['vnc', 'plain', 'ard', 'msLogon', 'none'] as const;
  const types = { none: 1, vnc: 2, plain: 19, ard: 30, msLogon: 113 };
  const lengths = { none: 0, vnc: 16, plain: 0, ard: 192, msLogon: 328 };
  const outcomes = new Map<string, number>();
  for (let round = 0; round < 25_000; round++) {
    const method = questions[roll(questions.length)]!;
    const version = [3, 7, 8, 8][roll(4)]!;
    const says = Buffer.concat([
      Buffer.from(`RFB 003.00${version}\n`),
      version === 3 ? Buffer.alloc(0) : Buffer.of(types[method]),
      ...(method === 'plain'
        ? [Buffer.of(0, 2), u32(256), u32(5), u32(7), Buffer.from('alicehunter2')]
        : []),
      Buffer.alloc(lengths[method], 0xa5),
    ]);
    const wire = new Wire();
    speak(wire, [mutate(says, roll)]);
    const door = new Doorkeeper(wire);
    const asked =
      method === 'none'
        ? Promise.resolve()
        : door.viewerCredentials().answer(method, challengeOf(method));
    const error = await settles(
      asked.then(() => door.letIn()),
      wire,
    );
    if (error) assert.match(error.code, /^(SERVER_LOST|BROWSER_PROTOCOL)$/);
    const code = error?.code ?? 'in';
    outcomes.set(code, (outcomes.get(code) ?? 0) + 1);
    assert.ok(wire.said.length <= 6);
  }
  for (const code of ['in', 'SERVER_LOST', 'BROWSER_PROTOCOL'])
    assert.ok((outcomes.get(code) ?? 0) > 500, `${code}: ${inspect(outcomes)}`);
});
