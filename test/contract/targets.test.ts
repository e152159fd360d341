import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex, PassThrough } from 'node:stream';
import { test } from 'node:test';
import { ENDS } from '../../lib/errors.ts';
import type { ConsoleErrorCode, SessionEnd, Target } from '../../lib/index.ts';
import { noise, sha256 } from '../helpers/bytes.ts';
import { onEveryHost, openConsoles, relayPath } from '../helpers/hosts.ts';
import { deferred, Queue } from '../helpers/inbox.ts';
import { BANNER, echo, VncTarget } from '../helpers/vnc-target.ts';

const never = new Promise<never>(() => {});

onEveryHost((kind) => {
  test('a Unix socket is a target, by rule and by resolve', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'vnc-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'vm-1.sock');
    await VncTarget.open(t, { path, script: echo });
    const { host } = await openConsoles(t, kind, {
      allow: [`unix:${folder}/vm-*.sock`],
      resolve: (name) => (name === 'vm-1' ? { path } : undefined),
    });
    for (const name of ['vm-1', `unix:${path}`, `unix:${encodeURIComponent(path)}`]) {
      const browser = host.browse(t, relayPath(name));
      await browser.read(12);
      browser.send(noise(100_000));
      assert.deepEqual(await browser.read(100_000), noise(100_000));
    }
    const missing = host.browse(t, relayPath(`unix:${folder}/vm-2.sock`));
    assert.equal((await missing.closed()).code, ENDS.CONNECT_REFUSED.closeCode);
  });

  test('a stream that connect returns is relayed both ways, and ends like a socket', async (t) => {
    const bytes = noise(3_000_000);
    const target = await VncTarget.open(t, { script: echo });
    const ends = new Queue<SessionEnd>('a close event');
    const { host } = await openConsoles(t, kind, {
      resolve: () => ({ label: 'agent 7', connect: async () => connect(target.port, '127.0.0.1') }),
      on: { close: (_session, end) => ends.push(end) },
    });
    const browser = host.browse(t, relayPath('vm-1'));
    await browser.read(12);
    for (let at = 0; at < bytes.length; at += 70_000) browser.send(bytes.subarray(at, at + 70_000));
    assert.equal(sha256(await browser.read(bytes.length)), sha256(bytes));
    (await target.next()).socket.end('bye');
    assert.equal((await browser.read(3)).toString(), 'bye');
    const { closeCode: code, words: reason } = ENDS.SERVER_CLOSED;
    assert.deepEqual(await browser.closed(), { code, reason });
    const end = await ends.next();
    assert.deepEqual([end.toBrowser, end.toServer], [bytes.length + 15, bytes.length]);
  });

  test('a stream of connect is held up by a browser that stops reading', async (t) => {
    const bytes = noise(16 * 1024 * 1024);
    const target = await VncTarget.open(t, { script: ({ socket }) => void socket.write(bytes) });
    const { host } = await openConsoles(t, kind, {
      resolve: () => ({ connect: () => connect(target.port, '127.0.0.1') }),
    });
    const browser = host.browse(t, relayPath('vm-1'));
    await browser.read(12);
    browser.socket.pause();
    const { socket } = await target.next();
    for (let seen = -1; seen !== socket.writableLength; ) {
      seen = socket.writableLength;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    browser.socket.resume();
    assert.equal(sha256(await browser.read(bytes.length)), sha256(bytes));
  });

  const failures: [string, () => unknown, ConsoleErrorCode][] = [
    [
      'throws',
      () => {
        throw new Error('agent down');
      },
      'CONNECT_REFUSED',
    ],
    ['rejects', () => Promise.reject(new Error('agent down')), 'CONNECT_REFUSED'],
    ['rejects with nothing', () => Promise.reject(), 'CONNECT_REFUSED'],
    ['returns undefined', () => undefined, 'CONNECT_REFUSED'],
    ['returns a plain object', () => ({}), 'CONNECT_REFUSED'],
    ['never answers', () => never, 'TIMEOUT'],
    ['returns a stream that fails', () => failing(), 'SERVER_LOST'],
    ['returns a stream that has ended', async () => ended(), 'SERVER_LOST'],
    ['returns a stream that was destroyed', async () => gone(), 'SERVER_LOST'],
    ['returns a stream of text', () => text(), 'NOT_VNC'],
    ['returns a silent stream', () => new PassThrough(), 'TIMEOUT'],
  ];
  for (const [title, open, code] of failures) {
    test(`a connect that ${title} ends with ${code}`, async (t) => {
      const { host } = await openConsoles(t, kind, {
        resolve: () => ({ connect: open }) as unknown as Target,
        timeouts: { connect: 300, banner: 300 },
      });
      const browser = host.browse(t, relayPath('vm-1'));
      const { closeCode, words: reason } = ENDS[code];
      assert.deepEqual(await browser.closed(), { code: closeCode, reason });
    });
  }

  test('a stream that comes after the browser has left is destroyed', async (t) => {
    const asked = deferred<AbortSignal>();
    const late = deferred<Duplex>();
    const { host } = await openConsoles(t, kind, {
      resolve: () => ({
        connect: (signal) => {
          asked.resolve(signal);
          return late.promise;
        },
      }),
    });
    const browser = host.browse(t, relayPath('vm-1'));
    const signal = await asked.promise;
    const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve));
    browser.socket.close();
    await aborted;
    const stream = new PassThrough();
    const destroyed = new Promise((resolve) => stream.on('close', resolve));
    late.resolve(stream);
    await destroyed;
  });

  test('a stream of connect is destroyed when the browser leaves', async (t) => {
    const stream = new PassThrough();
    stream.write(BANNER);
    const { host } = await openConsoles(t, kind, { resolve: () => ({ connect: () => stream }) });
    const browser = host.browse(t, relayPath('vm-1'));
    await browser.read(12);
    const destroyed = new Promise((resolve) => stream.on('close', resolve));
    browser.socket.close();
    await destroyed;
  });
});

function failing(): Duplex {
  const stream = new PassThrough();
  setImmediate(() => stream.destroy(new Error('tunnel broke')));
  return stream;
}

async function ended(): Promise<Duplex> {
  const stream = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
  stream.push(null);
  stream.resume();
  await new Promise((resolve) => stream.on('end', resolve));
  return stream;
}

async function gone(): Promise<Duplex> {
  const stream = new PassThrough();
  stream.destroy();
  await new Promise((resolve) => stream.on('close', resolve));
  return stream;
}

function text(): Duplex {
  const stream = new PassThrough({ encoding: 'utf8' });
  stream.write(BANNER);
  return stream;
}
