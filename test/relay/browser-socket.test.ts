import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { type TestContext, test } from 'node:test';
import { BrowserIntake, type BrowserSocket } from '../../lib/relay/browser-socket.ts';
import { HEADER_ROOM, MAX_SIZE, ReadBuffers, SCRATCH_SIZE } from '../../lib/relay/read-buffers.ts';
import { noise, sha256 } from '../helpers/bytes.ts';
import { maskedFrame } from '../helpers/frames.ts';
import { Inbox, turn, until } from '../helpers/inbox.ts';
import { MAJORS, rawPair, socketPair } from '../helpers/socket-pair.ts';

/** What a browser's socket gives, as an intake reads it. */
function read(socket: BrowserSocket, maxPayload = 2 ** 20) {
  const inbox = new Inbox('the browser');
  const faults: string[] = [];
  const flow = new BrowserIntake(
    socket,
    { onBytes: (bytes) => inbox.push(Buffer.from(bytes)), onFault: (fault) => faults.push(fault) },
    maxPayload,
    new ReadBuffers(),
  );
  socket.on('error', (error) => faults.push(error.code ?? String(error)));
  return { inbox, faults, flow };
}

for (const [title, Wss] of MAJORS) {
  test(`${title} is what it is taken for`, async (t) => {
    const { socket } = await socketPair(t, Wss);
    assert.equal(typeof socket.pause, title === 'ws 8' ? 'function' : 'undefined');
    assert.ok(socket._socket && socket._receiver);
  });

  for (const kind of ['plain', 'compressed', 'as over TLS']) {
    const perMessageDeflate = kind === 'compressed';
    const way = `${title}, ${kind}`;
    const open = async (t: TestContext) => {
      const pair = await socketPair(t, Wss, { perMessageDeflate });
      if (kind === 'as over TLS') Object.assign(pair.socket._socket!, { encrypted: true });
      return pair;
    };

    test(`bytes come through unchanged (${way})`, async (t) => {
      const { browser, socket } = await open(t);
      const { inbox, faults } = read(socket);
      const bytes = noise(2_000_000);
      for (let at = 0, size = 1; at < bytes.length; at += size, size = (size * 3) % 70_000) {
        browser.send(bytes.subarray(at, at + size));
      }
      browser.send(new Uint8Array());
      assert.equal(sha256(await inbox.read(bytes.length)), sha256(bytes));
      assert.deepEqual(faults, []);
    });

    test(`a text message is a fault (${way})`, async (t) => {
      const { browser, socket } = await open(t);
      const { inbox, faults } = read(socket);
      browser.send(Buffer.from('abc'));
      browser.socket.send('text');
      await until(() => faults.length > 0, 'a fault');
      assert.deepEqual(faults, ['TEXT_FRAME']);
      assert.equal(inbox.peek().toString(), 'abc');
    });

    test(`a browser is held up, and goes on where it was (${way})`, async (t) => {
      const { browser, socket } = await open(t);
      const { inbox, flow } = read(socket);
      browser.send(Buffer.alloc(100_000));
      await inbox.read(100_000);
      assert.equal(flow.paused, false);
      flow.pause();
      assert.equal(flow.paused, true);
      const bytes = noise(8 * 1024 * 1024);
      for (let at = 0; at < bytes.length; at += 65_536)
        browser.send(bytes.subarray(at, at + 65_536));
      for (let waiting = -1; waiting !== browser.socket.bufferedAmount; ) {
        waiting = browser.socket.bufferedAmount;
        for (let turns = 0; turns < 100; turns++) await turn();
      }
      assert.ok(browser.socket.bufferedAmount > 0, 'the browser is held up');
      assert.ok(inbox.length < 2 * 1024 * 1024, `${inbox.length} bytes came though it is held up`);
      flow.resume();
      assert.equal(flow.paused, false);
      assert.equal(sha256(await inbox.read(bytes.length)), sha256(bytes));
    });

    test(`pings are answered, and pongs heard, between the bytes (${way})`, async (t) => {
      const { browser, socket } = await open(t);
      const { inbox } = read(socket);
      let pongs = 0;
      let heard = 0;
      browser.socket.on('pong', (data) => {
        assert.equal(data.toString(), 'are you there');
        pongs++;
      });
      socket.on('pong', () => heard++);
      for (let times = 0; times < 20; times++) {
        browser.send(Buffer.from('ab'));
        browser.socket.ping('are you there');
        browser.send(Buffer.from('cd'));
        socket.ping();
      }
      assert.equal((await inbox.read(80)).toString(), 'abcd'.repeat(20));
      await until(() => pongs === 20 && heard === 20, 'all pongs');
    });

    test(`a close frame closes, after the bytes before it (${way})`, async (t) => {
      const { browser, socket } = await open(t);
      const { inbox } = read(socket);
      const codes: number[] = [];
      socket.on('close', (code) => codes.push(code));
      browser.send(noise(500_000));
      browser.socket.close(4321);
      assert.equal((await browser.closed()).code, 4321);
      await until(() => codes.length > 0, 'the end');
      assert.deepEqual(codes, [4321]);
      assert.equal(inbox.length, 500_000);
    });

    test(`what has come when the connection breaks is not lost (${way})`, async (t) => {
      if (kind === 'plain') return; // nothing has come: who is held up is not read
      const { browser, socket } = await open(t);
      const { inbox, flow } = read(socket);
      const closed = new Promise((resolve) => socket.on('close', resolve));
      flow.pause();
      browser.send(noise(10_000));
      await until(() => socket._socket!.readableLength > 10_000, 'the message, held back');
      socket._socket!.destroy();
      await closed;
      await until(() => inbox.length === 10_000, 'the message');
    });

    test(`a hold that begins within a message holds (${way})`, async (t) => {
      const { browser, socket } = await open(t);
      let received = 0;
      const flow = new BrowserIntake(
        socket,
        {
          onBytes(bytes) {
            received += bytes.length;
            flow.pause();
          },
          onFault: (fault) => assert.fail(fault),
        },
        2 ** 20,
        new ReadBuffers(),
      );
      const size = 30 * 200_000;
      for (let at = 0; at < size; at += 200_000) browser.send(noise(200_000));
      await until(() => received > 0, 'the first bytes');
      const state = () => `${received} came, ${browser.socket.bufferedAmount} wait`;
      for (let before = ''; before !== state(); ) {
        before = state();
        await new Promise((resolve) => setTimeout(resolve, 150));
      }
      assert.ok(received < 512 * 1024, `${received} bytes came though it is held up`);
      const timer = setInterval(() => flow.resume(), 1);
      await until(() => received === size, 'all bytes');
      clearInterval(timer);
    });
  }

  test(`pausing within a message stops at the end of what was read (${title})`, async (t) => {
    const { raw, socket } = await rawPair(t, Wss);
    let bytes = 0;
    const flow = new BrowserIntake(
      socket,
      {
        onBytes(each) {
          bytes += each.length;
          flow.pause();
        },
        onFault() {},
      },
      2 ** 20,
      new ReadBuffers(),
    );
    const chunk = Buffer.concat(
      Array.from({ length: 10 }, () => maskedFrame(0x82, Buffer.alloc(5))),
    );
    raw.socket.write(chunk);
    await until(() => bytes === 50, 'the messages of one chunk');
    raw.socket.write(chunk);
    for (let turns = 0; turns < 100; turns++) await turn();
    assert.equal(bytes, 50);
    flow.resume();
    await until(() => bytes === 100, 'the messages of the next chunk');
  });

  for (const [what, end] of [
    ['a close frame', maskedFrame(0x88, Buffer.from([3, 232]))],
    ['a broken ping', maskedFrame(0x09)],
  ] as const) {
    test(`bytes that are kept stay as they are, though ${what} has ws read on (${title})`, async (t) => {
      const { raw, socket } = await rawPair(t, Wss);
      let kept: Buffer = Buffer.alloc(0);
      let copy = kept;
      socket.on('error', () => {});
      const flow = new BrowserIntake(
        socket,
        {
          onBytes(bytes) {
            if (!flow.isLent) return;
            flow.keep();
            kept = bytes as Buffer;
            copy = Buffer.from(kept);
          },
          onFault() {},
        },
        2 ** 20,
        new ReadBuffers(),
      );
      flow.pause();
      // Two reads: that of an idle socket, and a whole one after it.
      const size = SCRATCH_SIZE + MAX_SIZE - end.length;
      const message = maskedFrame(0x82, Buffer.alloc(size - HEADER_ROOM - 4));
      raw.socket.write(Buffer.concat([message, end, noise(4 * MAX_SIZE)]));
      for (let turns = 0; turns < 100; turns++) await turn();
      flow.resume();
      await until(() => kept.length > 0, 'the bytes');
      assert.equal(kept.length, MAX_SIZE - end.length);
      for (let turns = 0; turns < 100; turns++) await turn();
      assert.equal(sha256(kept), sha256(copy));
    });
  }

  test(`bytes that came before anybody listened are read (${title})`, async (t) => {
    const { raw, socket } = await rawPair(t, Wss);
    const { inbox } = read(socket);
    raw.socket.write(maskedFrame(0x02, Buffer.from('ab')));
    raw.socket.write(maskedFrame(0x80, Buffer.from('cd')));
    assert.equal((await inbox.read(4)).toString(), 'abcd');
  });
}

test('pause and resume reach the socket once, whoever asks twice', () => {
  const calls: string[] = [];
  const socket = Object.assign(new EventEmitter(), {
    pause: () => calls.push('pause'),
    resume: () => calls.push('resume'),
  });
  const { flow } = read(socket as unknown as BrowserSocket);
  flow.resume();
  flow.pause();
  flow.pause();
  flow.resume();
  flow.resume();
  assert.deepEqual(calls, ['pause', 'resume']);
});

test('a socket with nothing under it is left alone', () => {
  const { flow } = read(new EventEmitter() as unknown as BrowserSocket);
  flow.pause();
  flow.resume();
  assert.equal(flow.paused, false);
});
