import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConsoleError } from '../../../lib/errors.ts';
import type {
  Authenticator,
  Method,
  SecurityPolicy,
} from '../../../lib/rfb/login/authenticator.ts';
import { logIn } from '../../../lib/rfb/login/log-in.ts';
import { storedCredentials } from '../../../lib/rfb/login/stored-credentials.ts';
import { hex, toHex } from '../../helpers/bytes.ts';
import { challengeOf, HANDSHAKES, PRINCIPAL, u32 } from '../helpers/handshakes.ts';
import { failureOf, speak, standing, Wire } from '../helpers/wire.ts';

const ANSWER = Buffer.from('the answer');
const METHODS: readonly Method[] = ['plain', 'ard', 'msLogon', 'vnc', 'none'];

/** Answers anything with the same bytes, and remembers what it was asked. */
function parrot(methods = METHODS): Authenticator & { asked: [Method, Buffer][] } {
  const asked: [Method, Buffer][] = [];
  return {
    asked,
    methods,
    async answer(method, challenge) {
      asked.push([method, challenge]);
      return ANSWER;
    },
    mayTell: () => true,
  };
}

function policy(terms: Partial<SecurityPolicy> = {}): SecurityPolicy {
  return { tls: false, allowAnonymous: true, authenticator: parrot(), ...terms };
}

/** Types in a list of 3.8. */
const list = (...types: number[]) => Buffer.of(types.length, ...types);

for (const { name, version, method, tls, banner, parts } of HANDSHAKES) {
  test(`logIn signs in to ${name}, and leaves what follows`, async () => {
    const cuts = parts.length === 1 ? Array.from(parts[0]!.keys()) : [1, 5, 8, parts[0]!.length];
    for (const delivery of ['whole', 'drip', ...cuts] as const) {
      const wire = new Wire();
      const authenticator = parrot();
      const following = hex('00 01 02 03');
      const speech = speak(
        wire,
        [...parts.slice(0, -1), Buffer.concat([parts.at(-1)!, following])],
        delivery,
      );
      await logIn(wire, banner, policy({ authenticator }));
      await speech.done;
      assert.deepEqual(wire.reader.take(), following, `${delivery}`);
      assert.equal(wire.tls, tls);
      assert.deepEqual(
        authenticator.asked,
        method === 'none' ? [] : [[method, challengeOf(method)]],
      );
      assert.equal(wire.bytes.toString('latin1', 0, 12), `RFB 003.00${version}\n`);
      const last = wire.said.at(-1);
      assert.equal(last instanceof Buffer && last.equals(ANSWER), method !== 'none');
    }
  });
}

test('logIn says what it must, byte for byte', async () => {
  const wire = new Wire();
  const inside = Buffer.concat([challengeOf('vnc'), u32(0)]);
  const before = hex('03 10 13 01 00 02 00 03 00 00 01 02 00 00 01 00 00 00 01 05 01');
  speak(wire, [before, inside]);
  await logIn(wire, Buffer.from('RFB 003.889\n'), policy({ tls: true }));
  assert.deepEqual(
    wire.said.map((each) => (typeof each === 'string' ? each : toHex(each))),
    [toHex(Buffer.from('RFB 003.008\n')), '13', '00 02', '00 00 01 05', 'x509', toHex(ANSWER)],
  );
});

for (const { name, banner, parts } of PRINCIPAL) {
  test(`logIn ends in time when the server of ${name} stalls, ends or resets anywhere`, async () => {
    const whole = Buffer.concat(parts);
    for (let length = 0; length < whole.length; length++) {
      for (const failure of [
        new ConsoleError('TIMEOUT', 'stall'),
        new ConsoleError('SERVER_LOST', 'end'),
        new ConsoleError('SERVER_LOST', 'reset', new Error('ECONNRESET')),
      ]) {
        const wire = new Wire();
        const first = parts[0]!;
        speak(wire, [
          first.subarray(0, length),
          ...(length > first.length ? [parts[1]!.subarray(0, length - first.length)] : []),
        ]);
        const login = logIn(wire, banner, policy());
        assert.equal(await standing(login), 'pending', `after ${length} bytes`);
        wire.reader.fail(failure);
        assert.equal(await standing(login), failure, `after ${length} bytes`);
      }
    }
  });
}

