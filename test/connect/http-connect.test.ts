import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { httpConnect } from '../../lib/connect/index.ts';
import type { ConsoleError } from '../../lib/errors.ts';
import { noise, sha256 } from '../helpers/bytes.ts';
import { CERTIFICATE } from '../helpers/certificate.ts';
import { turn, within } from '../helpers/inbox.ts';
import { BANNER, deadPort } from '../helpers/vnc-target.ts';
import {
  assertAborts,
  assertNoSecret,
  endOf,
  failure,
  inboxOf,
  opened,
  openPeer,
  SECRET,
} from './peer.ts';

const target = { host: 'vm-1.example', port: 5900 };
const HEAD = 'HTTP/1.1 200 Connection established\r\nProxy-Agent: test\r\n\r\n';

async function openProxy(t: TestContext, tls = false) {
  const asked: IncomingMessage[] = [];
  const server = tls ? createTlsServer(CERTIFICATE) : createServer();
  server.on('connect', (request: IncomingMessage, socket: Duplex) => {
    asked.push(request);
    socket.on('error', () => {});
    socket.write(HEAD);
    socket.write(BANNER);
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  return { url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`, host: `127.0.0.1:${port}`, asked };
}

test('bytes go both ways through the proxy, with http and https', async (t) => {
  for (const tls of [false, true]) {
    const proxy = await openProxy(t, tls);
    const trust = { ca: CERTIFICATE.cert };
    const stream = await opened(t, httpConnect(proxy.url, { target, tls: trust }));
    const inbox = inboxOf(stream);
    assert.deepEqual(await inbox.read(12), BANNER);
    const bytes = noise(1_000_000);
    stream.write(bytes);
    assert.equal(sha256(await inbox.read(bytes.length)), sha256(bytes));
  }
});

test('a proxy is asked for host and port, with the user of its URL', async (t) => {
  const proxy = await openProxy(t);
  const url = proxy.url.replace('//', '//me:p%40ss@');
  await opened(t, httpConnect(url, { target }));
  await opened(t, httpConnect(url, { target: { host: 'fd00::7', port: 5901 } }));
  const own = { 'proxy-authorization': 'Bearer x', host: 'other' };
  await opened(t, httpConnect(url, { target, headers: own }));
  const [first, second, third] = proxy.asked;
  assert.deepEqual([first?.url, first?.headers.host], ['vm-1.example:5900', 'vm-1.example:5900']);
  const basic = `Basic ${Buffer.from('me:p@ss').toString('base64')}`;
  assert.equal(first?.headers['proxy-authorization'], basic);
  assert.deepEqual([second?.url, second?.headers.host], ['[fd00::7]:5901', '[fd00::7]:5901']);
  assert.deepEqual(
    [third?.headers['proxy-authorization'], third?.headers.host],
    ['Bearer x', 'other'],
  );
});

test('a console of Xen is asked for by its path', async (t) => {
  const proxy = await openProxy(t);
  const path = '/console?uuid=1b2c&session_id=OpaqueRef:4d';
  const url = proxy.url.replace('//', '//root:pw@');
  await opened(t, httpConnect(url, { target: path, headers: { Cookie: 'session_id=4d' } }));
  const { url: asked, headers } = proxy.asked[0]!;
  assert.deepEqual([asked, headers.cookie, headers.host], [path, 'session_id=4d', proxy.host]);
  assert.equal(headers.authorization, `Basic ${Buffer.from('root:pw').toString('base64')}`);
  assert.equal(headers['proxy-authorization'], undefined);
});

test('the server’s first words are kept, wherever the answer is split', async (t) => {
  const answer = Buffer.from(HEAD + BANNER);
  for (let at = 1; at <= answer.length; at += 3) {
    const peer = await openPeer(t, async ({ socket, inbox }) => {
      await inbox.read(4);
      socket.write(answer.subarray(0, at));
      await turn();
      socket.write(answer.subarray(at));
    });
    const connect = httpConnect(`http://127.0.0.1:${peer.port}`, { target });
    const stream = await opened(t, connect);
    await turn(); // whoever reads does so later
    assert.deepEqual(await inboxOf(stream).read(12), BANNER, `split at ${at}`);
  }
});

const refusals: [string, string, RegExp][] = [
  ['401', 'HTTP/1.1 401 Unauthorized\r\n\r\n', /refused with 401 \(Unauthorized\)/],
  [
    '403 with words',
    'HTTP/1.1 403 Filtered\r\nContent-Length: 2\r\n\r\nno',
    /refused with 403 \(Forbidden\)/,
  ],
  ['407', 'HTTP/1.0 407 Proxy\r\n\r\n', /refused with 407 \(Proxy Authentication Required\)/],
  ['502', 'HTTP/1.1 502 Bad\r\nConnection: close\r\n\r\n', /refused with 502 \(Bad Gateway\)/],
  [
    'a redirect',
    `HTTP/1.1 302 Found\r\nLocation: http://${SECRET}/\r\n\r\n`,
    /refused with 302 \(Found\)/,
  ],
  ['no HTTP', `RFB 003.008\n${SECRET}`, /Parse Error|Expected HTTP/],
  ['an endless head', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}`, /Header overflow/],
];
for (const [title, answer, message] of refusals) {
  test(`a proxy that answers ${title} is told of, without a secret`, async (t) => {
    const peer = await openPeer(t, async ({ socket, inbox }) => {
      await inbox.read(4);
      socket.write(answer);
    });
    const url = `http://me:${SECRET}@127.0.0.1:${peer.port}/`;
    const headers = { Cookie: SECRET };
    const error = await failure(httpConnect(url, { target: `/c?t=${SECRET}`, headers }));
    assert.match(error.message, message);
    assert.match(error.message, new RegExp(`^the proxy at 127\\.0\\.0\\.1:${peer.port}: `));
    await within((await peer.next()).closed, 'the end of what was opened');
  });
}

