import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ENDS } from '../../lib/errors.ts';
import type { ConsoleErrorCode, Options, SessionEnd } from '../../lib/index.ts';
import { noise, sha256 } from '../helpers/bytes.ts';
import { maskedFrame } from '../helpers/frames.ts';
import { type HostKind, onEveryHost, openConsoles, relayPath } from '../helpers/hosts.ts';
import { Queue, turn } from '../helpers/inbox.ts';
import { BANNER, deadPort, VncTarget } from '../helpers/vnc-target.ts';

const MEGABYTE = 1024 * 1024;

/** What the close frame of an end says. */
function farewell(code: ConsoleErrorCode) {
  const { closeCode, words } = ENDS[code];
  return { code: closeCode, reason: words };
}

/** Consoles that report how each session ended. */
async function openReporting(
  t: Parameters<typeof openConsoles>[0],
  kind: HostKind,
  options: Options = {},
) {
  const ends = new Queue<SessionEnd>('the close event of a session');
  const { host } = await openConsoles(t, kind, {
    ...options,
    timeouts: { stall: 2_000 }, // the clock of all sessions then ticks twice a second
    on: { close: (_session, end) => ends.push(end) },
  });
  return { host, ends };
}

onEveryHost((kind) => {
  test('what the server sent before its FIN arrives before the close frame', async (t) => {
    const bytes = noise(4 * MEGABYTE + 1);
    const target = await VncTarget.open(t, { script: ({ socket }) => void socket.end(bytes) });
    const { host, ends } = await openReporting(t, kind);
    const browser = host.browse(t, relayPath(target.name));
    await browser.opened();
    browser.socket.pause();
    await (await target.next()).gone(50).catch(() => {});
    browser.socket.resume();
    assert.equal(sha256((await browser.read(12 + bytes.length)).subarray(12)), sha256(bytes));
    assert.deepEqual(await browser.closed(), farewell('SERVER_CLOSED'));
    const end = await ends.next();
    assert.equal(end.error.code, 'SERVER_CLOSED');
    assert.equal(end.toBrowser, 12 + bytes.length);
  });

  test('what the browser sent before its close frame is flushed to the server', async (t) => {
    const bytes = noise(2 * MEGABYTE);
    const target = await VncTarget.open(t, { script: ({ socket }) => void socket.pause() });
    const { host, ends } = await openReporting(t, kind);
    const browser = host.browse(t, relayPath(target.name));
    await browser.read(12);
    for (let at = 0; at < bytes.length; at += 60_000) browser.send(bytes.subarray(at, at + 60_000));
    browser.socket.close(1000);
    const server = await target.next();
    for (let turns = 0; turns < 20; turns++) await turn();
    server.socket.resume();
    assert.equal(sha256(await server.read(bytes.length)), sha256(bytes));
    assert.equal(await server.gone(), 'end');
    assert.deepEqual((await browser.closed()).code, 1000);
    const end = await ends.next();
    assert.equal(end.error.code, 'BROWSER_CLOSED');
    assert.equal(end.toServer, bytes.length);
  });

  test('a FIN of the server with no word but the greeting ends with 1000', async (t) => {
    const target = await VncTarget.open(t, { script: ({ socket }) => void socket.end() });
    const { host } = await openReporting(t, kind);
    const browser = host.browse(t, relayPath(target.name));
    assert.deepEqual(await browser.read(12), BANNER);
    assert.deepEqual(await browser.closed(), farewell('SERVER_CLOSED'));
    assert.equal(await (await target.next()).gone(), 'end');
  });

  test('a reset by the server reaches the browser within a second', async (t) => {
    const target = await VncTarget.open(t);
    const { host, ends } = await openReporting(t, kind);
    const browser = host.browse(t, relayPath(target.name));
    await browser.read(12);
    (await target.next()).socket.resetAndDestroy();
    assert.deepEqual(await browser.closed(1_000), farewell('SERVER_LOST'));
    assert.equal((await ends.next()).error.code, 'SERVER_LOST');
  });

  test('a reset by the browser reaches the server within a second', async (t) => {
    const target = await VncTarget.open(t);
    const { host, ends } = await openReporting(t, kind);
    const raw = await host.raw(t);
    raw.handshake(relayPath(target.name));
    await raw.head();
    await raw.frames(1);
    raw.reset();
    await (await target.next()).gone(1_000);
    assert.equal((await ends.next()).error.code, 'BROWSER_GONE');
  });

  test('a FIN of the browser without a close frame reaches the server within a second', async (t) => {
    const target = await VncTarget.open(t);
    const { host, ends } = await openReporting(t, kind);
    const raw = await host.raw(t);
    raw.handshake(relayPath(target.name));
    await raw.head();
    await raw.frames(1);
    raw.socket.end();
    await (await target.next()).gone(1_000);
    await raw.closed(1_000);
    assert.equal((await ends.next()).error.code, 'BROWSER_GONE');
  });

  test('a browser that leaves in mid-transfer takes the server with it', async (t) => {
    const target = await VncTarget.open(t, {
      script: ({ socket }) => void socket.write(noise(12 * MEGABYTE)),
    });
    const { host, ends } = await openReporting(t, kind);
    const browser = host.browse(t, relayPath(target.name));
    await browser.read(MEGABYTE);
    browser.socket.pause();
    browser.socket.terminate();
    await (await target.next()).gone(1_000);
    assert.equal((await ends.next()).error.code, 'BROWSER_GONE');
  });

  test('a browser that leaves before the greeting takes the server with it', async (t) => {
    const target = await VncTarget.open(t, { greeting: null });
    const { host, ends } = await openReporting(t, kind);
    const browser = host.browse(t, relayPath(target.name));
    await browser.opened();
    const server = await target.next();
    browser.socket.close();
    await server.gone();
    assert.equal((await ends.next()).error.code, 'BROWSER_CLOSED');
  });

  test('a browser that does not answer the close frame is let go of', async (t) => {
    const target = await VncTarget.open(t, { script: ({ socket }) => void socket.end() });
    const { host } = await openReporting(t, kind);
    const raw = await host.raw(t);
    raw.handshake(relayPath(target.name));
    await raw.head();
    const [, close] = await raw.frames(2);
    assert.equal(close?.first, 0x88);
    assert.equal(close?.payload.readUInt16BE(0), 1000);
    await raw.closed(1_000);
  });

  test('a server that does not answer a FIN is let go of', async (t) => {
    const target = await VncTarget.open(t);
    const { host } = await openReporting(t, kind);
    const browser = host.browse(t, relayPath(target.name));
    await browser.read(12);
    const server = await target.next();
    browser.socket.close();
    assert.equal(await server.gone(), 'end');
    const ours = new Promise((resolve) => server.socket.on('error', resolve));
    // It is still half open here: writing on meets a socket that is gone.
    const timer = setInterval(() => server.socket.write('more'), 20);
    t.after(() => clearInterval(timer));
    await ours;
  });

  test('a refused connection ends with 4502', async (t) => {
    const { host, ends } = await openReporting(t, kind);
    const browser = host.browse(t, relayPath(`127.0.0.1:${await deadPort()}`));
    assert.deepEqual(await browser.closed(), farewell('CONNECT_REFUSED'));
    const { error, toBrowser, toServer } = await ends.next();
    assert.match(error.message, /ECONNREFUSED/);
    assert.deepEqual([toBrowser, toServer], [0, 0]);
  });

  for (const words of [
    'SSH-2.0-OpenSSH_9.2\r\n',
    'HTTP/1.1 400 Bad Request\r\n\r\n',
    'rfb 003.008\n',
    'RFB 003.008\r',
    'RFB 3.8\nxxxx',
    '\x15\x03\x01\x00\x02\x02\x50',
    'R\x00',
  ]) {
    test(`${JSON.stringify(words)} is not VNC, and no byte of the browser is said to it`, async (t) => {
      const target = await VncTarget.open(t, { greeting: Buffer.from(words, 'latin1') });
      const { host, ends } = await openReporting(t, kind);
      const browser = host.browse(t, relayPath(target.name));
      await browser.opened();
      browser.send(BANNER);
      assert.deepEqual(await browser.closed(), farewell('NOT_VNC'));
      assert.equal((await ends.next()).toBrowser, 0);
      const server = await target.next();
      await server.gone();
      assert.equal(server.inbox.length, 0);
    });
  }

  for (const part of ['', 'R', 'RFB 003.008']) {
    test(`a server that hangs up after ${JSON.stringify(part)} is lost`, async (t) => {
      const script = ({ socket }: { socket: import('node:net').Socket }) => void socket.end();
      const target = await VncTarget.open(t, { greeting: Buffer.from(part), script });
      const { host } = await openReporting(t, kind);
      const browser = host.browse(t, relayPath(target.name));
      assert.deepEqual(await browser.closed(), farewell('SERVER_LOST'));
    });
  }

  test('a reset before the greeting is a lost server', async (t) => {
    const target = await VncTarget.open(t, { greeting: null });
    const { host } = await openReporting(t, kind);
    const browser = host.browse(t, relayPath(target.name));
    await browser.opened();
    const { socket } = await target.next();
    socket.write('RFB ');
    for (let turns = 0; turns < 20; turns++) await turn();
    socket.resetAndDestroy();
    assert.deepEqual(await browser.closed(), farewell('SERVER_LOST'));
  });

  test('a text message ends with 1003, after the greeting and before it', async (t) => {
    for (const greeting of [BANNER, null]) {
      const target = await VncTarget.open(t, { greeting });
      const { host, ends } = await openReporting(t, kind);
      const browser = host.browse(t, relayPath(target.name));
      await browser.opened();
      const server = await target.next();
      if (greeting) await browser.read(12);
      browser.socket.send('hello');
      assert.deepEqual(await browser.closed(), farewell('TEXT_FRAME'));
      assert.equal((await ends.next()).error.code, 'TEXT_FRAME');
      await server.gone(1_000);
      assert.equal(server.inbox.length, 0);
    }
  });

  test('a message above limits.maxPayload ends with 1009', async (t) => {
    const target = await VncTarget.open(t);
    const { host, ends } = await openReporting(t, kind, { limits: { maxPayload: 1000 } });
    const browser = host.browse(t, relayPath(target.name));
    await browser.read(12);
    const server = await target.next();
    browser.send(noise(1000));
    assert.deepEqual(await server.read(1000), noise(1000));
    browser.send(noise(1001));
    assert.equal((await browser.closed()).code, 1009);
    assert.equal((await ends.next()).error.code, 'MESSAGE_TOO_LARGE');
    await server.gone(1_000);
    assert.equal(server.inbox.length, 0);
  });

  const unmasked = Buffer.from([0x82, 1, 0]);
  const wrongFrames: [string, Buffer, number][] = [
    ['an unmasked frame', unmasked, 1002],
    ['a reserved bit', maskedFrame(0xc2, Buffer.from('a')), 1002],
    ['an unknown opcode', maskedFrame(0x83, Buffer.from('a')), 1002],
    ['a stray continuation', maskedFrame(0x80, Buffer.from('a')), 1002],
    ['a long ping', maskedFrame(0x89, noise(126)), 1002],
    ['a close frame of one byte', maskedFrame(0x88, Buffer.from('a')), 1002],
    ['a close frame with a reserved code', maskedFrame(0x88, Buffer.from([3, 0xee])), 1002],
  ];
  for (const [title, frame, code] of wrongFrames) {
    test(`${title} ends with ${code}, and the server is let go of`, async (t) => {
      const target = await VncTarget.open(t);
      const { host, ends } = await openReporting(t, kind);
      const raw = await host.raw(t);
      raw.handshake(relayPath(target.name));
      await raw.head();
      await raw.frames(1);
      raw.socket.write(frame);
      const [close] = await raw.frames(1);
      assert.equal(close?.first, 0x88);
      assert.equal(close?.payload.readUInt16BE(0), code);
      assert.equal((await ends.next()).error.code, 'BROWSER_PROTOCOL');
      await (await target.next()).gone(1_000);
      await raw.closed();
    });
  }

  test('what follows a close frame does not reach the server', async (t) => {
    const target = await VncTarget.open(t);
    const { host, ends } = await openReporting(t, kind);
    const raw = await host.raw(t);
    raw.handshake(relayPath(target.name));
    await raw.head();
    await raw.frames(1);
    const close = maskedFrame(0x88, Buffer.from([3, 0xe8]));
    const late = maskedFrame(0x82, Buffer.from('late'));
    raw.socket.write(Buffer.concat([maskedFrame(0x82, Buffer.from('in time')), close, late]));
    raw.socket.write(late);
    const server = await target.next();
    assert.equal((await ends.next()).error.code, 'BROWSER_CLOSED');
    await server.gone(1_000);
    assert.equal(server.inbox.peek().toString(), 'in time');
  });

  test('a console of the server itself is refused, for it would be a loop', async (t) => {
    const { host, ends } = await openReporting(t, kind);
    const browser = host.browse(t, relayPath(host.authority));
    assert.deepEqual(await browser.closed(), farewell('TARGET_REFUSED'));
    assert.match((await ends.next()).error.message, /this server itself/);
  });
});
