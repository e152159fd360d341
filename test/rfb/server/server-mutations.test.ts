import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServerMessages } from '../../../lib/rfb/server/server-messages.ts';
import { Random } from '../helpers/random.ts';
import { RECTANGLES } from '../helpers/rectangles.ts';
import * as server from '../helpers/server-says.ts';
import { serverCutText, serverInit, update } from '../helpers/server-says.ts';
import { ALL } from '../helpers/sessions.ts';

const STREAMS = 50_000;
const NO_COPY = { ...ALL, clipboard: 'none' } as const;

const MESSAGES = [
  ...RECTANGLES.map(([, bytes]) => update([bytes])).filter(({ length }) => length < 2_000),
  ...[server.bell, server.colourMap, server.serverFence('ab'), server.xvpInit, server.agreement],
  ...[serverCutText('copied'), server.extendedCaps, server.endOfContinuousUpdates],
];

const TELLING = [0, 1, 2, 3, 4, 5, 7, 16, 21, 0x7f, 0x80, 0xd9, 0xfe, 0xff];

function mutate(bytes: Buffer, random: Random): Buffer {
  let mutated = Buffer.from(bytes);
  for (let times = 1 + random.below(4); times > 0; times--) {
    const at = random.below(mutated.length);
    const to = at + random.below(16);
    switch (random.below(4)) {
      case 0:
        mutated[at] = random.below(256);
        break;
      case 1:
        mutated[at] = random.pick(TELLING);
        break;
      case 2:
        mutated = Buffer.concat([mutated.subarray(0, at), mutated.subarray(to), random.bytes(1)]);
        break;
      default:
        mutated = Buffer.concat([mutated.subarray(0, to), mutated.subarray(at)]);
    }
  }
  return mutated;
}

test('a stream that is broken anywhere is followed, or given up as the table of ends has it', () => {
  const random = new Random(50_000);
  let lost = 0;
  for (let i = 0; i < STREAMS; i++) {
    const messages = Array.from({ length: 6 }, () => random.pick(MESSAGES));
    const bytes = mutate(Buffer.concat([serverInit(), ...messages]), random);
    const size = random.pick([1, 7, 100, 10_000]);
    const strict = new ServerMessages(NO_COPY);
    const lax = new ServerMessages(ALL);
    let isLost = false;
    for (let at = 0; at < bytes.length; at += size) {
      const chunk = bytes.subarray(at, at + size);
      const passed = lax.filter(Buffer.from(chunk));
      assert.ok(passed.equals(chunk), 'without a rule all passes as it is');
      if (isLost) continue;
      try {
        assert.ok(strict.filter(Buffer.from(chunk)).length <= chunk.length);
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'SERVER_PROTOCOL', String(error));
        isLost = true;
      }
    }
    assert.equal(lax.isFramed, !isLost);
    if (isLost) lost++;
  }
  assert.ok(lost > STREAMS / 10 && lost < STREAMS);
});

test('random bytes are followed, or given up, without being held', () => {
  const random = new Random(3);
  for (let i = 0; i < 5_000; i++) {
    const messages = new ServerMessages(NO_COPY);
    messages.filter(serverInit());
    try {
      for (let j = 0; j < 20; j++) {
        const chunk = random.bytes(50);
        chunk[0] = random.pick([0, 1, 2, 3, 150, 248, 250]);
        messages.filter(chunk);
      }
    } catch (error) {
      assert.equal((error as { code?: string }).code, 'SERVER_PROTOCOL', String(error));
    }
  }
});

test('one that promises the most there can be is followed at the cost of its bytes', () => {
  const messages = new ServerMessages(NO_COPY);
  messages.filter(serverInit());
  // 65535 rectangles, each without a pixel.
  const most = update(Array(0xffff).fill(Buffer.from(RECTANGLES[1]![1])));
  const all = Buffer.concat([most, serverCutText('copied'), server.bell]);
  const before = process.memoryUsage().arrayBuffers;
  const out = messages.filter(all);
  assert.equal(out.length, most.length + 1);
  assert.ok(process.memoryUsage().arrayBuffers - before < 1_000_000);
  const longest = Buffer.concat([
    Buffer.from('00000001 00000000 ffff ffff 00000002 ffffffff'.replaceAll(' ', ''), 'hex'),
    Buffer.alloc(1_000_000),
  ]);
  assert.equal(messages.filter(longest), longest);
});
