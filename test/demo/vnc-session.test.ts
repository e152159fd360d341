import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, test } from 'node:test';
import { startVncServer, type VncServer } from '../../demo/vnc-server/vnc-server.ts';
import { hex, RfbViewer } from './rfb-viewer.ts';

let server: VncServer;

beforeEach(async () => {
  const size = { width: 800, height: 600 };
  server = await startVncServer({ port: 0, host: '127.0.0.1', still: true, ...size });
});

afterEach(() => server.close());

test('keys, the mouse and cut text are told as events', async () => {
  const viewer = await RfbViewer.open(server.port);
  const key = once(server, 'key');
  viewer.sendKey(0x20ac);
  assert.deepEqual(await key, [{ viewer: 1, keysym: 0x20ac, down: true }]);
  const pointer = once(server, 'pointer');
  viewer.sendPointer(300, 2, 4);
  assert.deepEqual(await pointer, [{ viewer: 1, x: 300, y: 2, buttons: 4 }]);
  const cutText = once(server, 'cutText');
  viewer.send('06 000000 00000003 61e962');
  assert.deepEqual(await cutText, [{ viewer: 1, text: 'a\u00e9b' }]);
});

test('cut text appears in the terminal', async () => {
  const viewer = await RfbViewer.open(server.port);
  const before = server.picture.pixels.slice();
  viewer.send('06 000000 00000002 6869');
  await once(server, 'cutText');
  assert.notDeepEqual(server.picture.pixels, before);
});

test('the bell and cut text go to all viewers', async () => {
  const viewers = [await RfbViewer.open(server.port), await RfbViewer.open(server.port)];
  server.ringBell();
  server.sendCutText('caf\u00e9 \u2615');
  for (const viewer of viewers) {
    assert.equal((await viewer.readMessage()).type, 2);
    assert.equal((await viewer.readMessage()).text, 'caf\u00e9 ?');
  }
});

test('commands ring the bell, send cut text and end the connection', async () => {
  const viewer = await RfbViewer.open(server.port);
  const other = await RfbViewer.open(server.port);
  const left = once(server, 'leave');
  viewer.type('bell\ncopy some words\nexit\n');
  assert.equal((await viewer.readMessage()).type, 2);
  assert.equal((await viewer.readMessage()).text, 'some words');
  assert.equal((await viewer.readAll()).length, 0);
  assert.deepEqual(await left, [{ viewer: 1, reason: 'the viewer typed exit' }]);
  assert.equal((await other.readMessage()).type, 2);
  assert.deepEqual(server.viewers, [2]);
});

test('Backspace takes back what was typed', async () => {
  const viewer = await RfbViewer.open(server.port);
  viewer.type('bells');
  viewer.sendKey(0xff08);
  viewer.type('\n');
  assert.equal((await viewer.readMessage()).type, 2);
});

test('a viewer that asks to be alone ends the others', async () => {
  const first = await RfbViewer.open(server.port);
  const left = once(server, 'leave');
  const second = await RfbViewer.open(server.port, false);
  await first.readAll();
  assert.deepEqual(await left, [{ viewer: 1, reason: 'another viewer asked to be alone' }]);
  assert.deepEqual(server.viewers, [2]);
  server.ringBell();
  assert.equal((await second.readMessage()).type, 2);
});

const breaches = [
  { title: 'an unknown message', bytes: '63', reason: /unknown type 99/ },
  {
    title: 'a cut text that is too long',
    bytes: `06 000000 ${hex(2 ** 20 + 1, 8)}`,
    reason: /1048577/,
  },
  { title: 'an extended cut text', bytes: '06 000000 fffffff0', reason: /cut text/ },
  { title: 'too many encodings', bytes: '02 00 ffff', reason: /65535 encodings/ },
  {
    title: 'a pixel format with a colour map',
    bytes: '00 000000 08 08 00 00 0007 0007 0003 00 03 06 000000',
    reason: /pixel format/,
  },
  {
    title: 'a pixel format of 24 bits',
    bytes: '00 000000 18 18 00 01 00ff 00ff 00ff 00 08 10 000000',
    reason: /pixel format/,
  },
  {
    title: 'a pixel format that does not fit',
    bytes: '00 000000 10 10 00 01 00ff 00ff 00ff 00 08 10 000000',
    reason: /pixel format/,
  },
];

for (const { title, bytes, reason } of breaches) {
  test(`${title} ends that viewer only`, async () => {
    const other = await RfbViewer.open(server.port);
    const viewer = await RfbViewer.open(server.port);
    const left = once(server, 'leave');
    viewer.send(bytes);
    await viewer.readAll();
    const [{ viewer: id, reason: told }] = await left;
    assert.equal(id, 2);
    assert.match(told, reason);
    server.ringBell();
    assert.equal((await other.readMessage()).type, 2);
  });
}

test('a cut text of the longest length is taken', async () => {
  const viewer = await RfbViewer.open(server.port);
  const cutText = once(server, 'cutText');
  viewer.send(`06 000000 ${hex(2 ** 20, 8)}`);
  viewer.socket.write(Buffer.alloc(2 ** 20, 'a'));
  const [{ text }] = await cutText;
  assert.equal(text.length, 2 ** 20);
});

test('a viewer that resets the connection in the middle of an update leaves', async () => {
  const viewer = await RfbViewer.open(server.port);
  const left = once(server, 'leave');
  viewer.request(false);
  await viewer.read(16);
  viewer.socket.resetAndDestroy();
  const [{ viewer: id }] = await left;
  assert.equal(id, 1);
  assert.deepEqual(server.viewers, []);
});

test('a viewer that asks and never reads has one update waiting at most', async () => {
  const viewer = await RfbViewer.open(server.port);
  viewer.socket.pause();
  const sent = once(server, 'cutText');
  for (let i = 0; i < 200; i++) viewer.request(false);
  viewer.send('06 000000 00000000');
  await sent;
  const other = await RfbViewer.open(server.port);
  other.type('bell\n');
  assert.equal((await other.readMessage()).type, 2);
  viewer.socket.resetAndDestroy();
  await once(server, 'leave');
});

test('close ends viewers once they have what was sent', async () => {
  const viewer = await RfbViewer.open(server.port);
  viewer.request(false);
  const left = once(server, 'leave');
  await viewer.read(16);
  await Promise.all([server.close(), viewer.read(800 * 600 * 4)]);
  assert.equal((await viewer.readAll()).length, 0);
  assert.deepEqual(await left, [{ viewer: 1, reason: 'the server was closed' }]);
});

test('close does not wait for a viewer that keeps its side open', async () => {
  const silent = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
  silent.on('error', () => {});
  await once(silent, 'readable');
  await server.close();
  silent.destroy();
});

test('servers are independent of each other', async () => {
  const other = await startVncServer({ port: 0, host: '127.0.0.1', name: 'Other', still: true });
  const viewer = await RfbViewer.open(other.port);
  assert.equal(viewer.name, 'Other');
  assert.deepEqual([server.viewers, other.viewers], [[], [1]]);
  await other.close();
  const next = await RfbViewer.open(server.port);
  assert.equal(next.name, 'Demo desktop');
});

test('the desktop moves while it is watched', async () => {
  const lively = await startVncServer({ port: 0, host: '127.0.0.1' });
  const viewer = await RfbViewer.open(lively.port);
  viewer.request(false);
  await viewer.readMessage();
  for (let i = 0; i < 5; i++) {
    viewer.request(true);
    const { rectangles } = await viewer.readMessage();
    assert.ok(rectangles.length > 0);
  }
  await lively.close();
});
