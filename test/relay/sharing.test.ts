import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { BrowserIntake } from '../../lib/relay/browser-socket.ts';
import { Intake } from '../../lib/relay/intake.ts';
import { ReadBuffers, type Sharer } from '../../lib/relay/read-buffers.ts';
import { Relay } from '../../lib/relay/relay.ts';
import { dialled } from '../helpers/dialled.ts';
import { turn, until } from '../helpers/inbox.ts';
import { MAJORS, socketPair } from '../helpers/socket-pair.ts';

/** Read buffers that count how often the common one was left to a session. */
class CountedBuffers extends ReadBuffers {
  ceded = 0;

  override cede(to: Sharer): void {
    this.ceded++;
    super.cede(to);
  }
}

/** Reads that a quick browser has to take before its session shares. */
const QUICK_READS = 256;

/** An intake that shares, what was read with it last, and whether the browser takes that at once. */
async function sharing(t: TestContext, buffers: ReadBuffers) {
  const intake = new Intake(buffers);
  const { server, far } = await dialled(t, intake);
  const seen = { length: 0, reads: 0, isQuick: true };
  intake.onBytes = (length) => {
    seen.length = length;
    seen.reads++;
    return seen.isQuick;
  };
  intake.share(server);
  server.resume();
  const say = async (text: string) => {
    const { reads } = seen;
    far.write(text);
    await until(() => seen.reads > reads, `a read of ${text}`);
  };
  await say('begin'); // this one still goes into the scratch
  return { intake, server, seen, say, heard: () => intake.bytes(seen.length) };
}

test('quick sessions read into one buffer', async (t) => {
  const buffers = new ReadBuffers();
  const one = await sharing(t, buffers);
  const other = await sharing(t, buffers);
  await one.say('one');
  assert.equal(one.heard().toString(), 'one');
  await other.say('other');
  assert.equal(other.heard().toString(), 'other');
  assert.equal(one.heard().buffer, other.heard().buffer);
  assert.notEqual(one.heard().buffer, buffers.scratch.buffer);
});

test('what does not leave at once is read over by nobody', async (t) => {
  const buffers = new ReadBuffers();
  const slow = await sharing(t, buffers);
  const quick = [await sharing(t, buffers), await sharing(t, buffers)];
  for (const { say } of quick) await say('before');
  slow.seen.isQuick = false;
  await slow.say('on its way');
  const held = slow.heard();
  for (const { say, heard } of quick) {
    await say('what comes in between');
    assert.equal(heard().toString(), 'what comes in between');
    assert.notEqual(heard().buffer, held.buffer);
  }
  assert.equal(held.toString(), 'on its way');
  assert.equal(quick[0]!.heard().buffer, quick[1]!.heard().buffer);
});

test('a slow session is apart until its browser has been quick for long, and longer each time', async (t) => {
  const buffers = new CountedBuffers();
  const slow = await sharing(t, buffers);
  const quick = await sharing(t, buffers);
  await quick.say('here');
  for (const patience of [2 * QUICK_READS, 4 * QUICK_READS]) {
    slow.seen.isQuick = false;
    await slow.say('held');
    slow.seen.isQuick = true;
    slow.server.resume();
    for (let reads = 0; reads < patience - 1; reads++) {
      await slow.say('x');
      assert.notEqual(slow.heard().buffer, quick.heard().buffer, `after ${reads} reads`);
    }
    await slow.say('y');
    await quick.say('y');
    assert.equal(slow.heard().buffer, quick.heard().buffer, `after ${patience} reads`);
  }
  assert.equal(buffers.ceded, 2);
});

test('a session that was moved often stays apart, with what it reads unharmed', async (t) => {
  const buffers = new ReadBuffers();
  const moved = await sharing(t, buffers);
  await moved.say('here');
  for (let times = 0; times < 70; times++) {
    buffers.cede({ moveTo() {} });
    await moved.say(`move ${times}`);
    assert.equal(moved.heard().toString(), `move ${times}`);
  }
  const other = await sharing(t, buffers);
  await other.say('other');
  await moved.say('apart');
  assert.notEqual(moved.heard().buffer, other.heard().buffer);
  assert.equal(moved.heard().toString(), 'apart');
});

test('a session that is over is moved no more', async (t) => {
  const buffers = new ReadBuffers();
  const gone = await sharing(t, buffers);
  await gone.say('here');
  gone.server.destroy();
  await once(gone.server, 'close');
  gone.intake.moveTo = () => assert.fail('it was moved');
  buffers.cede({ moveTo() {} });
});

/** A browser and a server that says one byte again and again, joined as a session joins them. */
async function relayed(t: TestContext, buffers: ReadBuffers, says: number) {
  const [, Wss] = MAJORS[says % MAJORS.length]!;
  const { browser, socket } = await socketPair(t, Wss);
  const intake = new Intake(buffers);
  const { server, far } = await dialled(t, intake);
  const flow = new BrowserIntake(socket, { onBytes() {}, onFault() {} }, 2 ** 20, buffers);
  const nothing = { byServer: Buffer.alloc(0), byBrowser: Buffer.alloc(0) };
  const relay = new Relay(socket, flow, server, intake, nothing);
  let said = 0;
  let heard = 0;
  browser.socket.removeAllListeners('message');
  browser.socket.on('message', (bytes: Buffer) => {
    heard += bytes.length;
    const stray = bytes.findIndex((byte) => byte !== says);
    if (stray >= 0) assert.fail(`the browser of ${says} was sent a byte of ${bytes[stray]}`);
  });
  return {
    relay,
    socket: browser.socket,
    say(length: number) {
      said += length;
      far.write(Buffer.alloc(length, says));
    },
    isDone: () => heard === said,
  };
}

test('no browser is ever sent what the server of another says, whichever are slow', async (t) => {
  const buffers = new CountedBuffers();
  const all = await Promise.all(Array.from({ length: 12 }, (_, at) => relayed(t, buffers, at + 1)));
  for (let round = 0; round < 4; round++) {
    const slow = all.filter((_, at) => at % 4 === round);
    for (const { socket } of slow) socket.pause();
    for (let piece = 0; slow.some(({ relay }) => relay.stalledSince === 0); piece++) {
      assert.ok(piece < 5_000, 'the kernel takes all');
      for (const { say } of slow) say(1 + ((piece * 7_919) % 30_000));
      for (const { say } of all) say(1 + ((piece * 104_729) % 3_000));
      await turn();
    }
    for (let piece = 0; piece < 100; piece++) {
      for (const { say } of all) say(1 + ((piece * 7_919) % 30_000));
      await turn();
    }
    for (const { socket } of slow) socket.resume();
    await until(() => all.every(({ isDone }) => isDone()), 'all that was said');
  }
  assert.ok(buffers.ceded >= 4, `${buffers.ceded} times a slow browser kept the buffer`);
});
