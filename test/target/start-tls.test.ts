import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import {
  type AddressInfo,
  connect as connectTcp,
  createServer as createTcp,
  type Socket,
} from 'node:net';
import { Duplex } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { createServer, type TLSSocket, type TlsOptions } from 'node:tls';
import { inspect } from 'node:util';
import { ConsoleError } from '../../lib/errors.ts';
import type { TlsMode } from '../../lib/rfb/login/peer.ts';
import type { TlsSettings } from '../../lib/target/certificate.ts';
import { startTls } from '../../lib/target/start-tls.ts';
import { noise, sha256 } from '../helpers/bytes.ts';
import { CERTIFICATE, EXPIRED_CERTIFICATE, ISSUED_CERTIFICATE } from '../helpers/certificate.ts';
import { Inbox, Queue, within } from '../helpers/inbox.ts';

const { cert, key } = CERTIFICATE;
const PIN = new X509Certificate(cert).fingerprint256;
const OTHER_PIN = new X509Certificate(EXPIRED_CERTIFICATE.cert).fingerprint256;
const ANONYMOUS: TlsOptions = { ciphers: 'ADH:AECDH:@SECLEVEL=0', maxVersion: 'TLSv1.2' };

async function open(t: TestContext, options: TlsOptions = CERTIFICATE) {
  const served = new Queue<TLSSocket>('a TLS connection');
  const server = createServer(options, (socket) => {
    socket.on('error', () => {});
    served.push(socket);
  });
  server.on('tlsClientError', () => {});
  const carriers = new Queue<Socket>('a TCP connection');
  server.on('connection', (socket) => carriers.push(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stream = connectTcp((server.address() as AddressInfo).port, '127.0.0.1');
  await once(stream, 'connect');
  t.after(() => {
    stream.destroy();
    server.close();
  });
  return { stream, served, carriers };
}

interface Case {
  readonly settings: TlsSettings;
  readonly host?: string | undefined;
  readonly mode?: TlsMode;
  readonly server?: TlsOptions;
}

const welcome: [string, Case][] = [
  ['a ca, and the host by name', { settings: { ca: cert }, host: 'localhost' }],
  ['a ca, and the host by address', { settings: { ca: cert }, host: '127.0.0.1' }],
  [
    'a ca that has signed it',
    { settings: { ca: cert }, host: 'vm-1.lab.example', server: ISSUED_CERTIFICATE },
  ],
  ['one of several', { settings: { ca: [EXPIRED_CERTIFICATE.cert, cert] }, host: 'localhost' }],
  [
    'a servername in place of the host',
    { settings: { ca: cert, servername: 'localhost' }, host: 'vm' },
  ],
  ['a servername alone', { settings: { ca: cert, servername: '127.0.0.1' } }],
  ['a pin', { settings: { fingerprint256: PIN }, host: 'localhost' }],
  ['a pin without colons', { settings: { fingerprint256: PIN.replaceAll(':', '') } }],
  ['a pin in small letters', { settings: { fingerprint256: PIN.toLowerCase() } }],
  ['a pin, whatever the name', { settings: { fingerprint256: PIN }, host: 'vm.example' }],
  [
    'a pin, whatever the dates',
    { settings: { fingerprint256: OTHER_PIN }, server: EXPIRED_CERTIFICATE },
  ],
  [
    'no certificate, where that is allowed',
    { settings: { allowAnonymous: true }, mode: 'anonymous', server: ANONYMOUS },
  ],
];
for (const [title, { settings, host, mode = 'x509', server }] of welcome) {
  test(`startTls trusts by ${title}`, async (t) => {
    const { stream, served } = await open(t, server);
    const socket = await startTls(stream, settings, host, mode);
    const peer = await served.next();
    const inbox = new Inbox('TLS');
    socket.on('data', (bytes) => inbox.push(bytes));
    peer.pipe(peer);
    const bytes = noise(300_000);
    socket.write(bytes);
    assert.equal(sha256(await inbox.read(bytes.length)), sha256(bytes));
  });
}

const refused: [string, Case, RegExp][] = [
  ['a certificate of nobody known', { settings: {}, host: 'localhost' }, /self-signed certificate/],
  [
    'one of another authority',
    { settings: { ca: EXPIRED_CERTIFICATE.cert }, host: 'localhost' },
    /self-signed certificate|unable to verify/,
  ],
  ['another name', { settings: { ca: cert }, host: 'vm.example' }, /vm\.example/],
  [
    'a name that a wildcard does not cover',
    { settings: { ca: cert }, host: 'a.b.lab.example', server: ISSUED_CERTIFICATE },
    /a\.b\.lab\.example/,
  ],
  ['another address', { settings: { ca: cert }, host: '127.0.0.2' }, /127\.0\.0\.2/],
  [
    'a name that is not the servername',
    { settings: { ca: cert, servername: 'vm' }, host: 'localhost' },
    /vm/,
  ],
  ['no name at all', { settings: { ca: cert } }, /no name to check/],
  [
    'dates that are over',
    { settings: { ca: EXPIRED_CERTIFICATE.cert }, host: 'localhost', server: EXPIRED_CERTIFICATE },
    /expired/,
  ],
  ['another pin', { settings: { fingerprint256: OTHER_PIN }, host: 'localhost' }, new RegExp(PIN)],
  [
    'another pin, though the ca would do',
    { settings: { ca: cert, fingerprint256: OTHER_PIN }, host: 'localhost' },
    /fingerprint/,
  ],
  [
    'anonymity that nobody allowed',
    { settings: { ca: cert }, host: 'localhost', mode: 'anonymous', server: ANONYMOUS },
    /allowAnonymous/,
  ],
];
for (const [title, { settings, host, mode = 'x509', server }, detail] of refused) {
  test(`startTls does not trust ${title}`, async (t) => {
    const { stream } = await open(t, server);
    await assert.rejects(startTls(stream, settings, host, mode), (error: ConsoleError) => {
      assert.equal(error.code, 'CERTIFICATE_UNTRUSTED');
      assert.match(error.message, detail);
      return true;
    });
    assert.ok(stream.destroyed);
  });
}

test('a server without certificate is no server with one', async (t) => {
  const { stream } = await open(t, ANONYMOUS);
  await rejectsAsLost(startTls(stream, { ca: cert, allowAnonymous: true }, 'localhost', 'x509'));
});

test('startTls shows its own certificate to a server that asks for one', async (t) => {
  const server = { ...CERTIFICATE, requestCert: true, rejectUnauthorized: true, ca: cert };
  const { stream, served } = await open(t, server);
  await startTls(stream, { ca: cert, cert, key }, 'localhost', 'x509');
  assert.equal((await served.next()).getPeerCertificate().fingerprint256, PIN);
});

async function openTcp(t: TestContext, serve: (socket: Socket) => void): Promise<Socket> {
  const server = createTcp((socket) => {
    socket.on('error', () => {});
    serve(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stream = connectTcp((server.address() as AddressInfo).port, '127.0.0.1');
  await once(stream, 'connect');
  t.after(() => {
    stream.destroy();
    server.close();
  });
  return stream;
}

const lost: [string, (socket: Socket) => void][] = [
  ['speaks no TLS', (socket) => socket.end('RFB 003.008\n')],
  ['hangs up', (socket) => socket.end()],
  ['resets', (socket) => socket.once('data', () => socket.resetAndDestroy())],
  ['hangs up in the middle', (socket) => socket.once('data', () => socket.end('\x16\x03\x03'))],
];
for (const [title, serve] of lost) {
  test(`a server that ${title} is lost`, async (t) => {
    const stream = await openTcp(t, serve);
    await rejectsAsLost(startTls(stream, { ca: cert }, 'localhost', 'x509'));
    assert.ok(stream.destroyed);
  });
}

test('a stream that is destroyed in the handshake ends it', async (t) => {
  const stream = await openTcp(t, () => {});
  const starting = startTls(stream, { ca: cert }, 'localhost', 'x509');
  setImmediate(() => stream.destroy());
  await rejectsAsLost(starting);
});

test('a stream that was destroyed before ends at once', async (t) => {
  const stream = await openTcp(t, () => {});
  stream.destroy();
  await rejectsAsLost(startTls(stream, { ca: cert }, 'localhost', 'x509'));
});

test('destroying either stream destroys both', async (t) => {
  for (const which of ['inner', 'outer']) {
    const { stream } = await open(t);
    const socket = await startTls(stream, { ca: cert }, 'localhost', 'x509');
    const closed = Promise.all([once(stream, 'close'), once(socket, 'close')]);
    (which === 'inner' ? stream : socket).destroy();
    await within(closed, `the end of both by the ${which} one`);
  }
});

test('an error after the handshake harms nobody who does not listen', async (t) => {
  const { stream, carriers } = await open(t);
  const socket = await startTls(stream, { ca: cert }, 'localhost', 'x509');
  const closed = new Promise((resolve) => socket.once('close', resolve));
  (await carriers.next()).resetAndDestroy();
  await within(closed, 'the end');
});

test('bytes that were read before, and came in any pieces, are part of the handshake', async (t) => {
  for (const pieces of [1, 7, 4096]) {
    const { stream, served } = await open(t);
    const slow = inPieces(stream, pieces);
    const socket = await startTls(slow, { ca: cert }, 'localhost', 'x509');
    (await served.next()).write('hello');
    assert.equal(String((await once(socket, 'data'))[0]), 'hello');
    socket.destroy();
    await once(slow, 'close');
  }
});

test('a secure socket shows neither key nor pin', async (t) => {
  const { stream } = await open(t);
  const socket = await startTls(stream, { fingerprint256: PIN, cert, key }, 'localhost', 'x509');
  const shown = inspect(socket, { depth: 12, showHidden: true });
  assert.doesNotMatch(shown, /PRIVATE KEY/);
});

async function rejectsAsLost(promise: Promise<unknown>): Promise<void> {
  await assert.rejects(within(promise, 'a refusal'), (error) => {
    assert.ok(error instanceof ConsoleError);
    assert.equal(error.code, 'SERVER_LOST', error.message);
    return true;
  });
}

/** A stream that is no socket, and gives a few bytes at a time, a turn between them. */
function inPieces(inner: Duplex, size: number): Duplex {
  const stream = new Duplex({
    read() {
      inner.resume();
    },
    write: (chunk, encoding, done) => void inner.write(chunk, encoding, done),
    final: (done) => void inner.end(done),
    destroy(error, done) {
      inner.destroy();
      done(error);
    },
  });
  let last = Promise.resolve();
  inner.on('data', (bytes: Buffer) => {
    for (let at = 0; at < bytes.length; at += size) {
      last = last.then(async () => {
        stream.push(bytes.subarray(at, at + size));
        await new Promise(setImmediate);
      });
    }
  });
  inner.on('end', () => stream.push(null));
  return stream;
}
