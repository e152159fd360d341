import assert from 'node:assert/strict';
import { test } from 'node:test';
import { socks } from '../../lib/connect/index.ts';
import { hex, noise, sha256, toHex } from '../helpers/bytes.ts';
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
  type PeerConnection,
  SECRET,
} from './peer.ts';

const target = { host: 'vm-1', port: 5900 };
const GREETED = hex('05 00');
const GRANTED = hex('05 00 00 01 7f 00 00 01 17 0c');

/** Reads a greeting and a request, and answers both; returns the request. */
async function grant({ socket, inbox }: PeerConnection): Promise<Buffer> {
  await inbox.read(3);
  socket.write(GREETED);
  const request = await inbox.read(4 + 1 + target.host.length + 2);
  socket.write(GRANTED);
  return request;
}

test('a proxy is asked for the name, and bytes go both ways', async (t) => {
  let request = '';
  const peer = await openPeer(t, async (connection) => {
    request = toHex(await grant(connection));
    connection.socket.write(BANNER);
    connection.socket.pipe(connection.socket);
  });
  const stream = await opened(t, socks({ proxy: { host: '127.0.0.1', port: peer.port }, target }));
  const inbox = inboxOf(stream);
  assert.deepEqual(await inbox.read(12), BANNER);
  assert.equal(request, '05 01 00 03 04 76 6d 2d 31 17 0c');
  const bytes = noise(1_000_000);
  stream.write(bytes);
  assert.equal(sha256(await inbox.read(bytes.length)), sha256(bytes));
});

test('a proxy of version 4 is asked for a name too', async (t) => {
  const peer = await openPeer(t, async ({ socket, inbox }) => {
    const request = await inbox.read(16);
    assert.equal(toHex(request), '04 01 17 0c 00 00 00 01 6d 65 00 76 6d 2d 31 00');
    socket.write(hex('00 5a 00 00 00 00 00 00'));
    socket.write(BANNER);
  });
  const proxy = { host: '127.0.0.1', port: peer.port, version: 4 as const, username: 'me' };
  const stream = await opened(t, socks({ proxy, target }));
  assert.deepEqual(await inboxOf(stream).read(12), BANNER);
});

test('a user and a password are given to a proxy that asks for them', async (t) => {
  let login = '';
  const peer = await openPeer(t, async ({ socket, inbox }) => {
    const [, count = 0] = await inbox.read(2);
    await inbox.read(count);
    socket.write(hex('05 02'));
    login = (await inbox.read(2 + 2 + 1 + SECRET.length)).toString('latin1');
    socket.write(hex('01 00'));
    await inbox.read(11);
    socket.write(GRANTED);
    socket.write(BANNER);
  });
  const proxy = { host: '127.0.0.1', port: peer.port, username: 'me', password: SECRET };
  const stream = await opened(t, socks({ proxy, target }));
  assert.deepEqual(await inboxOf(stream).read(12), BANNER);
  assert.equal(login, `\x01\x02me${String.fromCharCode(SECRET.length)}${SECRET}`);
  assertNoSecret(stream);
});

test('the server’s first words are kept, wherever the answer is split', async (t) => {
  const answer = Buffer.concat([GRANTED, BANNER, Buffer.from('more')]);
  for (let at = 1; at <= answer.length; at++) {
    const peer = await openPeer(t, async ({ socket, inbox }) => {
      await inbox.read(3);
      socket.write(GREETED);
      await inbox.read(11);
      socket.write(answer.subarray(0, at));
      await turn();
      socket.write(answer.subarray(at));
    });
    const connect = socks({ proxy: { host: '127.0.0.1', port: peer.port }, target });
    const stream = await opened(t, connect);
    await turn(); // whoever reads does so later
    await turn();
    const words = await inboxOf(stream).read(16);
    assert.deepEqual(words, answer.subarray(GRANTED.length), `split at ${at}`);
  }
});

const refusals: [string, (connection: PeerConnection) => unknown, RegExp][] = [
  ['knows no such login', ({ socket }) => socket.write(hex('05 ff')), /authentication/i],
  ['speaks another protocol', ({ socket }) => socket.write(BANNER), /version|Invalid/i],
  ['hangs up', ({ socket }) => socket.end(), /closed/i],
  [
    'refuses the password',
    async ({ socket, inbox }) => {
      await inbox.read(4);
      socket.write(hex('05 02'));
      await inbox.read(3);
      socket.write(hex('01 01'));
    },
    /Authentication failed/,
  ],
  [
    'cannot reach the target',
    async ({ socket, inbox }) => {
      await inbox.read(4);
      socket.write(hex('05 00'));
      await inbox.read(11);
      socket.write(hex('05 05 00 01 00 00 00 00 00 00'));
    },
    /ConnectionRefused/,
  ],
];
for (const [title, script, message] of refusals) {
  test(`a proxy that ${title} is told of, without a secret`, async (t) => {
    const peer = await openPeer(t, script);
    const proxy = { host: '127.0.0.1', port: peer.port, username: 'me', password: SECRET };
    const error = await failure(socks({ proxy, target }));
    assert.match(error.message, message);
    assert.match(error.message, new RegExp(`^the SOCKS proxy at 127\\.0\\.0\\.1:${peer.port}: `));
    await within((await peer.next()).closed, 'the end of what was opened');
  });
}

test('a proxy that is not there cannot be reached', async () => {
  const proxy = { host: '127.0.0.1', port: await deadPort() };
  assert.match((await failure(socks({ proxy, target }))).message, /ECONNREFUSED/);
});

test('an abort leaves a proxy that is silent at any stage', async (t) => {
  const silent = await openPeer(t);
  const proxyOf = ({ port }: { port: number }) => ({ proxy: { host: '127.0.0.1', port }, target });
  await assertAborts(socks(proxyOf(silent)), silent);
  await assertAborts(socks(proxyOf(silent)), silent, ({ inbox }) => inbox.read(3));
  const greeting = await openPeer(t, ({ socket }) => socket.write(GREETED));
  await assertAborts(socks(proxyOf(greeting)), greeting, ({ inbox }) => inbox.read(3 + 11));
});

test('the stream ends as its server does, and leaves when it is destroyed', async (t) => {
  const peer = await openPeer(t, grant);
  const connect = socks({ proxy: { host: '127.0.0.1', port: peer.port }, target });
  const ended = endOf(await opened(t, connect));
  (await peer.next()).socket.end();
  assert.equal(await ended, 'end');
  const stream = await opened(t, connect);
  stream.destroy();
  await within((await peer.next()).closed, 'the end at the other side');
});