test('a proxy that hangs up, or is not there, cannot be reached', async (t) => {
  const peer = await openPeer(t, ({ socket }) => socket.end());
  const error = await failure(httpConnect(`http://127.0.0.1:${peer.port}`, { target }));
  assert.match(error.message, /hang up|ECONNRESET/);
  const dead = httpConnect(`http://127.0.0.1:${await deadPort()}`, { target });
  assert.match((await failure(dead)).message, /ECONNREFUSED/);
});

test('a proxy whose certificate is not trusted is not asked', async (t) => {
  const proxy = await openProxy(t, true);
  const error = await failure(httpConnect(proxy.url, { target }));
  assert.equal((error as ConsoleError).code, 'CERTIFICATE_UNTRUSTED');
  assert.equal(proxy.asked.length, 0);
});

test('an abort leaves a proxy that is silent', async (t) => {
  const peer = await openPeer(t);
  const url = `http://127.0.0.1:${peer.port}`;
  await assertAborts(httpConnect(url, { target }), peer);
  await assertAborts(httpConnect(url, { target }), peer, ({ inbox }) => inbox.read(8));
  const halfway = await openPeer(t, ({ socket }) => socket.write(HEAD.slice(0, 20)));
  const connect = httpConnect(`http://127.0.0.1:${halfway.port}`, { target });
  await assertAborts(connect, halfway, ({ inbox }) => inbox.read(8));
});

test('an open stream shows no secret, and ends as its server does', async (t) => {
  const peer = await openPeer(t, async ({ socket, inbox }) => {
    await inbox.read(4);
    socket.end(HEAD + BANNER);
  });
  const url = `http://me:${SECRET}@127.0.0.1:${peer.port}/`;
  const headers = { Cookie: SECRET };
  const stream = await opened(t, httpConnect(url, { target: `/?t=${SECRET}`, headers }));
  assertNoSecret(stream);
  assert.equal(await endOf(stream), 'end');
});
