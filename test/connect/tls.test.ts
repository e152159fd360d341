import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createServer, type TLSSocket } from 'node:tls';
import { tls } from '../../lib/connect/index.ts';
import type { ConsoleError } from '../../lib/errors.ts';
import { noise, sha256 } from '../helpers/bytes.ts';
import { CERTIFICATE } from '../helpers/certificate.ts';
import { Queue, within } from '../helpers/inbox.ts';
import { BANNER, deadPort } from '../helpers/vnc-target.ts';
import { assertAborts, endOf, failure, inboxOf, opened, openPeer } from './peer.ts';

const pin = new X509Certificate(CERTIFICATE.cert).fingerprint256;

async function openServer(t: TestContext) {
  const sockets = new Queue<TLSSocket>('a TLS connection');
  const server = createServer(CERTIFICATE, (socket) => {
    socket.on('error', () => {});
    socket.write(BANNER);
    socket.pipe(socket);
    sockets.push(socket);
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return { port: (server.address() as AddressInfo).port, next: () => sockets.next() };
}

test('bytes go both ways, by address and by name, by ca and by pin', async (t) => {
  const { port } = await openServer(t);
  for (const host of ['127.0.0.1', 'localhost']) {
    for (const trust of [{ ca: CERTIFICATE.cert }, { fingerprint256: pin }]) {
      const stream = await opened(t, tls({ host, port, ...trust }));
      const inbox = inboxOf(stream);
      assert.deepEqual(await inbox.read(12), BANNER);
      const bytes = noise(1_000_000);
      stream.write(bytes);
      assert.equal(sha256(await inbox.read(bytes.length)), sha256(bytes));
    }
  }
});

test('a certificate that is not trusted is told of as such', async (t) => {
  const { port } = await openServer(t);
  const error = await failure(tls({ host: 'localhost', port }));
  assert.equal((error as ConsoleError).code, 'CERTIFICATE_UNTRUSTED');
});

test('a server without TLS, and a port where nobody listens, cannot be reached', async (t) => {
  const peer = await openPeer(t, ({ socket }) => socket.write(BANNER));
  const plain = await failure(tls({ host: '127.0.0.1', port: peer.port }));
  assert.equal((plain as ConsoleError).code, 'CONNECT_REFUSED');
  assert.match(plain.message, /^no TLS: /);
  await within((await peer.next()).closed, 'the end of what was opened');
  const dead = await failure(tls({ host: '127.0.0.1', port: await deadPort() }));
  assert.match(dead.message, /ECONNREFUSED/);
});

test('a name without an address is told of', async () => {
  const error = await failure(tls({ host: 'no-such-host.invalid', port: 1 }));
  assert.match(error.message, /no-such-host\.invalid/);
});

test('an abort leaves a server that is silent in the handshake', async (t) => {
  const peer = await openPeer(t);
  const connect = tls({ host: '127.0.0.1', port: peer.port });
  await assertAborts(connect, peer);
  await assertAborts(connect, peer, ({ inbox }) => inbox.read(5));
});

test('the stream ends as the server does, and leaves when it is destroyed', async (t) => {
  const { port, next } = await openServer(t);
  const connect = tls({ host: '127.0.0.1', port, fingerprint256: pin });
  const ended = endOf(await opened(t, connect));
  (await next()).end();
  assert.equal(await ended, 'end');
  const stream = await opened(t, connect);
  const closed = once(await next(), 'close');
  stream.destroy();
  await within(closed, 'the end at the other side');
});