test('logIn chooses in our order, whatever the order of the server', async () => {
  for (const [offered, terms, expected] of [
    [[1, 2, 19, 30, 113], {}, 30],
    [[113, 30, 2, 1], {}, 30],
    [[1, 2, 113], {}, 113],
    [[1, 2], {}, 2],
    [[16, 19, 1], {}, 1],
    [[1, 19, 2], { tls: true }, 19],
    [[2, 19], {}, 2],
    [[16, 19, 5], {}, 19],
    [[1, 2, 30], { authenticator: parrot(['none', 'vnc']) }, 1],
    [[30, 113, 2], { authenticator: storedCredentials({ password: 'x' }) }, 2],
    [[2, 1], { authenticator: storedCredentials({}) }, 1],
  ] as const) {
    for (const types of [offered, [...offered].reverse()]) {
      const wire = new Wire();
      speak(wire, [list(...types)]);
      const login = logIn(wire, Buffer.from('RFB 003.008\n'), policy(terms));
      await standing(login);
      assert.equal(wire.bytes[12], expected, `${types}`);
      wire.reader.fail(new ConsoleError('TIMEOUT'));
      await failureOf(login);
    }
  }
});

test('logIn chooses a sub-type first by its TLS, then by what it asks', async () => {
  for (const [offered, allowAnonymous, methods, expected] of [
    [[256, 257, 258, 259, 260, 261, 262], true, METHODS, 262],
    [[257, 258, 259, 260], true, METHODS, 260],
    [[256, 257, 258, 259], true, METHODS, 259],
    [[260, 261, 262], false, ['vnc', 'none'], 261],
    [[257, 258], true, ['none', 'vnc'], 257],
  ] as const) {
    for (const types of [offered, [...offered].reverse()]) {
      const wire = new Wire();
      const subTypes = Buffer.concat([Buffer.of(types.length), ...types.map(u32)]);
      speak(wire, [Buffer.concat([list(1, 2, 19), hex('00 02 00'), subTypes])]);
      const terms = { tls: true, allowAnonymous, authenticator: parrot(methods) };
      const login = logIn(wire, Buffer.from('RFB 003.008\n'), policy(terms));
      await standing(login);
      assert.equal(wire.bytes.readUInt32BE(15), expected, `${types}`);
      wire.reader.fail(new ConsoleError('TIMEOUT'));
      await failureOf(login);
    }
  }
});

const secrets = storedCredentials({ username: 'alice', password: 'hunter2' });

