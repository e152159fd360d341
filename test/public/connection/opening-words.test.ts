import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openingWords } from '../../../public/connection/opening-words.ts';

/** What is said to a server that says these things, by which of them it came; or why it refused. */
function talk(server: readonly (string | readonly number[])[], shared = true): string[][] {
  let said: string[] = [];
  const words = openingWords(shared, (bytes) => said.push(Buffer.from(bytes).toString('latin1')));
  words.next();
  return server.map((each) => {
    said = [];
    for (const byte of Buffer.from(each as string, 'latin1')) {
      const { value } = words.next(byte);
      if (value !== undefined) said.push(`refused: ${value}`);
    }
    return said;
  });
}

const VERSION = 'RFB 003.008\n';
const OK = [0, 0, 0, 0];

test('a server that asks for nothing is answered until it has told of its screen', () => {
  assert.deepEqual(talk([VERSION, [1, 1], OK, 'its screen']), [[VERSION], ['\x01'], ['\x01'], []]);
});

test('a viewer that wants the console for itself says so', () => {
  assert.deepEqual(talk([VERSION, [1, 1], OK], false).at(-1), ['\0']);
});

test('the bytes may come in any pieces, and all at once', () => {
  const whole = [...Buffer.from(VERSION), 2, 1, 16, ...OK];
  const answers = [VERSION, '\x01', '\x01'];
  assert.deepEqual(talk([whole]), [answers]);
  assert.deepEqual(talk(whole.map((byte) => [byte])).flat(), answers);
});

test('a password is left to noVNC, from the challenge on', () => {
  assert.deepEqual(talk([VERSION, [2, 2, 16], 'sixteen bytes...']), [[VERSION], ['\x02'], []]);
});

for (const [what, server, last] of [
  ['a way to sign in that comes first and takes a choice', [VERSION, [2, 19, 1]], []],
  ['an older version', ['RFB 003.003\n', [0, 0, 0, 1]], []],
  ['what is no VNC server', ['SSH-2.0-OpenSSH\r\n'], []],
] as const) {
  test(`${what} is left to noVNC`, () => {
    assert.deepEqual(talk(server).at(-1), last);
  });
}

for (const [when, server] of [
  ['before anything is said', ['RFB 003.003\n', OK, [0, 0, 0, 5], 'füll']],
  ['in place of ways to sign in', [VERSION, [0, 0, 0, 0, 5], 'füll']],
  ['in the end', [VERSION, [1, 1], [0, 0, 0, 1], [0, 0, 0, 5], 'füll']],
] as const) {
  test(`a refusal is heard out: ${when}`, () => {
    const bytes = server.map((each) => [...Buffer.from(each as string)]);
    assert.deepEqual(talk(bytes).at(-1), ['refused: füll']);
    assert.deepEqual(talk(bytes).slice(2, -1).flat(), []);
    // One that breaks off tells nothing.
    assert.deepEqual(talk([...bytes.slice(0, -1), [0x66]]).at(-1), []);
  });
}
