import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noise, sha256 } from '../helpers/bytes.ts';
import { maskedFrame } from '../helpers/frames.ts';
import { onEveryHost, openConsoles, relayPath } from '../helpers/hosts.ts';
import { turn } from '../helpers/inbox.ts';
import { BANNER, echo, VncTarget } from '../helpers/vnc-target.ts';

const MEGABYTE = 1024 * 1024;

onEveryHost((kind) => {
  test('the browser reads the greeting, and what it writes reaches the server', async (t) => {
    const target = await VncTarget.open(t);
    const { host } = await openConsoles(t, kind);
    const browser = host.browse(t, relayPath(target.name));
    assert.deepEqual(await browser.read(12), BANNER);
    browser.send(BANNER);
    const server = await target.next();
    assert.deepEqual(await server.read(12), BANNER);
  });

  test('megabytes from the server arrive unchanged', async (t) => {
    const bytes = noise(6 * MEGABYTE + 7);
    const target = await VncTarget.open(t, { script: ({ socket }) => void socket.write(bytes) });
    const { host } = await openConsoles(t, kind);
    const browser = host.browse(t, relayPath(target.name));
    await browser.read(12);
    assert.equal(sha256(await browser.read(bytes.length)), sha256(bytes));
  });

  test('megabytes from the browser arrive unchanged', async (t) => {
    const bytes = noise(5 * MEGABYTE + 3);
    const target = await VncTarget.open(t);
    const { host } = await openConsoles(t, kind);
    const browser = host.browse(t, relayPath(target.name));
    await browser.read(12);
    for (let at = 0; at < bytes.length; at += 300_001)
      browser.send(bytes.subarray(at, at + 300_001));
    const server = await target.next();
    assert.equal(sha256(await server.read(bytes.length)), sha256(bytes));
  });

  test('megabytes go both ways at once, with pings between them', async (t) => {
    const bytes = noise(4 * MEGABYTE);
    const target = await VncTarget.open(t, { script: echo });
    const { host } = await openConsoles(t, kind);
    const browser = host.browse(t, relayPath(target.name));
    await browser.read(12);
    for (let at = 0; at < bytes.length; at += 50_000) {
      browser.send(bytes.subarray(at, at + 50_000));
      browser.socket.ping('are you there');
      if (at % 500_000 === 0) await turn();
    }
    assert.equal(sha256(await browser.read(bytes.length)), sha256(bytes));
  });

  test('pings of the browser do not stop a transfer', async (t) => {
    const bytes = noise(4 * MEGABYTE);
    const target = await VncTarget.open(t);
    const { host } = await openConsoles(t, kind);
    const browser = host.browse(t, relayPath(target.name));
    await browser.read(12);
    const { socket } = await target.next();
    socket.write(bytes);
    for (let pings = 0; pings < 150; pings++) {
      browser.socket.ping();
      await turn();
    }
    assert.equal(sha256(await browser.read(bytes.length)), sha256(bytes));
  });

  test('single bytes arrive in order, both ways', async (t) => {
    const target = await VncTarget.open(t, { script: echo });
    const { host } = await openConsoles(t, kind);
    const browser = host.browse(t, relayPath(target.name));
    await browser.read(12);
    const bytes = noise(300);
    for (const byte of bytes) {
      browser.send(Uint8Array.of(byte));
      if (byte < 32) await turn();
    }
    assert.deepEqual(await browser.read(bytes.length), bytes);
  });

  test('a server that writes byte by byte is relayed byte for byte', async (t) => {
    const bytes = noise(200);
    const target = await VncTarget.open(t, { greeting: null });
    const { host } = await openConsoles(t, kind);
    const browser = host.browse(t, relayPath(target.name));
    const server = await target.next();
    for (const byte of Buffer.concat([BANNER, bytes])) {
      server.socket.write(Uint8Array.of(byte));
      await turn();
    }
    assert.deepEqual(await browser.read(12 + bytes.length), Buffer.concat([BANNER, bytes]));
  });

  test('sizes around the borders of a frame header arrive unchanged', async (t) => {
    const target = await VncTarget.open(t);
    const { host } = await openConsoles(t, kind);
    const browser = host.browse(t, relayPath(target.name));
    await browser.read(12);
    const server = await target.next();
    for (const size of [1, 125, 126, 127, 2047, 2048, 2049, 4096, 65535, 65536, 65537, 200_000]) {
      const bytes = noise(size, size);
      server.socket.write(bytes);
      assert.equal(sha256(await browser.read(size)), sha256(bytes), `${size} bytes down`);
      browser.send(bytes);
      assert.equal(sha256(await server.read(size)), sha256(bytes), `${size} bytes up`);
    }
  });

  test('a message in fragments, and an empty one, pass as the bytes they hold', async (t) => {
    const target = await VncTarget.open(t);
    const { host } = await openConsoles(t, kind);
    const raw = await host.raw(t);
    raw.handshake(relayPath(target.name));
    assert.match(await raw.head(), /^HTTP\/1\.1 101 /);
    await raw.frames(1);
    raw.socket.write(maskedFrame(0x02, Buffer.from('ab')));
    raw.socket.write(maskedFrame(0x00, Buffer.from('cd')));
    raw.socket.write(maskedFrame(0x80, Buffer.from('ef')));
    raw.socket.write(maskedFrame(0x82));
    raw.socket.write(maskedFrame(0x82, Buffer.from('gh')));
    const server = await target.next();
    assert.equal((await server.read(8)).toString(), 'abcdefgh');
  });

  test('every frame to the browser is one whole binary message, unmasked', async (t) => {
    const target = await VncTarget.open(t);
    const { host } = await openConsoles(t, kind);
    const raw = await host.raw(t);
    raw.handshake(relayPath(target.name));
    await raw.head();
    const server = await target.next();
    const [greeting] = await raw.frames(1);
    assert.deepEqual(greeting, { first: 0x82, payload: BANNER, length: 14 });
    server.socket.write(noise(130));
    const [frame] = await raw.frames(1);
    assert.deepEqual(frame, { first: 0x82, payload: noise(130), length: 134 });
  });

  test('a browser that stops reading holds the server up, and gets all when it goes on', async (t) => {
    const bytes = noise(16 * MEGABYTE);
    const target = await VncTarget.open(t, { script: ({ socket }) => void socket.write(bytes) });
    const { host } = await openConsoles(t, kind);
    const browser = host.browse(t, relayPath(target.name));
    await browser.read(12);
    browser.socket.pause();
    const server = await target.next();
    let written = -1;
    // Held up: what the kernel has taken of the server no longer grows.
    while (written !== server.socket.bytesWritten - server.socket.writableLength) {
      written = server.socket.bytesWritten - server.socket.writableLength;
      for (let turns = 0; turns < 50; turns++) await turn();
    }
    assert.ok(server.socket.writableLength > 0, 'the server is held up');
    browser.socket.resume();
    assert.equal(sha256(await browser.read(bytes.length)), sha256(bytes));
  });

  test('a server that stops reading holds the browser up, and gets all when it goes on', async (t) => {
    const bytes = noise(16 * MEGABYTE);
    const target = await VncTarget.open(t, { script: ({ socket }) => void socket.pause() });
    const { host } = await openConsoles(t, kind);
    const browser = host.browse(t, relayPath(target.name));
    await browser.read(12);
    for (let at = 0; at < bytes.length; at += MEGABYTE)
      browser.send(bytes.subarray(at, at + MEGABYTE));
    let waiting = -1;
    while (waiting !== browser.socket.bufferedAmount) {
      waiting = browser.socket.bufferedAmount;
      for (let turns = 0; turns < 50; turns++) await turn();
    }
    assert.ok(waiting > 0, 'the browser is held up');
    const server = await target.next();
    server.socket.resume();
    assert.equal(sha256(await server.read(bytes.length)), sha256(bytes));
  });

  test('the handshake takes the subprotocol binary, and no other, and no compression', async (t) => {
    const target = await VncTarget.open(t);
    const { host } = await openConsoles(t, kind);
    const binary = host.browse(t, relayPath(target.name), { protocols: ['base64', 'binary'] });
    await binary.opened();
    assert.equal(binary.socket.protocol, 'binary');
    assert.equal(binary.socket.extensions, '');
    const raw = await host.raw(t);
    raw.handshake(relayPath(target.name), { 'Sec-WebSocket-Protocol': 'base64' });
    const head = await raw.head();
    assert.match(head, /^HTTP\/1\.1 101 /);
    assert.doesNotMatch(head, /sec-websocket-(protocol|extensions)/i);
  });

  test('what the browser says before the greeting reaches the server after it, in order', async (t) => {
    const target = await VncTarget.open(t, { greeting: null });
    const { host } = await openConsoles(t, kind);
    const browser = host.browse(t, relayPath(target.name));
    await browser.opened();
    const server = await target.next();
    const bytes = noise(300_000);
    for (let at = 0; at < bytes.length; at += 10_000) browser.send(bytes.subarray(at, at + 10_000));
    browser.socket.ping();
    for (let turns = 0; turns < 20; turns++) await turn();
    assert.equal(server.inbox.length, 0, 'nothing is said to what has not greeted');
    server.socket.write(BANNER);
    await browser.read(12);
    assert.equal(sha256(await server.read(bytes.length)), sha256(bytes));
  });
});
