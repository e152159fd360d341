import assert from 'node:assert/strict';
import { createDecipheriv } from 'node:crypto';
import { test } from 'node:test';
import { ConsoleError } from '../../../lib/errors.ts';
import { answerApple } from '../../../lib/rfb/login/apple-auth.ts';
import { encryptDes } from '../../../lib/rfb/login/des.ts';
import { agree } from '../../../lib/rfb/login/diffie-hellman.ts';
import { answerMsLogon } from '../../../lib/rfb/login/ms-logon.ts';
import { answerVncAuth } from '../../../lib/rfb/login/vnc-auth.ts';
import { hex, sha256, toHex } from '../../helpers/bytes.ts';
import { AppleServer } from '../helpers/apple-server.ts';
import { PRIME, u16 } from '../helpers/handshakes.ts';
import { UltraServer } from '../helpers/ultra-server.ts';

const mirror = (bytes: Buffer) =>
  bytes.map((byte) =>
    Number.parseInt([...byte.toString(2).padStart(8, '0')].reverse().join(''), 2),
  );

test('encryptDes is DES with the bits of the key in reverse', () => {
  const key = mirror(hex('13 34 57 79 9b bc df f1'));
  const block = hex('01 23 45 67 89 ab cd ef');
  assert.equal(toHex(encryptDes(key, block, null)), '85 e8 13 54 0f 0a b4 05');
});

test('encryptDes chains blocks after an iv', () => {
  const key = mirror(hex('13 34 57 79 9b bc df f1'));
  const iv = hex('ff ff ff ff 00 00 00 00');
  const first = encryptDes(key, hex('fe dc ba 98 89 ab cd ef'), iv);
  assert.equal(toHex(first), '85 e8 13 54 0f 0a b4 05');
  const both = encryptDes(key, Buffer.concat([hex('fe dc ba 98 89 ab cd ef'), first]), iv);
  assert.deepEqual(both.subarray(8), encryptDes(key, Buffer.alloc(8), null));
});

test('VNC authentication takes the first 8 bytes of a password, and fills up with zeros', () => {
  const challenge = Buffer.from([...Array(16).keys()]);
  const answer = answerVncAuth('12345678', challenge);
  assert.deepEqual(answerVncAuth('123456789', challenge), answer);
  assert.notDeepEqual(answerVncAuth('1234567', challenge), answer);
  // In UTF-8, and cut in the middle of a character.
  assert.deepEqual(answerVncAuth('1234567é', challenge), answerVncAuth('1234567ê', challenge));
  const key = mirror(Buffer.from('abc\0\0\0\0\0'));
  const decipher = createDecipheriv('des-ede3-ecb', Buffer.concat([key, key, key]), null);
  const back = decipher.setAutoPadding(false).update(answerVncAuth('abc', challenge));
  assert.deepEqual(back, challenge);
});

for (const [username, password] of [
  ['alice', 'hunter2'],
  ['ålice', 'pässwörd'],
  ['', ''],
  ['a'.repeat(63), 'b'.repeat(63)],
] as const) {
  test(`Apple's server finds ${username.slice(0, 9) || 'nothing'} in the answer`, () => {
    for (let round = 0; round < 5; round++) {
      const server = new AppleServer();
      const answer = answerApple(username, password, server.challenge);
      assert.equal(answer.length, 128 + PRIME.length);
      assert.deepEqual(server.open(answer), [username, password]);
    }
  });

  test(`UltraVNC's server finds ${username.slice(0, 9) || 'nothing'} in the answer`, () => {
    for (let round = 0; round < 20; round++) {
      const server = new UltraServer();
      const answer = answerMsLogon(username, password, server.challenge);
      assert.deepEqual(server.open(answer), [username, password]);
    }
  });
}

test("Apple's answer is the one that noVNC's tests know", () => {
  const counted = (size: number) => Buffer.from([...Array(size).keys()]);
  const prime = counted(128);
  const theirs = agree({ generator: hex('7f ff'), prime, publicKey: hex('02') }, counted).publicKey;
  const challenge = Buffer.concat([hex('7f ff'), u16(128), prime, theirs]);
  const answer = answerApple('user', 'password', challenge, counted);
  assert.equal(
    toHex(answer.subarray(0, 64)),
    toHex(
      Buffer.from([
        ...[199, 39, 204, 95, 190, 70, 127, 66, 5, 106, 153, 228, 123, 236, 150, 206],
        ...[62, 107, 11, 4, 21, 242, 92, 184, 9, 81, 35, 125, 56, 167, 1, 215],
        ...[182, 145, 183, 75, 245, 197, 47, 19, 122, 94, 64, 76, 77, 163, 222, 143],
        ...[186, 174, 84, 39, 244, 179, 227, 114, 83, 231, 42, 106, 205, 43, 159, 110],
      ]),
    ),
  );
  assert.deepEqual(answer.subarray(128), theirs);
});

test("UltraVNC's answer is the one that noVNC's tests know", () => {
  const random = (size: number) =>
    size === 8 ? hex('00 00 00 00 05 06 07 08') : Buffer.alloc(size);
  const challenge = hex('00 00 00 00 00 01 00 01 00 00 00 00 25 18 26 17 00 00 00 00 0e 12 d0 f5');
  const answer = answerMsLogon('username', 'password123456', challenge, random);
  assert.equal(
    toHex(answer.subarray(0, 32)),
    '00 00 00 00 0a bc 7c fd 58 34 d2 24 44 60 f0 d1 a3 73 32 02 07 ce c1 3f 10 53 f1 dd 99 ad 44 18',
  );
  assert.equal(
    toHex(answer.subarray(-32)),
    'c8 15 fb fc d6 ff 04 92 56 bc 66 f1 78 fb 14 79 48 d2 cf 87 60 23 cf db 1b ad 42 32 4e 6d 1f 49',
  );
});

test('no two answers are alike', () => {
  const { challenge } = new AppleServer();
  const answers = [1, 2, 3].map(() => sha256(answerApple('alice', 'x', challenge)));
  assert.equal(new Set(answers).size, 3);
});

test('agree refuses what has no secret', () => {
  const n = (value: number) => Buffer.of(0, value);
  for (const [generator, prime, publicKey] of [
    [2, 0, 5],
    [2, 1, 5],
    [2, 2, 5],
    [0, 23, 5],
    [1, 23, 5],
    [2, 23, 0],
    [2, 23, 1],
    [2, 23, 22],
    [2, 23, 23],
    [2, 23, 24],
  ] as const) {
    assert.throws(
      () =>
        agree({ generator: n(generator), prime: n(prime), publicKey: n(publicKey) }, Buffer.alloc),
      (error) => error instanceof ConsoleError && error.code === 'SECURITY_UNSUPPORTED',
    );
  }
});
