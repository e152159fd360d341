import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConsoleError, ENDS } from '../../../lib/errors.ts';
import type { Method, Question } from '../../../lib/rfb/login/authenticator.ts';
import { Doorkeeper } from '../../../lib/rfb/login/doorkeeper.ts';
import { hex, toHex } from '../../helpers/bytes.ts';
import { challengeOf, u32 } from '../helpers/handshakes.ts';
import { failureOf, speak, standing, Wire } from '../helpers/wire.ts';

type Version = 3 | 7 | 8;
const VERSIONS: readonly Version[] = [3, 7, 8];
const QUESTIONS: readonly Question[] = ['vnc', 'plain', 'ard', 'msLogon'];
const TYPES = { none: 1, vnc: 2, plain: 19, ard: 30, msLogon: 113 } as const;

const ANSWERS: Readonly<Record<Question, Buffer>> = {
  vnc: Buffer.alloc(16, 0xa1),
  plain: Buffer.concat([u32(5), u32(7), Buffer.from('alicehunter2')]),
  ard: Buffer.alloc(128 + 64, 0xa2),
  msLogon: Buffer.alloc(8 + 256 + 64, 0xa3),
};

/** What a browser says in this version up to the end, when it is asked so. */
function browserSays(version: Version, method: Method): Buffer {
  return Buffer.concat([
    Buffer.from(`RFB 003.00${version}\n`),
    version === 3 ? Buffer.alloc(0) : Buffer.of(TYPES[method]),
    method === 'plain' ? Buffer.concat([hex('00 02'), u32(256)]) : Buffer.alloc(0),
    method === 'none' ? Buffer.alloc(0) : ANSWERS[method],
  ]);
}

/** What it is told up to there. */
function browserHears(version: Version, method: Method): Buffer {
  return Buffer.concat([
    Buffer.from('RFB 003.008\n'),
    version === 3 ? u32(TYPES[method]) : Buffer.of(1, TYPES[method]),
    method === 'plain' ? Buffer.concat([hex('00 02 00 01'), u32(256)]) : Buffer.alloc(0),
    challengeOf(method),
  ]);
}

const cases = VERSIONS.flatMap((version) =>
  (version === 3 ? (['vnc'] as const) : QUESTIONS).map((method) => [version, method] as const),
);

for (const version of VERSIONS) {
  test(`a browser of 3.${version} that nobody asks anything is let in with None`, async () => {
    const says = browserSays(version, 'none');
    for (const delivery of ['whole', 'drip', ...says.keys()] as const) {
      const wire = new Wire();
      const following = hex('01 00');
      const speech = speak(wire, [Buffer.concat([says, following])], delivery);
      await new Doorkeeper(wire).letIn();
      await speech.done;
      const result = version === 8 ? u32(0) : Buffer.alloc(0);
      assert.deepEqual(wire.bytes, Buffer.concat([browserHears(version, 'none'), result]));
      assert.deepEqual(wire.reader.take(), following, `${delivery}`);
    }
  });
}

for (const [version, method] of cases) {
  test(`a browser of 3.${version} is asked by ${method}, then let in`, async () => {
    const says = browserSays(version, method);
    const cuts = Array.from({ length: 40 }, (_, at) => at);
    for (const delivery of ['whole', 'drip', ...cuts] as const) {
      const wire = new Wire();
      const following = hex('01 00');
      const speech = speak(wire, [Buffer.concat([says, following])], delivery);
      const door = new Doorkeeper(wire);
      const answer = await door.viewerCredentials().answer(method, challengeOf(method));
      assert.deepEqual(answer, ANSWERS[method]);
      assert.deepEqual(wire.bytes, browserHears(version, method));
      await door.letIn();
      assert.deepEqual(wire.bytes, Buffer.concat([browserHears(version, method), u32(0)]));
      await speech.done;
      assert.deepEqual(wire.reader.take(), following, `${delivery}`);
    }
  });

  test(`a browser of 3.${version} is asked by ${method}, then refused in our words`, async () => {
    const wire = new Wire();
    speak(wire, [browserSays(version, method)]);
    const door = new Doorkeeper(wire);
    await door.viewerCredentials().answer(method, challengeOf(method));
    door.refuse();
    door.refuse();
    const { words } = ENDS.LOGIN_FAILED;
    const reason = version === 8 ? [u32(words.length), Buffer.from(words)] : [];
    const heard = Buffer.concat([browserHears(version, method), u32(1), ...reason]);
    assert.deepEqual(wire.bytes, heard);
    assert.equal((await failureOf(door.letIn())).code, 'INTERNAL');
  });

  test(`a browser of 3.${version} asked by ${method} may stall, end or reset anywhere`, async () => {
    const says = browserSays(version, method);
    for (let length = 0; length < says.length; length++) {
      for (const failure of [new ConsoleError('TIMEOUT'), new ConsoleError('BROWSER_GONE')]) {
        const wire = new Wire();
        speak(wire, [says.subarray(0, length)]);
        const door = new Doorkeeper(wire);
        const answer = door.viewerCredentials().answer(method, challengeOf(method));
        assert.equal(await standing(answer), 'pending', `after ${length} bytes`);
        const { bytes } = wire;
        wire.reader.fail(failure);
        assert.equal(await standing(answer), failure, `after ${length} bytes`);
        door.refuse();
        assert.deepEqual(wire.bytes, bytes, 'nothing is told to who has not answered');
      }
    }
  });
}

