import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { type EventEmitter, once } from 'node:events';
import { type TestContext, test } from 'node:test';
import ssh2, { type Connection, type ServerChannel } from 'ssh2';
import { fingerprintOf, kindOf } from '../../lib/connect/host-key.ts';
import { type SshOptions, ssh } from '../../lib/connect/index.ts';
import type { ConsoleError } from '../../lib/errors.ts';
import { noise, sha256 } from '../helpers/bytes.ts';
import { deferred, Queue, turn, until, within } from '../helpers/inbox.ts';
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

const HOST_KEY = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs1', format: 'pem' })
  .toString();
const parsed = ssh2.utils.parseKey(HOST_KEY);
assert.ok('getPublicSSH' in parsed);
const PUBLIC_KEY = parsed.getPublicSSH();
const FINGERPRINT = fingerprintOf(PUBLIC_KEY);

interface Host {
  readonly port: number;
  /** What was asked for. */
  readonly asked: unknown[];
  next(): Promise<ServerChannel>;
  connection(): Promise<Connection>;
}

interface HostOptions {
  readonly methods?: readonly string[];
  /** Answers a request for a channel; by default it is accepted. */
  readonly forward?: 'accept' | 'reject' | 'silence';
}

/** An SSH server; what a channel is sent comes back. */
async function openHost(
  t: TestContext,
  { methods = ['password', 'publickey'], forward = 'accept' }: HostOptions = {},
): Promise<Host> {
  const asked: unknown[] = [];
  const channels = new Queue<ServerChannel>('a channel');
  const connections = new Queue<Connection>('an SSH connection');
  const server = new ssh2.Server({ hostKeys: [HOST_KEY] }, (connection) => {
    connections.push(connection);
    connection.on('error', () => {});
    connection.on('authentication', (context) => {
      const isRight = context.method === 'password' ? context.password === SECRET : true;
      if (!methods.includes(context.method) || !isRight) context.reject([...methods] as never);
      else if (context.method === 'keyboard-interactive') {
        context.prompt([{ prompt: 'Password: ', echo: false }], ([answer]) => {
          if (answer === SECRET) context.accept();
          else context.reject();
        });
      } else context.accept();
    });
    for (const name of ['tcpip', 'openssh.streamlocal'] as const) {
      connection.on(name as 'tcpip', (accept, reject, info) => {
        const { destIP, destPort, socketPath } = info as never as Record<string, unknown>;
        asked.push(socketPath ?? `${destIP}:${destPort}`);
        if (forward === 'reject') reject();
        if (forward !== 'accept') return;
        const channel = accept();
        channel.on('error', () => {});
        channels.push(channel);
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = server.address() as { port: number };
  return { port, asked, next: () => channels.next(), connection: () => connections.next() };
}

function options(port: number, more: Partial<SshOptions> = {}): SshOptions {
  return {
    host: '127.0.0.1',
    port,
    username: 'me',
    password: SECRET,
    ...('hostVerifier' in more ? {} : { hostFingerprint: FINGERPRINT }),
    target: { host: '10.0.0.7', port: 5900 },
    ...more,
  };
}

test('bytes go both ways through a channel to a port', async (t) => {
  const host = await openHost(t);
  const stream = await opened(t, ssh(options(host.port)));
  const channel = await host.next();
  channel.write(BANNER);
  channel.pipe(channel);
  const inbox = inboxOf(stream);
  assert.deepEqual(await inbox.read(12), BANNER);
  const bytes = noise(3_000_000);
  for (let at = 0; at < bytes.length; at += 77_777) stream.write(bytes.subarray(at, at + 77_777));
  assert.equal(sha256(await inbox.read(bytes.length)), sha256(bytes));
  assert.deepEqual(host.asked, ['10.0.0.7:5900']);
  assertNoSecret(stream);
});

test('a password is given to a host that asks for it in its own words', async (t) => {
  const host = await openHost(t, { methods: ['keyboard-interactive'] });
  await opened(t, ssh(options(host.port)));
});

test('a private key logs in, encrypted or not', async (t) => {
  const host = await openHost(t, { methods: ['publickey'] });
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const plain = privateKey.export({ type: 'pkcs1', format: 'pem' }) as string;
  const cipher = { cipher: 'aes-256-cbc', passphrase: SECRET };
  const locked = privateKey.export({ type: 'pkcs1', format: 'pem', ...cipher }) as string;
  const { password: _, ...rest } = options(host.port);
  await opened(t, ssh({ ...rest, privateKey: plain }));
  await opened(t, ssh({ ...rest, privateKey: Buffer.from(locked), passphrase: SECRET }));
  const wrong = await failure(ssh({ ...rest, privateKey: locked, passphrase: 'wrong' }));
  assert.match(wrong.message, /privateKey/);
  const none = await failure(ssh({ ...rest, privateKey: SECRET }));
  assert.match(none.message, /privateKey/);
});

test('a host’s key is trusted by one of several fingerprints, or by a function', async (t) => {
  const { port } = await openHost(t);
  const other = `SHA256:${'A'.repeat(43)}`;
  await opened(t, ssh(options(port, { hostFingerprint: [other, `${FINGERPRINT}=`] })));
  await opened(t, ssh(options(port, { hostVerifier: (key) => key.equals(PUBLIC_KEY) })));
  await opened(t, ssh(options(port, { hostVerifier: async () => true })));
});

const distrust: [string, Partial<SshOptions>, RegExp][] = [
  ['another fingerprint', { hostFingerprint: `SHA256:${'A'.repeat(43)}` }, /not trusted/],
  ['a function that says no', { hostVerifier: () => false }, /not trusted/],
  ['a function that says less than true', { hostVerifier: (() => 1) as never }, /not trusted/],
  ['a function that says so later', { hostVerifier: async () => false }, /not trusted/],
  ['a function that throws', { hostVerifier: () => Promise.reject(new Error('db')) }, /failed: db/],
];
for (const [title, more, message] of distrust) {
  test(`a host’s key is not trusted by ${title}, and no password goes there`, async (t) => {
    const host = await openHost(t);
    const error = await failure(ssh(options(host.port, more)));
    assert.equal((error as ConsoleError).code, 'CERTIFICATE_UNTRUSTED');
    assert.match(error.message, message);
    assert.ok(error.message.includes(FINGERPRINT), error.message);
    assert.match(error.message, /\(ssh-rsa\)/);
  });
}

test('a wrong password is told of', async (t) => {
  const host = await openHost(t);
  const error = await failure(ssh(options(host.port, { password: 'wrong' })));
  assert.match(error.message, /authentication methods failed/);
  const connection = await host.connection();
  await within(closeOf(connection), 'the end');
});

test('a channel that the host does not open is told of, and the connection ended', async (t) => {
  const host = await openHost(t, { forward: 'reject' });
  for (const target of [{ host: 'vm', port: 1 }, { path: '/run/vm.sock' }]) {
    const more: Partial<SshOptions> = { target };
    const opening = failure(ssh(options(host.port, more)));
    const connection = await host.connection();
    const closed = closeOf(connection);
    assert.match((await opening).message, /^the SSH host 127\.0\.0\.1:\d+: /);
    await within(closed, 'the end of the connection');
  }
});

test('a host that is not there, hangs up, or speaks no SSH is told of', async (t) => {
  const dead = await failure(ssh(options(await deadPort())));
  assert.match(dead.message, /ECONNREFUSED/);
  const scripts = ['', 'RFB 003.008\r\n'];
  for (const words of scripts) {
    const peer = await openPeer(t, ({ socket }) => socket.end(words));
    await failure(ssh(options(peer.port)));
    await within((await peer.next()).closed, 'the end of what was opened');
  }
});

test('an abort leaves a host that is silent at any stage', async (t) => {
  const silent = await openPeer(t);
  await assertAborts(ssh(options(silent.port)), silent);
  await assertAborts(ssh(options(silent.port)), silent, ({ inbox }) => inbox.read(20));
  const host = await openHost(t, { forward: 'silence' });
  const verdicts: ReturnType<typeof deferred<boolean>>[] = [];
  const hostVerifier = () => {
    const verdict = deferred<boolean>();
    verdicts.push(verdict);
    return verdict.promise;
  };
  const stages: [Partial<SshOptions>, () => boolean][] = [
    [{ hostVerifier }, () => verdicts.length === 1],
    [{ hostVerifier }, () => verdicts.length === 2],
    [{}, () => host.asked.length > 0],
  ];
  for (const [more, isReached] of stages) {
    const controller = new AbortController();
    const opening = failure(ssh(options(host.port, more)), controller.signal);
    const connection = await host.connection();
    const closed = closeOf(connection);
    await until(isReached, 'the stage');
    const reason = new Error('the viewer left');
    controller.abort(reason);
    assert.equal(await opening, reason);
    await within(closed, 'the end of the connection');
  }
  // Too late, and nobody minds.
  verdicts[0]!.resolve(true);
  verdicts[1]!.resolve(false);
  await turn();
});

test('the stream ends when the channel does, after all its bytes, and the connection goes', async (t) => {
  const host = await openHost(t);
  const stream = await opened(t, ssh(options(host.port)));
  const connection = await host.connection();
  const closed = closeOf(connection);
  const bytes = noise(1_000_000);
  (await host.next()).end(bytes);
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  assert.equal(sha256(Buffer.concat(chunks)), sha256(bytes));
  stream.end(); // as a session does; newer Nodes leave it half open
  await within(closed, 'the end of the connection');
});

test('ending or destroying the stream ends the connection', async (t) => {
  const host = await openHost(t);
  for (const how of ['end', 'destroy'] as const) {
    const stream = await opened(t, ssh(options(host.port)));
    const connection = await host.connection();
    const channel = await host.next();
    channel.resume();
    channel.once('end', () => channel.end());
    const closed = closeOf(connection);
    const gone = endOf(stream);
    stream[how]();
    await gone;
    await within(closed, `the end of the connection by ${how}`);
  }
});

test('a connection that breaks is an error, and no good end', async (t) => {
  const host = await openHost(t);
  const stream = await opened(t, ssh(options(host.port)));
  const end = endOf(stream);
  await host.next();
  const connection = await host.connection();
  (connection as unknown as { _sock: { destroy(): void } })._sock.destroy();
  assert.match(await end, /closed|broke|ECONNRESET/);
});

test('a reader that stops holds up the host', async (t) => {
  const host = await openHost(t);
  const stream = await opened(t, ssh(options(host.port)));
  const channel = await host.next();
  const bytes = noise(20_000_000);
  channel.write(bytes);
  for (let seen = -1; seen !== channel.writableLength; ) {
    seen = channel.writableLength;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.ok(stream.readableLength < 200_000, `${stream.readableLength}`);
  assert.ok(channel.writableLength > 0);
  assert.equal(sha256(await inboxOf(stream).read(bytes.length)), sha256(bytes));
});

test('a key has its kind and the fingerprint that ssh-keygen prints', () => {
  assert.equal(kindOf(PUBLIC_KEY), 'ssh-rsa');
  assert.match(FINGERPRINT, /^SHA256:[A-Za-z0-9+/]{43}$/);
  assert.equal(kindOf(Buffer.alloc(2)), '');
});

/** The types know no such event. */
function closeOf(connection: Connection): Promise<void> {
  return new Promise((resolve) => (connection as EventEmitter).once('close', resolve));
}