for (const [what, says, terms, version = '003.008'] of [
  ['None first, when TLS is asked for', list(1, 2, 30, 113), { tls: true }],
  ['no TLS in 3.3', u32(2), { tls: true }, '003.003'],
  ['no TLS in 3.7', list(2), { tls: true }, '003.007'],
  ['Tight only', list(16), {}],
  ['RSA-AES only', list(5, 6, 129, 130), {}],
  [
    'types that need a user name, when there is none',
    list(30, 113),
    { authenticator: storedCredentials({ password: 'x' }) },
  ],
  [
    'types that need a password, when there is none',
    list(2),
    { authenticator: storedCredentials({ username: 'alice' }) },
  ],
  ['VeNCrypt 0.1', Buffer.concat([list(19), hex('00 01')]), { tls: true }],
  ['VeNCrypt, and refuses 0.2', Buffer.concat([list(19), hex('00 02 ff')]), { tls: true }],
  ['VeNCrypt without a sub-type', Buffer.concat([list(19), hex('00 02 00 00')]), { tls: true }],
  ['Plain outside of TLS', Buffer.concat([list(19), hex('00 02 00 01'), u32(256)]), { tls: false }],
  [
    'bare types as sub-types',
    Buffer.concat([list(19), hex('00 02 00 02'), u32(1), u32(2)]),
    { tls: true },
  ],
  [
    'anonymous TLS only',
    Buffer.concat([list(19), hex('00 02 00 02'), u32(257), u32(259)]),
    { allowAnonymous: false },
  ],
  [
    'a sub-type, and refuses it',
    Buffer.concat([list(19), hex('00 02 00 01'), u32(262), hex('00')]),
    { tls: true },
  ],
  ['a prime of 8 bytes', Buffer.concat([list(30), hex('00 02 00 08'), Buffer.alloc(16, 0x55)]), {}],
  ['a prime of 64 KiB', Buffer.concat([list(30), hex('00 02 ff ff')]), {}],
  ['a prime of zeros', Buffer.concat([list(30), hex('00 02 00 40'), Buffer.alloc(128)]), {}],
  [
    'a public key of 1',
    Buffer.concat([list(113), u32(0), u32(5), u32(0), u32(23), u32(0), u32(1)]),
    {},
  ],
  ['no generator', Buffer.concat([list(113), u32(0), u32(0), u32(0), u32(23), u32(0), u32(5)]), {}],
  ['a repeater', Buffer.alloc(0), {}, '000.000'],
] as [string, Buffer, Partial<SecurityPolicy>, string?][]) {
  test(`logIn gives nothing to a server that offers ${what}`, async () => {
    const wire = new Wire();
    speak(wire, [says]);
    const banner = Buffer.from(`RFB ${version}
`);
    const error = await failureOf(
      logIn(wire, banner, policy({ authenticator: secrets, ...terms })),
    );
    assert.equal(error.code, 'SECURITY_UNSUPPORTED');
    assert.ok(wire.bytes.length <= 12 + 1 + 2 + 4, 'no more than choices');
    assert.equal(wire.tls, undefined);
  });
}

test('logIn does not go on when TLS fails, nor with what was slipped in before it', async () => {
  const before = Buffer.concat([list(19), hex('00 02 00 01'), u32(261), hex('01')]);
  const untrusted = new ConsoleError('CERTIFICATE_UNTRUSTED');
  const wire = new Wire();
  speak(wire, [before]);
  wire.onSaid = (what) => (typeof what === 'string' ? Promise.reject(untrusted) : undefined);
  assert.equal(await failureOf(logIn(wire, Buffer.from('RFB 003.008\n'), policy())), untrusted);
  const early = new Wire();
  speak(early, [Buffer.concat([before, challengeOf('vnc'), u32(0)])]);
  const error = await failureOf(logIn(early, Buffer.from('RFB 003.008\n'), policy()));
  assert.equal(error.code, 'INTERNAL');
  assert.equal(early.tls, undefined);
});

for (const [what, method, result, reason, code] of [
  ['a wrong password', 2, 1, 'Authentication failed', 'LOGIN_FAILED'],
  ['too many attempts', 2, 2, 'Slow down', 'LOGIN_FAILED'],
  ['an unknown result', 2, 7, '', 'LOGIN_FAILED'],
  ['None, and refuses it', 1, 1, 'Not you', 'SERVER_REFUSED'],
  ['None, and has had too many attempts', 1, 2, '', 'LOGIN_FAILED'],
] as const) {
  test(`logIn tells ${what}, with the reason in the log alone`, async () => {
    const wire = new Wire();
    const challenge = method === 2 ? challengeOf('vnc') : Buffer.alloc(0);
    const said = Buffer.concat([u32(result), u32(reason.length), Buffer.from(reason)]);
    speak(wire, [Buffer.concat([list(method), challenge, said])]);
    const error = await failureOf(logIn(wire, Buffer.from('RFB 003.008\n'), policy()));
    assert.equal(error.code, code);
    assert.ok(error.message.includes(reason));
    assert.ok(reason === '' || !error.words.includes(reason));
  });
}

