import assert from 'node:assert/strict';
import { once } from 'node:events';
import { afterEach, beforeEach, test } from 'node:test';
import { startVncServer, type VncServer } from '../../demo/vnc-server/vnc-server.ts';
import { RAW, RfbViewer } from './rfb-viewer.ts';

const XVP = -309;

let server: VncServer;

beforeEach(async () => {
  const size = { width: 800, height: 600 };
  server = await startVncServer({ port: 0, host: '127.0.0.1', still: true, ...size });
});

afterEach(() => server.close());

async function openWithPower(): Promise<RfbViewer> {
  const viewer = await RfbViewer.open(server.port);
  viewer.sendEncodings(RAW, XVP);
  assert.deepEqual(await viewer.readMessage(), { type: 250, rectangles: [], text: '000101' });
  return viewer;
}

/** Below the panel and left of the clock, which both tell the time: the terminal. */
const leftHalf = (pixels: Uint32Array) => pixels.filter((_, i) => i >= 40 * 800 && i % 800 < 400);

const isBlack = () => server.picture.pixels.at(-1) === 0;

test('a viewer that knows XVP is told once that it is served', async () => {
  const viewer = await openWithPower();
  viewer.sendEncodings(RAW, XVP);
  server.ringBell();
  assert.equal((await viewer.readMessage()).type, 2);
});

test('a viewer that does not know XVP hears nothing of it', async () => {
  const viewer = await RfbViewer.open(server.port);
  viewer.sendEncodings(RAW);
  viewer.request(false, [0, 0, 1, 1]);
  assert.equal((await viewer.readMessage()).type, 0);
});

for (const { action, code } of [
  { action: 'reboot', code: '03' },
  { action: 'reset', code: '04' },
]) {
  test(`${action} shows a boot screen, and then the desktop as it was in the beginning`, async () => {
    const viewer = await openWithPower();
    const original = server.picture.pixels.slice();
    viewer.type('words');
    await once(server, 'key');
    viewer.request(false);
    await viewer.readMessage();
    assert.notDeepEqual(leftHalf(server.picture.pixels), leftHalf(original));
    const power = once(server, 'power');
    viewer.send(`fa 00 01 ${code}`);
    assert.deepEqual(await power, [{ viewer: 1, action }]);
    await viewer.drawUntil(isBlack);
    await viewer.drawUntil(() => !isBlack());
    assert.deepEqual(leftHalf(server.picture.pixels), leftHalf(original));
  });
}

test('a shutdown ends all viewers', async () => {
  const viewers = [await openWithPower(), await RfbViewer.open(server.port)];
  const left = new Promise<void>((resolve) => {
    server.on('leave', () => server.viewers.length === 0 && resolve());
  });
  viewers[0]?.send('fa 00 01 02');
  const ends = await Promise.all(viewers.map((viewer) => viewer.readAll()));
  assert.deepEqual(
    ends.map(({ length }) => length),
    [0, 0],
  );
  await left;
});

for (const bytes of ['fa 00 01 05', 'fa 00 02 03']) {
  test(`the wish ${bytes}, which is none of XVP's, is answered by a failure`, async () => {
    const viewer = await openWithPower();
    viewer.send(bytes);
    assert.deepEqual((await viewer.readMessage()).text, '000100');
  });
}