test('a greeting begins early, once, and nobody has to look after it', async () => {
  const wire = new Wire();
  const door = new Doorkeeper(wire);
  void door.greet();
  assert.equal(wire.said.length, 1);
  const gone = new ConsoleError('BROWSER_GONE');
  wire.reader.fail(gone);
  assert.equal(await standing(door.letIn()), gone);
  assert.equal(wire.said.length, 1);
});

test('a browser hears nothing but the greeting before it is let in', async () => {
  const wire = new Wire();
  const door = new Doorkeeper(wire);
  speak(wire, [browserSays(8, 'none')]);
  await door.greet();
  await standing(door.greet());
  assert.equal(wire.bytes.length, 12);
  door.refuse();
  assert.equal(wire.bytes.length, 12);
});

for (const [what, method, says] of [
  ['a version there is not', 'none', Buffer.from('RFB 003.005\n')],
  ['no version', 'none', Buffer.from('GET / HTTP/1')],
  ['another type than None', 'none', Buffer.from('RFB 003.008\n\x02')],
  ['None in place of a password', 'vnc', Buffer.from('RFB 003.008\n\x01')],
  ['Tight', 'vnc', Buffer.from('RFB 003.008\n\x10')],
  ['another VeNCrypt', 'plain', Buffer.from('RFB 003.008\n\x13\x00\x01')],
  ['TLS, which is not offered', 'plain', Buffer.from('RFB 003.008\n\x13\x00\x02\x00\x00\x01\x02')],
  [
    'a name of 4 GiB',
    'plain',
    Buffer.concat([browserSays(8, 'plain').subarray(0, 19), u32(2 ** 32 - 1), u32(1)]),
  ],
  [
    'a password of 2 KiB',
    'plain',
    Buffer.concat([browserSays(8, 'plain').subarray(0, 19), u32(1), u32(2048)]),
  ],
  ['3.3, when asked what that has not', 'ard', Buffer.from('RFB 003.003\n')],
] as const) {
  test(`a browser that says ${what} is stopped`, async () => {
    const wire = new Wire();
    speak(wire, [says]);
    const door = new Doorkeeper(wire);
    const outcome =
      method === 'none'
        ? door.letIn()
        : door.viewerCredentials().answer(method, challengeOf(method));
    assert.equal((await failureOf(outcome)).code, 'BROWSER_PROTOCOL');
    assert.ok(!wire.bytes.subarray(12).includes(u32(0)));
  });
}

test('a viewer is asked for no more than is needed, and once', async () => {
  const wire = new Wire();
  speak(wire, [browserSays(8, 'vnc')]);
  const viewer = new Doorkeeper(wire).viewerCredentials();
  assert.equal(viewer.methods[0], 'none');
  assert.deepEqual([...viewer.methods].sort(), ['ard', 'msLogon', 'none', 'plain', 'vnc']);
  await viewer.answer('vnc', challengeOf('vnc'));
  assert.equal((await failureOf(viewer.answer('vnc', challengeOf('vnc')))).code, 'INTERNAL');
});

test('a reason may be told unless the server was sent what it may quote', async () => {
  for (const [method, expected] of [
    [null, true],
    ['vnc', true],
    ['plain', false],
    ['ard', false],
    ['msLogon', false],
  ] as const) {
    const wire = new Wire();
    if (method) speak(wire, [browserSays(8, method)]);
    const viewer = new Doorkeeper(wire).viewerCredentials();
    if (method) await viewer.answer(method, challengeOf(method));
    assert.equal(viewer.mayTell(Buffer.from('No.')), expected);
  }
});

test('what a browser hears first is byte for byte this', async () => {
  const wire = new Wire();
  speak(wire, [browserSays(8, 'none')]);
  await new Doorkeeper(wire).letIn();
  assert.equal(toHex(wire.bytes), '52 46 42 20 30 30 33 2e 30 30 38 0a 01 01 00 00 00 00');
});