test('logIn tells a refusal in 3.3 and 3.7, which have no reason for it', async () => {
  for (const [version, offer] of [
    ['003.003', u32(2)],
    ['003.007', list(2)],
  ] as const) {
    const wire = new Wire();
    speak(wire, [Buffer.concat([offer, challengeOf('vnc'), u32(1)])]);
    const error = await failureOf(logIn(wire, Buffer.from(`RFB ${version}\n`), policy()));
    assert.equal(error.code, 'LOGIN_FAILED');
  }
});

test('logIn tells that a server refuses the connection, in each version', async () => {
  for (const [version, none] of [
    ['003.003', u32(0)],
    ['003.007', Buffer.of(0)],
    ['003.008', Buffer.of(0)],
  ] as const) {
    const wire = new Wire();
    const reason = Buffer.from('Too many security failures');
    speak(wire, [Buffer.concat([none, u32(reason.length), reason])]);
    const error = await failureOf(logIn(wire, Buffer.from(`RFB ${version}\n`), policy()));
    assert.equal(error.code, 'SERVER_REFUSED');
    assert.match(error.message, /"Too many security failures"/);
  }
});

test('a refusal is one without its reason: cut off, endless, or of 4 GiB', async () => {
  for (const reason of [
    Buffer.alloc(0),
    u32(9),
    Buffer.concat([u32(2 ** 32 - 1), Buffer.of(65)]),
  ]) {
    const wire = new Wire();
    speak(wire, [Buffer.concat([list(2), challengeOf('vnc'), u32(1), reason])]);
    const login = logIn(wire, Buffer.from('RFB 003.008\n'), policy());
    assert.equal(await standing(login), 'pending');
    wire.reader.fail(new ConsoleError('SERVER_LOST'));
    assert.equal((await failureOf(login)).code, 'LOGIN_FAILED');
  }
});

test('a reason is cut and escaped for the log', async () => {
  const wire = new Wire();
  const reason = Buffer.concat([hex('1b 5b 9b 0a 22 5c ff'), Buffer.alloc(5000, 'x')]);
  speak(wire, [Buffer.concat([Buffer.of(0), u32(reason.length), reason])]);
  const error = await failureOf(logIn(wire, Buffer.from('RFB 003.008\n'), policy()));
  assert.match(error.message, /"\\x1b\[\\x9b\\x0a\\x22\\x5c\\xffx{249}"$/);
});

test('a reason that quotes a secret is withheld', async () => {
  for (const reason of ['hunter2 is wrong', 'no user alice here']) {
    const wire = new Wire();
    const said = Buffer.concat([u32(1), u32(reason.length), Buffer.from(reason)]);
    speak(wire, [Buffer.concat([list(2), challengeOf('vnc'), said])]);
    const error = await failureOf(
      logIn(wire, Buffer.from('RFB 003.008\n'), policy({ authenticator: secrets })),
    );
    assert.equal(error.code, 'LOGIN_FAILED');
    assert.match(error.message, /withheld/);
    assert.doesNotMatch(`${error.stack}`, /hunter2|alice/);
  }
});

test('what says no version that there is gets no answer', async () => {
  for (const banner of ['RFB 003.002\n', 'RFB 002.009\n', 'RFB 3.8\n', 'HTTP/1.1 200', '']) {
    const wire = new Wire();
    const error = await failureOf(logIn(wire, Buffer.from(banner), policy()));
    assert.equal(error.code, 'NOT_VNC');
    assert.equal(wire.said.length, 0);
  }
});

test('whatever an authenticator throws, logIn rejects with a ConsoleError', async () => {
  const wire = new Wire();
  speak(wire, [Buffer.concat([list(2), challengeOf('vnc')])]);
  const authenticator = { ...parrot(), answer: () => Promise.reject(new TypeError('broken')) };
  const error = await failureOf(
    logIn(wire, Buffer.from('RFB 003.008\n'), policy({ authenticator })),
  );
  assert.ok(error instanceof ConsoleError);
  assert.equal(error.code, 'INTERNAL');
});
