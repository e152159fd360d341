import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { Duplex, duplexPair, Writable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { BrowserIntake, type BrowserSocket } from '../../lib/relay/browser-socket.ts';
import { Intake } from '../../lib/relay/intake.ts';
import { ReadBuffers } from '../../lib/relay/read-buffers.ts';
import { type Filter, Relay, TO_SERVER_LIMIT } from '../../lib/relay/relay.ts';
import { noise, sha256, toHex } from '../helpers/bytes.ts';
import { dialled } from '../helpers/dialled.ts';
import { header, readFrames } from '../helpers/frames.ts';
import { Inbox, turn, until } from '../helpers/inbox.ts';
import { socketPair } from '../helpers/socket-pair.ts';

/** A browser's WebSocket in the test's hands: its socket takes bytes when it is told to. */
class FakeBrowser extends EventEmitter {
  readyState = 1;
  /** Whole frames and control frames, as the wire has them. */
  wire = new Inbox('the relay');
  /** Chunks as they were written, before any copy. */
  chunks: Buffer[] = [];
  readonly _socket: Socket | null;
  sent = 0;
  paused = false;
  /** Which chunks are held back until `release`. */
  holds: (chunk: Buffer) => boolean = () => false;
  #held: (() => void)[] = [];

  constructor(hasSocket = true) {
    super();
    const wire = new Writable({
      highWaterMark: 1,
      write: (chunk: Buffer, _encoding, done) => {
        this.chunks.push(chunk);
        const take = () => {
          this.wire.push(Buffer.from(chunk));
          done();
        };
        if (this.holds(chunk)) this.#held.push(take);
        else take();
      },
    });
    this._socket = hasSocket ? (wire as unknown as Socket) : null;
    this.#wire = wire;
  }

  readonly #wire: Writable;

  get bufferedAmount(): number {
    return this.#wire.writableLength;
  }

  send(data: Uint8Array, options: { binary: boolean }, done: (error?: Error) => void): void {
    assert.deepEqual(options, { binary: true });
    this.sent++;
    const frame = Buffer.concat([header(0x82, data.length), data]);
    this.#wire.write(frame, done as () => void);
  }

  /** What ws writes by itself. */
  pong(): void {
    this.#wire.write(Buffer.from([0x8a, 0x00]));
  }

  /** Takes what was held back, and holds no more. */
  release(): void {
    this.holds = () => false;
    this.releaseOne();
  }

  /** Takes the one chunk that is held back; what waits behind it comes next. */
  releaseOne(): void {
    for (const take of this.#held.splice(0)) take();
  }

  /** Begins anew: what has come so far does not count. */
  forget(): void {
    this.chunks = [];
    this.wire = new Inbox('the relay');
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }

  get asSocket(): BrowserSocket {
    return this as unknown as BrowserSocket;
  }

  /** The payload of the frames that have come so far. */
  get payload(): Buffer {
    return Buffer.concat(readFrames(this.wire.peek()).frames.map(({ payload }) => payload));
  }
}

interface Parts {
  readonly browser?: FakeBrowser;
  readonly greeting?: string;
  readonly early?: Buffer;
  readonly buffers?: ReadBuffers;
  /** The browser is held up already. */
  readonly paused?: boolean;
  readonly filter?: Filter;
}

/** Joins a browser and a server as a session does. */
function join(server: Duplex, intake: Intake | null, parts: Parts) {
  const {
    browser = new FakeBrowser(),
    greeting = '',
    early = Buffer.alloc(0),
    paused = false,
  } = parts;
  const { filter = null } = parts;
  const listener = { onBytes: (bytes: Uint8Array) => relay.write(bytes), onFault() {} };
  const flow = new BrowserIntake(browser.asSocket, listener, 2 ** 20, new ReadBuffers());
  if (paused) flow.pause();
  const said = { byServer: Buffer.from(greeting), byBrowser: early };
  const relay = new Relay(browser.asSocket, flow, server, intake, said, filter);
  if (greeting === '') browser.forget();
  return { browser, relay };
}

/** A relay whose server is a TCP socket that reads into an intake, as `dial` makes it. */
async function relayTcp(t: TestContext, parts: Parts = {}) {
  const { buffers = new ReadBuffers() } = parts;
  const intake = new Intake(buffers);
  const { server, far } = await dialled(t, intake);
  return { ...join(server, intake, parts), far, server, buffers };
}

/** A relay whose server is a stream in memory, as `connect` of a target may open it. */
function relayStream(parts: Parts = {}) {
  const [server, far] = duplexPair();
  return { ...join(server, null, parts), far, server };
}

/** Waits until a number changes no more. */
async function stillness(read: () => number): Promise<void> {
  for (let last = -1; last !== read(); ) {
    last = read();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test('a frame has the shortest header that tells its length', () => {
  const headers: [number, string][] = [
    [1, '82 01'],
    [125, '82 7d'],
    [126, '82 7e 00 7e'],
    [127, '82 7e 00 7f'],
    [2048, '82 7e 08 00'],
  ];
  for (const [length, header] of headers) {
    const intake = new Intake(new ReadBuffers());
    const room = (intake.onread.buffer as () => Uint8Array)();
    room.set(noise(length));
    const frame = intake.frame(length);
    assert.equal(toHex(frame.subarray(0, frame.length - length)), header);
    assert.deepEqual(frame.subarray(-length), noise(length));
    assert.deepEqual(intake.bytes(length), noise(length));
  }
});

test('frames of all three header sizes arrive as they were read', async (t) => {
  const { browser, far, relay } = await relayTcp(t);
  const bytes = noise(3_000_000);
  let at = 0;
  for (const size of [1, 125, 126, 2_000, 65_535, 65_536, 300_000, 1_500_000]) {
    far.write(bytes.subarray(at, at + size));
    at += size;
    await until(() => relay.toBrowser === at, `${at} bytes`);
  }
  const { frames, rest } = readFrames(browser.wire.peek());
  assert.equal(rest.length, 0);
  assert.ok(frames.every(({ first }) => first === 0x82));
  assert.ok(frames.some(({ payload }) => payload.length < 126));
  assert.ok(frames.some(({ payload }) => payload.length >= 126 && payload.length < 65_536));
  assert.ok(
    frames.some(({ payload }) => payload.length >= 65_536),
    'a frame with a long header',
  );
  assert.equal(sha256(browser.payload), sha256(bytes.subarray(0, at)));
});

test('one buffer serves read after read while its size fits', async (t) => {
  const { browser, far } = await relayTcp(t);
  far.write(noise(30_000));
  await until(() => browser.payload.length === 30_000, 'a buffer that has grown');
  const used = new Set<ArrayBufferLike>();
  for (let times = 1; times <= 20; times++) {
    far.write(noise(3_000));
    await until(() => browser.payload.length === 30_000 + times * 3_000, 'the bytes');
    used.add(browser.chunks.at(-1)!.buffer);
  }
  assert.ok(used.size <= 2, `${used.size} buffers for 20 reads`);
});

test('reads grow while they fill the buffer, up to a megabyte, and shrink again', async (t) => {
  const { browser, far } = await relayTcp(t);
  const size = 24 * 1024 * 1024;
  far.write(Buffer.alloc(size));
  let largest = 0;
  await until(() => browser.wire.length >= size, 'all bytes');
  for (const chunk of browser.chunks) largest = Math.max(largest, chunk.length);
  assert.ok(largest > 256 * 1024, `largest frame: ${largest}`);
  assert.ok(largest <= 1024 * 1024 + 10);
  const before = browser.chunks.length;
  for (let times = 0; times < 2_000; times++) {
    far.write('x');
    await until(() => browser.chunks.length > before + times, 'a byte');
  }
  const last = browser.chunks.at(-1)!;
  // A session's own buffer is larger by the room for a header than Node's pool can be.
  assert.ok(last.buffer.byteLength <= 64 * 1024, `idle: ${last.buffer.byteLength} bytes`);
});

test('idle sessions read into one scratch, and none sees the bytes of another', async (t) => {
  const buffers = new ReadBuffers();
  const first = await relayTcp(t, { buffers });
  const held = first.browser;
  held.holds = () => true;
  const second = await relayTcp(t, { buffers });
  first.far.write('first');
  await until(() => held.chunks.length > 0, 'a frame that is held back');
  second.far.write('other');
  await until(() => second.browser.payload.length === 5, 'the bytes of the second');
  held.release();
  assert.equal(held.payload.toString(), 'first');
  assert.equal(second.browser.payload.toString(), 'other');
});

for (const open of [relayTcp, async (_t: TestContext, parts?: Parts) => relayStream(parts)]) {
  const way = open === relayTcp ? 'a socket' : 'a stream';

  test(`${way} says greeting first, then what comes; and so does what was said early to the server`, async (t) => {
    const early = Buffer.from('one two ');
    const { browser, far, relay } = await open(t, { greeting: 'RFB 003.008\n', early });
    browser.emit('message', Buffer.from('three'), true);
    far.write('more');
    const inbox = new Inbox('the relay');
    far.on('data', (bytes) => inbox.push(bytes));
    assert.equal((await inbox.read(13)).toString(), 'one two three');
    await until(() => browser.payload.length === 16, 'the bytes of the server');
    assert.equal(browser.payload.toString(), 'RFB 003.008\nmore');
    assert.equal(relay.toServer, 13);
    assert.equal(relay.toBrowser, 16);
  });

  test(`${way} is not read while the browser has not taken the last bytes`, async (t) => {
    const { browser, far, relay } = await open(t);
    browser.holds = () => true;
    const bytes = noise(20 * 1024 * 1024);
    for (let at = 0; at < bytes.length; at += 60_000) far.write(bytes.subarray(at, at + 60_000));
    await until(() => relay.stalledSince > 0, 'a stall');
    const held = relay.toBrowser;
    for (let turns = 0; turns < 50; turns++) await turn();
    assert.equal(relay.toBrowser, held);
    assert.ok(browser.bufferedAmount <= 1024 * 1024 + 10, 'one buffer at most');
    browser.release();
    await until(() => relay.toBrowser === bytes.length, 'all bytes');
    await until(() => relay.stalledSince === 0, 'the end of the stall');
    assert.equal(sha256(browser.payload), sha256(bytes));
  });

  test(`${way} goes on when its bytes are taken, though a pong still waits`, async (t) => {
    const { browser, far, relay } = await open(t);
    browser.holds = () => true;
    far.write('abc');
    await until(() => browser.chunks.length > 0, 'a frame');
    browser.pong();
    browser.releaseOne(); // the frame, and not the pong behind it
    far.write('def');
    await until(() => relay.toBrowser === 6, 'what follows');
    browser.release();
    await until(() => browser.payload.length === 6, 'all bytes');
  });

  test(`the browser is held up while ${way} does not take its bytes, and let go after`, async (t) => {
    const { browser, far } = await open(t);
    let sent = 0;
    while (!browser.paused) {
      browser.emit('message', Buffer.alloc(30_000, sent & 0xff), true);
      sent += 30_000;
      await turn();
      assert.ok(sent < 100 * 1024 * 1024, 'the browser is never held up');
    }
    const inbox = new Inbox('the relay');
    far.on('data', (bytes) => inbox.push(bytes));
    await inbox.read(sent);
    await until(() => !browser.paused, 'the browser to be let go');
  });

  test(`more early messages than fit hold the browser up until ${way} has taken them`, async (t) => {
    const early = Buffer.alloc(TO_SERVER_LIMIT * 200);
    const { far, browser } = await open(t, { early, paused: true });
    assert.equal(browser.paused, true);
    const inbox = new Inbox('the relay');
    far.on('data', (bytes) => inbox.push(bytes));
    await inbox.read(TO_SERVER_LIMIT * 200);
    await until(() => !browser.paused, 'the browser to be let go');
  });

  test(`few early messages let a browser go that was held up, toward ${way}`, async (t) => {
    const { browser } = await open(t, { early: Buffer.from('a'), paused: true });
    assert.equal(browser.paused, false);
  });

  test(`after stop nothing passes either way of ${way}, and what comes is read and dropped`, async (t) => {
    const { browser, far, relay } = await open(t);
    const inbox = new Inbox('the relay');
    far.on('data', (bytes) => inbox.push(bytes));
    relay.stop();
    browser.emit('message', Buffer.from('late'), true);
    const bytes = Buffer.alloc(4 * 1024 * 1024);
    await new Promise<void>((resolve) => far.write(bytes, () => resolve()));
    assert.equal(browser.payload.length, 0);
    assert.equal(inbox.length, 0);
    assert.deepEqual([relay.toBrowser, relay.toServer], [0, 0]);
  });

  test(`nothing of ${way} is written to a browser that is closing`, async (t) => {
    const { browser, far, relay } = await open(t);
    browser.readyState = 2;
    await new Promise<void>((resolve) => far.write('late', () => resolve()));
    for (let turns = 0; turns < 10; turns++) await turn();
    assert.equal(browser.chunks.length, 0);
    assert.equal(relay.toBrowser, 0);
  });
}

test('a browser without a socket is served by send', async (t) => {
  const browser = new FakeBrowser(false);
  const { far } = await relayTcp(t, { browser });
  far.write('abc');
  await until(() => browser.payload.length === 3, 'the bytes');
  assert.ok(browser.sent > 0);
});

test('what a server is told behind bytes that were lent holds no browser up for ever', async (t) => {
  const { browser, socket } = await socketPair(t);
  const taken: (() => void)[] = [];
  const { server } = await dialled(t, new Intake(new ReadBuffers()));
  server._write = (_chunk, _encoding, take) => taken.push(take);
  const listener = { onBytes: (bytes: Uint8Array) => relay.write(bytes), onFault() {} };
  const flow = new BrowserIntake(socket, listener, 2 ** 20, new ReadBuffers());
  const nothing = Buffer.alloc(0);
  const relay = new Relay(socket, flow, server, null, { byServer: nothing, byBrowser: nothing });
  browser.send(noise(10_000));
  await until(() => relay.received === 10_000, 'the bytes');
  assert.equal(flow.paused, true);
  relay.tellServer(Buffer.from('of the relay'));
  while (taken.length > 0) {
    taken.shift()!();
    await turn();
  }
  assert.equal(flow.paused, false);
});

test('bytes of the filter keep their place though ws takes its time to compress them', async (t) => {
  const { browser, socket } = await socketPair(t, undefined, { perMessageDeflate: true });
  const intake = new Intake(new ReadBuffers());
  const { server, far } = await dialled(t, intake);
  const flow = new BrowserIntake(
    socket,
    { onBytes() {}, onFault() {} },
    2 ** 20,
    new ReadBuffers(),
  );
  const nothing = Buffer.alloc(0);
  const own = noise(2_000_000);
  const filter = withoutCapitals();
  filter.toBrowser = (bytes) => {
    if (bytes.toString() !== 'first') return bytes;
    far.write('second');
    return own;
  };
  new Relay(socket, flow, server, intake, { byServer: nothing, byBrowser: nothing }, filter);
  far.write('first');
  const all = await browser.read(own.length + 6);
  assert.equal(all.subarray(-6).toString(), 'second');
});

test('a stream that is done with bytes before it has passed them on finds them as they were', async (t) => {
  const { browser, socket } = await socketPair(t);
  const chunks: Buffer[] = [];
  const server = new Duplex({
    read() {},
    write(chunk, _encoding, done) {
      chunks.push(chunk);
      setImmediate(done);
    },
  });
  const listener = { onBytes: (bytes: Uint8Array) => relay.write(bytes), onFault() {} };
  const flow = new BrowserIntake(socket, listener, 2 ** 20, new ReadBuffers());
  const nothing = Buffer.alloc(0);
  const relay = new Relay(socket, flow, server, null, { byServer: nothing, byBrowser: nothing });
  const bytes = noise(1_000_000);
  for (let at = 0; at < bytes.length; at += 50_000) browser.send(bytes.subarray(at, at + 50_000));
  await until(() => relay.received === bytes.length && server.writableLength === 0, 'all bytes');
  assert.equal(sha256(Buffer.concat(chunks)), sha256(bytes));
});

test('a stream that counts chunks holds the browser up after a few of them', () => {
  const server = new Duplex({ read() {}, write() {}, writableObjectMode: true });
  const { browser } = join(server, null, {});
  for (let times = 0; times <= server.writableHighWaterMark; times++) {
    assert.equal(browser.paused, false);
    browser.emit('message', Buffer.alloc(1), true);
  }
  assert.equal(browser.paused, true);
});

test('nothing is written to a server that has ended', async (t) => {
  const { relay, server, far } = await relayTcp(t);
  far.resume();
  await new Promise<void>((resolve) => server.end(resolve));
  relay.write(Buffer.from('late'));
  assert.equal(relay.toServer, 0);
});

test('a borrowed buffer whose frame is on its way is not lent again after stop, nor read into', async (t) => {
  const buffers = new ReadBuffers();
  const { far, relay, browser } = await relayTcp(t, { buffers });
  const isLong = ({ length }: Buffer) => length > 128 * 1024;
  browser.holds = isLong;
  while (!browser.chunks.some(isLong)) {
    far.write(noise(1024 * 1024, browser.chunks.length));
    await turn();
  }
  const onItsWay = browser.chunks.at(-1)!;
  const written = sha256(onItsWay);
  const giveBack = t.mock.method(buffers, 'giveBack');
  relay.stop();
  far.write(noise(4 * 1024 * 1024));
  await stillness(() => far.writableLength);
  const given = giveBack.mock.calls.map(({ arguments: [buffer] }) => buffer.buffer);
  assert.ok(!given.includes(onItsWay.buffer as ArrayBuffer), 'given back while it is on its way');
  assert.equal(sha256(onItsWay), written, 'read into while it is on its way');
  browser.release();
  await until(() => far.writableLength === 0, 'the server to be read on');
});

test('a borrowed buffer that is done with is lent again', async (t) => {
  const buffers = new ReadBuffers();
  const { far, browser } = await relayTcp(t, { buffers });
  far.write(Buffer.alloc(24 * 1024 * 1024));
  await until(() => browser.wire.length >= 24 * 1024 * 1024, 'all bytes');
  far.write('a little more');
  await until(() => browser.wire.peek().includes('a little more'), 'the rest');
  const borrowed = browser.chunks.find(({ buffer }) => buffer.byteLength > 1024 * 1024)!;
  assert.equal(buffers.borrow(1024 * 1024).buffer, borrowed.buffer);
});

/** Takes every capital out: in the chunk itself, or into a buffer of its own. */
function withoutCapitals(mayCopy: () => boolean = () => false): Filter & { seen: number } {
  const filter = (bytes: Buffer): Buffer => {
    all.seen += bytes.length;
    let kept = 0;
    for (const byte of bytes) {
      if (byte >= 0x41 && byte <= 0x5a) continue;
      bytes[kept++] = byte;
    }
    return mayCopy() ? Buffer.from(bytes.subarray(0, kept)) : bytes.subarray(0, kept);
  };
  const all = { seen: 0, toServer: filter, toBrowser: filter };
  return all;
}

/** What such a filter leaves of some bytes. */
function lower(bytes: Buffer): Buffer {
  return bytes.filter((byte) => byte < 0x41 || byte > 0x5a) as Buffer;
}

for (const open of [relayTcp, async (_t: TestContext, parts?: Parts) => relayStream(parts)]) {
  const way = open === relayTcp ? 'a socket' : 'a stream';

  test(`what a filter leaves of the bytes of ${way} goes on, either way, and is counted`, async (t) => {
    let copies = 0;
    const filter = withoutCapitals(() => copies++ % 3 === 0);
    const { browser, far, relay } = await open(t, { filter });
    const inbox = new Inbox('the relay');
    far.on('data', (bytes) => inbox.push(bytes));
    const sent: Buffer[] = [];
    const seen = () => Buffer.concat(sent).length;
    for (const size of [1, 5, 125, 126, 300, 2_048, 5_000, 65_536, 70_000, 300_000]) {
      const bytes = noise(size, size);
      sent.push(bytes); // a stream in memory hands on this very buffer, which is to stay as it is
      far.write(bytes);
      await until(() => filter.seen === seen(), `${size} bytes`);
    }
    const expected = lower(Buffer.concat(sent));
    await until(() => browser.payload.length === expected.length, 'what is left');
    assert.equal(sha256(browser.payload), sha256(expected));
    assert.equal(relay.toBrowser, expected.length);
    for (const text of ['abC', 'ABC', 'dEf']) browser.emit('message', Buffer.from(text), true);
    assert.equal((await inbox.read(4)).toString(), 'abdf');
    assert.deepEqual([relay.toServer, relay.received], [4, 9]);
  });

  test(`${way} is read on when nothing of its bytes is left, though others' bytes wait for the browser`, async (t) => {
    const { browser, far, relay } = await open(t, { filter: withoutCapitals() });
    browser.holds = () => true;
    browser.pong();
    far.write('NOTHINGOFTHIS');
    far.write('ABC');
    await turn();
    await turn();
    assert.equal(relay.stalledSince, 0);
    browser.release();
    far.write('abc');
    await until(() => browser.payload.length === 3, 'what comes next');
  });

  test(`bytes of ${way} that are left out change no frame that is on its way`, async (t) => {
    const filter = withoutCapitals();
    const { browser, far, relay } = await open(t, { filter });
    far.write(noise(30_000));
    await until(() => filter.seen === 30_000, 'a buffer that has grown');
    await until(() => browser.payload.length === relay.toBrowser, 'all of it');
    browser.forget();
    browser.holds = () => true;
    const bytes = noise(4 * 1024 * 1024, 2);
    const before = relay.toBrowser;
    far.write(bytes);
    await until(() => relay.stalledSince > 0, 'a stall');
    for (let turns = 0; turns < 50; turns++) await turn();
    browser.holds = (chunk) => chunk.length % 2 === 0; // some wait, others do not
    browser.releaseOne();
    const expected = lower(bytes);
    await until(() => {
      browser.releaseOne();
      return relay.toBrowser - before === expected.length;
    }, 'all bytes');
    browser.release();
    await until(() => browser.payload.length === expected.length, 'all frames');
    assert.equal(sha256(browser.payload), sha256(expected));
  });

  test(`a flood that a filter drops holds nothing up toward ${way}`, async (t) => {
    const { browser, relay, server } = await open(t, { filter: withoutCapitals() });
    for (let times = 0; times < 1_000; times++) {
      browser.emit('message', Buffer.alloc(10_000, 'A'), true);
    }
    assert.equal(browser.paused, false);
    assert.equal(server.writableLength, 0);
    assert.deepEqual([relay.toServer, relay.received], [0, 10_000_000]);
  });

  test(`a paste of 8 MB toward ${way}, which is slow, holds up the browser and not the picture`, async (t) => {
    const { browser, far, relay, server } = await open(t, { filter: withoutCapitals() });
    let sent = 0;
    for (let turns = 0; sent < 8_000_000 && !browser.paused; turns++) {
      browser.emit('message', Buffer.alloc(50_000, 'a'), true);
      sent += 50_000;
      if (turns % 8 === 0) await turn();
    }
    assert.ok(server.writableLength <= 64 * 1024 + 50_000 + 64 * 1024, `${server.writableLength}`);
    far.write('picture');
    await until(() => browser.payload.length === 7, 'the picture');
    assert.equal(relay.stalledSince, 0);
    far.resume();
    await until(() => !browser.paused && server.writableLength === 0, 'the paste to be taken');
  });

  test(`a filter that ends it all at ${way} is asked no more`, async (t) => {
    const filter = withoutCapitals();
    const { browser, far, relay } = await open(t, { filter });
    filter.toBrowser = () => {
      relay.stop();
      browser.readyState = 2;
      browser.pong(); // a close frame, as far as it matters
      return Buffer.alloc(0);
    };
    browser.holds = () => true;
    far.write('abc');
    await until(() => browser.readyState === 2, 'the end');
    await new Promise<void>((resolve) => far.write(noise(100_000), () => resolve()));
    relay.tellServer(Buffer.from('late'));
    browser.emit('message', Buffer.from('late'), true);
    assert.deepEqual([relay.toBrowser, relay.toServer, relay.stalledSince], [0, 0, 0]);
  });
}
