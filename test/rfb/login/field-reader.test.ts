import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FieldReader } from '../../../lib/rfb/login/field-reader.ts';
import { hex } from '../../helpers/bytes.ts';
import { failureOf, speak, standing, Wire } from '../helpers/wire.ts';

const STREAM = hex('00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f');
const FIELDS = [1, 4, 0, 2, 5];
const READ = 12;

async function readFields(reader: FieldReader): Promise<Buffer[]> {
  const fields: Buffer[] = [];
  for (const size of FIELDS) fields.push(await reader.read(size));
  return fields;
}

const EXPECTED = ['00', '01 02 03 04', '', '05 06', '07 08 09 0a 0b'].map(hex);

test('fields are read from bytes that come whole, one by one, and cut in two anywhere', async () => {
  const cuts = Array.from({ length: STREAM.length + 1 }, (_, at) => at);
  for (const delivery of ['whole', 'drip', ...cuts] as const) {
    const wire = new Wire();
    const speech = speak(wire, [STREAM], delivery);
    assert.deepEqual(await readFields(wire.reader), EXPECTED, `${delivery}`);
    await speech.done;
    assert.equal(wire.reader.buffered, STREAM.length - READ);
    assert.deepEqual(wire.reader.take(), STREAM.subarray(READ));
  }
});

test('a read waits until all of its bytes are there, and takes no more', async () => {
  const reader = new FieldReader();
  const read = reader.read(3);
  reader.push(hex('01 02'));
  assert.equal(await standing(read), 'pending');
  assert.equal(reader.buffered, 2);
  reader.push(hex('03 04'));
  assert.deepEqual(await read, hex('01 02 03'));
  assert.equal(reader.buffered, 1);
});

test('what was pushed is copied, as read buffers are used again', async () => {
  const reader = new FieldReader();
  const bytes = hex('01 02 03');
  reader.push(bytes);
  bytes.fill(0xff);
  assert.deepEqual(await reader.read(3), hex('01 02 03'));
});

test('what was read is a copy of its own', async () => {
  const reader = new FieldReader();
  reader.push(hex('01 02 03 04'));
  const first = await reader.read(2);
  first.fill(0xff);
  assert.deepEqual(reader.take(), hex('03 04'));
});

test('take leaves nothing, and reading goes on after it', async () => {
  const reader = new FieldReader();
  assert.equal(reader.take().length, 0);
  reader.push(hex('01'));
  reader.push(hex('02 03'));
  assert.deepEqual(reader.take(), hex('01 02 03'));
  assert.equal(reader.buffered, 0);
  const read = reader.read(1);
  reader.push(hex('04'));
  assert.deepEqual(await read, hex('04'));
});

test('a failure ends the read that waits and those that come after it, and the first failure stays', async () => {
  const reader = new FieldReader();
  const failure = new Error('gone');
  const read = reader.read(2);
  reader.push(hex('01'));
  reader.fail(failure);
  reader.fail(new Error('another'));
  assert.equal(await failureOf(read), failure);
  assert.equal(await failureOf(reader.read(2)), failure);
});

test('what came before a failure can be read after it', async () => {
  const reader = new FieldReader();
  const failure = new Error('gone');
  reader.push(hex('01 02 03'));
  reader.fail(failure);
  assert.deepEqual(await reader.read(2), hex('01 02'));
  assert.equal(await failureOf(reader.read(2)), failure);
  assert.deepEqual(await reader.read(1), hex('03'));
  assert.equal(await failureOf(reader.read(1)), failure);
});

test('a second read beside one that waits is refused, and does not disturb it', async () => {
  const reader = new FieldReader();
  const read = reader.read(1);
  assert.match((await failureOf(reader.read(1))).message, /waiting/);
  reader.push(hex('07'));
  assert.deepEqual(await read, hex('07'));
});

test('bytes that come one by one are kept and taken in no more time than they are worth', async () => {
  const reader = new FieldReader();
  const byte = Buffer.of(7);
  const start = performance.now();
  for (let pushed = 0; pushed < 400_000; pushed++) reader.push(byte);
  const all = reader.take();
  // Of a few milliseconds, where a queue of so many buffers takes a minute: no matter of speed.
  assert.ok(performance.now() - start < 10_000);
  assert.equal(all.length, 400_000);
  assert.ok(all.every((each) => each === 7));
});
