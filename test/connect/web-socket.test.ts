import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type WebSocket, WebSocketServer } from 'ws';
import { type WebSocketOptions, webSocket } from '../../lib/connect/index.ts';
import type { ConsoleError } from '../../lib/errors.ts';
import { noise, sha256 } from '../helpers/bytes.ts';
import { CERTIFICATE, EXPIRED_CERTIFICATE } from '../helpers/certificate.ts';
import { Queue, turn, until, within } from '../helpers/inbox.ts';
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

interface Upstream {
  readonly url: string;
  readonly requests: IncomingMessage[];
  next(): Promise<WebSocket>;
}

/** A WebSocket server; `onSocket` is called in the very turn of the handshake. */
async function openUpstream(
  t: TestContext,
  { tls = false, protocol = 'binary' }: { tls?: boolean; protocol?: string | false } = {},
  onSocket: (socket: WebSocket) => void = () => {},
): Promise<Upstream> {
  const server = tls ? createTlsServer(CERTIFICATE) : createServer();
  const requests: IncomingMessage[] = [];
  const sockets = new Queue<WebSocket>('a WebSocket');
  const wss = new WebSocketServer({ server, handleProtocols: () => protocol });
  wss.on('connection', (socket, request) => {
    requests.push(request);
    socket.on('error', () => {});
    onSocket(socket);
    sockets.push(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of wss.clients) socket.terminate();
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  const url = `${tls ? 'wss' : 'ws'}://127.0.0.1:${port}`;
  return { url, requests, next: () => sockets.next() };
}

/** A server that answers every handshake with these bytes. */
function openRefuser(t: TestContext, answer: string) {
  return openPeer(t, async ({ socket, inbox }) => {
    await inbox.read(4);
    socket.write(answer);
  });
}

test('bytes go both ways in any pieces, and what comes with the handshake is not lost', async (t) => {
  const upstream = await openUpstream(t, {}, (socket) => {
    socket.send(BANNER);
    socket.on('message', (data) => socket.send(data));
  });
  const stream = await opened(t, webSocket(upstream.url));
  const inbox = inboxOf(stream);
  assert.deepEqual(await inbox.read(12), BANNER);
  const bytes = noise(2_000_000);
  for (let at = 0; at < bytes.length; at += 77_777) stream.write(bytes.subarray(at, at + 77_777));
  assert.equal(sha256(await inbox.read(bytes.length)), sha256(bytes));
});

test('messages of one byte, and empty ones, are bytes like others', async (t) => {
  const upstream = await openUpstream(t);
  const inbox = inboxOf(await opened(t, webSocket(upstream.url)));
  const socket = await upstream.next();
  for (const byte of BANNER) {
    socket.send(Buffer.of(byte));
    socket.send(Buffer.alloc(0));
    await turn();
  }
  assert.deepEqual(await inbox.read(12), BANNER);
});

test('the handshake has the path, the headers and the protocols, and the user of the URL', async (t) => {
  const upstream = await openUpstream(t);
  const url = new URL('/api/vnc?port=5900&ticket=a%2Bb', upstream.url);
  url.username = 'me';
  url.password = 'p%40ss';
  await opened(t, webSocket(url, { headers: { Cookie: 'a=b', Origin: 'https://panel' } }));
  const [request] = upstream.requests;
  assert.equal(request?.url, '/api/vnc?port=5900&ticket=a%2Bb');
  assert.equal(request?.headers.cookie, 'a=b');
  assert.equal(request?.headers.origin, 'https://panel');
  assert.equal(request?.headers['sec-websocket-protocol'], 'binary');
  assert.equal(request?.headers['sec-websocket-extensions'], undefined);
  const basic = `Basic ${Buffer.from('me:p@ss').toString('base64')}`;
  assert.equal(request?.headers.authorization, basic);
});

test('a server that knows no subprotocol is asked for none', async (t) => {
  const upstream = await openUpstream(t, { protocol: false });
  assert.match((await failure(webSocket(upstream.url))).message, /no subprotocol/);
  await opened(t, webSocket(upstream.url, { protocols: [] }));
  const plain = await openUpstream(t, { protocol: 'plain.kubevirt.io' });
  await opened(t, webSocket(plain.url, { protocols: ['plain.kubevirt.io'] }));
});

test('a connect opens as often as it is called', async (t) => {
  const upstream = await openUpstream(t);
  const connect = webSocket(upstream.url);
  await Promise.all([opened(t, connect), opened(t, connect)]);
  assert.equal(upstream.requests.length, 2);
});

test('a certificate is trusted by ca or by pin, and else not', async (t) => {
  const upstream = await openUpstream(t, { tls: true });
  const pin = new X509Certificate(CERTIFICATE.cert).fingerprint256;
  const good: WebSocketOptions['tls'][] = [{ ca: CERTIFICATE.cert }, { fingerprint256: pin }];
  for (const tls of good) {
    const stream = await opened(t, webSocket(upstream.url, { tls: tls! }));
    const socket = await upstream.next();
    socket.send(BANNER);
    assert.deepEqual(await inboxOf(stream).read(12), BANNER);
  }
  const bad = new X509Certificate(EXPIRED_CERTIFICATE.cert).fingerprint256;
  for (const options of [{}, { tls: { fingerprint256: bad } }]) {
    const error = await failure(webSocket(upstream.url, options));
    assert.equal((error as ConsoleError).code, 'CERTIFICATE_UNTRUSTED');
  }
  assert.equal(upstream.requests.length, 2);
});

const refusals: [string, string, RegExp][] = [
  [
    '401',
    'HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n',
    /refused with 401 \(Unauthorized\)/,
  ],
  [
    '403',
    'HTTP/1.1 403 Forbidden\r\nContent-Length: 5\r\n\r\nno no',
    /refused with 403 \(Forbidden\)/,
  ],
  ['404', 'HTTP/1.1 404 Not Found\r\nContent-Length: 99\r\n\r\n', /refused with 404 \(Not Found\)/],
  ['200', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', /refused with 200/],
  [
    'a redirect',
    `HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:1/${SECRET}\r\nContent-Length: 0\r\n\r\n`,
    /refused with 302 \(redirects are not followed\)/,
  ],
  [
    'the wrong key',
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      'Sec-WebSocket-Accept: AAAA\r\n\r\n',
    /Sec-WebSocket-Accept/,
  ],
  ['another protocol', 'RFB 003.008\n', /Parse Error|Expected HTTP/],
];
for (const [title, answer, message] of refusals) {
  test(`a server that answers ${title} is told of, without a secret`, async (t) => {
    const peer = await openRefuser(t, answer);
    const url = `ws://me:${SECRET}@127.0.0.1:${peer.port}/?ticket=${SECRET}`;
    const headers = { Cookie: SECRET, Authorization: SECRET };
    const error = await failure(webSocket(url, { headers }));
    assert.match(error.message, message);
    assert.match(error.message, new RegExp(`^the WebSocket at 127\\.0\\.0\\.1:${peer.port}: `));
    const { closed } = await peer.next();
    await within(closed, 'the end of what was opened');
  });
}

test('a port where nobody listens is refused', async () => {
  const url = `ws://127.0.0.1:${await deadPort()}/${SECRET}`;
  assert.match((await failure(webSocket(url))).message, /ECONNREFUSED/);
});

test('an abort leaves a server that is silent in the handshake, or in TLS', async (t) => {
  const peer = await openPeer(t);
  const request = ({ inbox }: { inbox: { read(size: number): Promise<unknown> } }) =>
    inbox.read(20);
  await assertAborts(webSocket(`ws://127.0.0.1:${peer.port}`), peer);
  await assertAborts(webSocket(`ws://127.0.0.1:${peer.port}`), peer, request);
  await assertAborts(webSocket(`wss://127.0.0.1:${peer.port}`), peer, request);
});

const ends: [string, (socket: WebSocket) => void, string | RegExp][] = [
  ['closes with 1000', (socket) => socket.close(1000), 'end'],
  ['goes away', (socket) => socket.close(1001), 'end'],
  ['closes without a code', (socket) => socket.close(), 'end'],
  ['closes with 1011', (socket) => socket.close(1011, 'no guest'), /closed with 1011 no guest/],
  ['closes with 4403', (socket) => socket.close(4403), /closed with 4403$/],
  ['breaks off', (socket) => socket.terminate(), /broke off/],
  ['sends text', (socket) => socket.send('RFB 003.008\n'), /text/],
  ['sends too much', (socket) => socket.send(Buffer.alloc(2 ** 16 + 1)), /[Mm]ax payload size/],
  [
    'sends nonsense',
    (socket) =>
      (socket as unknown as { _socket: Socket })._socket.write('\xff\xff\xff\xff', 'latin1'),
    /WebSocket frame/,
  ],
];
for (const [title, act, expected] of ends) {
  test(`a server that ${title} ends the stream so`, async (t) => {
    const upstream = await openUpstream(t);
    const stream = await opened(t, webSocket(upstream.url, { maxPayload: 2 ** 16 }));
    const end = endOf(stream);
    const socket = await upstream.next();
    const gone = once(socket, 'close');
    const ended = typeof expected === 'string' && once(stream, 'end');
    act(socket);
    if (ended) {
      await within(ended, 'the end of what can be read');
      await turn();
      assert.equal(stream.destroyed, false, 'TLS on top of it may hold bytes still');
      stream.end();
      assert.equal(await end, expected);
    } else assert.match(await end, expected as RegExp);
    await within(gone, 'the end at the other side');
  });
}

test('all bytes come before the end', async (t) => {
  const upstream = await openUpstream(t);
  const stream = await opened(t, webSocket(upstream.url));
  const bytes = noise(3_000_000);
  const socket = await upstream.next();
  for (let at = 0; at < bytes.length; at += 100_000) socket.send(bytes.subarray(at, at + 100_000));
  socket.close();
  await turn();
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  assert.equal(sha256(Buffer.concat(chunks)), sha256(bytes));
});

test('ending the stream sends what was written, and then closes with 1000', async (t) => {
  const upstream = await openUpstream(t);
  const stream = await opened(t, webSocket(upstream.url));
  const socket = await upstream.next();
  let length = 0;
  socket.on('message', (data: Buffer) => {
    length += data.length;
  });
  const closed = once(socket, 'close');
  const end = endOf(stream);
  stream.write(noise(1_000_000));
  stream.end('bye');
  assert.deepEqual([(await within(closed, 'a close'))[0], length], [1000, 1_000_003]);
  assert.equal(await end, 'end');
});

test('destroying the stream leaves at once', async (t) => {
  const upstream = await openUpstream(t);
  const stream = await opened(t, webSocket(upstream.url));
  const closed = once(await upstream.next(), 'close');
  stream.destroy();
  await within(closed, 'a close');
});

test('a reader that stops holds up the server, and holds little itself', async (t) => {
  const upstream = await openUpstream(t);
  const stream = await opened(t, webSocket(upstream.url));
  const socket = await upstream.next();
  const bytes = noise(40_000_000);
  for (let at = 0; at < bytes.length; at += 50_000) socket.send(bytes.subarray(at, at + 50_000));
  await quiet(() => socket.bufferedAmount);
  assert.ok(socket.bufferedAmount > 20_000_000, `${socket.bufferedAmount}`);
  assert.ok(stream.readableLength < 500_000, `${stream.readableLength}`);
  const inbox = inboxOf(stream);
  assert.equal(sha256(await inbox.read(bytes.length)), sha256(bytes));
});

test('a server that reads nothing holds up the writer', async (t) => {
  const upstream = await openUpstream(t);
  const stream = await opened(t, webSocket(upstream.url));
  const socket = await upstream.next();
  socket.pause();
  let length = 0;
  socket.on('message', (data: Buffer) => {
    length += data.length;
  });
  const chunk = Buffer.alloc(100_000);
  let written = 0;
  let drained = true;
  stream.on('drain', () => {
    drained = true;
  });
  for (let still = 0; still < 50 && written < 300_000_000; still++) {
    if (drained) {
      drained = stream.write(chunk);
      written += chunk.length;
      still = 0;
    }
    await turn();
  }
  assert.ok(written < 100_000_000, `${written}`);
  socket.resume();
  await until(() => length === written, 'all that was written');
});

test('an open stream shows no secret', async (t) => {
  const upstream = await openUpstream(t);
  const url = new URL(`/?ticket=${SECRET}`, upstream.url);
  url.username = 'me';
  url.password = SECRET;
  assertNoSecret(await opened(t, webSocket(url, { headers: { Cookie: SECRET } })));
});

async function quiet(size: () => number): Promise<void> {
  for (let seen = -1; seen !== size(); ) {
    seen = size();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
