import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import expressWs from 'express-ws';
import { novnc, type Options } from '../../lib/index.ts';
import { Browser } from '../helpers/browser.ts';
import { maskedFrame } from '../helpers/frames.ts';
import { HOST_KINDS, recordLog, relayPath } from '../helpers/hosts.ts';
import { RawBrowser } from '../helpers/raw-browser.ts';
import { VncTarget } from '../helpers/vnc-target.ts';

/** An app as express-ws makes it by default: with no options of ours. */
async function openBare(t: TestContext, guarded: boolean, options: Options = {}) {
  const { express } = HOST_KINDS.find(({ name }) => name === 'express-ws, Express 5, http')!;
  const app = express();
  const server = createServer(app);
  const consoles = novnc({
    allow: ['127.0.0.1:1-65535'],
    logger: recordLog().logger,
    ...options,
  });
  app.use('/console', consoles);
  app.use('/page', (_req, res) => void res.send('a page'));
  const { getWss } = expressWs(app, server, { leaveRouterUntouched: true });
  if (guarded) consoles.guard(getWss());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(async () => {
    server.close().closeAllConnections();
    await consoles.close({ timeout: 50 });
    for (const peer of getWss().clients) peer.terminate();
  });
  return (server.address() as AddressInfo).port;
}

test('without wsOptions, a page of another origin is refused after the handshake', async (t) => {
  const target = await VncTarget.open(t);
  const port = await openBare(t, true);
  const headers = { Origin: 'http://evil.example' };
  const browser = Browser.open(t, `ws://127.0.0.1:${port}${relayPath(target.name)}`, { headers });
  const { code, reason } = await browser.closed();
  assert.equal(code, 4403);
  assert.equal(reason, 'This page may not open consoles here.');
  assert.equal(target.count, 0);
});

test('wsOptions leave the sockets of other routes to their own checks', async () => {
  const { verifyClient, maxPayload, perMessageDeflate, handleProtocols } = novnc({
    allow: ['127.0.0.1'],
    limits: { maxPayload: 5000 },
  }).wsOptions;
  assert.equal(maxPayload, 5000);
  assert.equal(perMessageDeflate, false);
  assert.equal(handleProtocols(['base64', 'binary']), 'binary');
  assert.equal(handleProtocols(new Set(['base64'])), false);
  const verdict = (url: string, origin: string, host: string, forwarded?: string) =>
    verifyClient({
      req: { url, headers: { origin, host, 'x-forwarded-host': forwarded } } as never,
      secure: false,
    });
  const own = 'http://panel.example';
  assert.equal(verdict('/console/proxy?target=a', own, 'panel.example'), true);
  assert.equal(verdict('/console/proxy?target=a', own, 'other.example'), false);
  assert.equal(verdict('/console/proxy/.websocket?target=a', own, 'other.example'), false);
  assert.equal(verdict('/console/proxy?target=a', own, 'inner', 'panel.example, inner'), true);
  assert.equal(verdict('/chat', own, 'other.example'), true);
});

test('guard keeps a malformed frame on any path from ending the process', async (t) => {
  const port = await openBare(t, true);
  for (const path of ['/nowhere', '/page', '/console/127.0.0.1', relayPath('not an address')]) {
    const raw = await RawBrowser.open(t, port, false);
    raw.handshake(path);
    raw.socket.write(Buffer.from([0x82, 1, 0]));
    await raw.closed();
  }
});

test('a WebSocket to a page of ours is closed at once, not left open', async (t) => {
  const port = await openBare(t, true);
  for (const path of [
    '/console/127.0.0.1',
    '/console/10.0.0.7',
    '/console/assets/none.js',
    '/nowhere',
  ]) {
    const browser = Browser.open(t, `ws://127.0.0.1:${port}${path}`);
    await browser.closed(1_000);
  }
});

test('guard closes a socket that the app has answered as a page', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const port = await openBare(t, true);
  const browser = Browser.open(t, `ws://127.0.0.1:${port}/page`);
  await browser.opened();
  const { now } = performance;
  t.mock.method(performance, 'now', () => now.call(performance) + 11_000);
  t.mock.timers.tick(1_000);
  const { code, reason } = await browser.closed();
  assert.equal(code, 1008);
  assert.equal(reason, 'Nobody took this WebSocket.');
});

test('a frame that comes while a hook thinks, without guard, ends no process', async (t) => {
  let release = () => {};
  const port = await openBare(t, false, {
    resolve: () =>
      new Promise((resolve) => {
        release = () => resolve(null);
      }),
  });
  const raw = await RawBrowser.open(t, port, false);
  raw.handshake(relayPath('vm-1'));
  await raw.head();
  raw.socket.write(maskedFrame(0xc2));
  const [close] = await raw.frames(1);
  assert.equal(close?.payload.readUInt16BE(0), 1002);
  release();
  await raw.closed();
});
