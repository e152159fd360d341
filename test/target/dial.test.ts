import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Duplex, PassThrough } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { ConsoleError } from '../../lib/errors.ts';
import { Intake } from '../../lib/relay/intake.ts';
import { ReadBuffers } from '../../lib/relay/read-buffers.ts';
import { Cancellation, type DialOptions, dial, type Line } from '../../lib/target/dial.ts';
import type { HostAddress } from '../../lib/target/name.ts';
import type { Target } from '../../lib/target/target.ts';
import { deferred, turn, within } from '../helpers/inbox.ts';
import { deadPort, VncTarget } from '../helpers/vnc-target.ts';

/** Dials with a lookup that knows these addresses, and any address allowed. */
async function dialTo(
  t: TestContext,
  target: Target,
  addresses: string[] = [],
  options: Partial<DialOptions<Intake>> = {},
): Promise<Line<Intake>> {
  const buffers = new ReadBuffers();
  const line = await dial(target, {
    mayDial: () => true,
    lookup: async () => addresses,
    dnsTimeout: 1_000,
    connectTimeout: 2_000,
    createIntake: () => new Intake(buffers),
    ownPort: undefined,
    cancellation: new Cancellation(),
    ...options,
  });
  t.after(() => line.stream.destroy());
  return line;
}

/** A listener on a loopback address of its own; several may share one port. */
async function listenOn(t: TestContext, host: string, port = 0): Promise<Server> {
  const server = createServer((socket) => socket.on('error', () => {})).listen(port, host);
  await once(server, 'listening');
  t.after(() => server.close());
  return server;
}

function portOf(server: Server): number {
  return (server.address() as { port: number }).port;
}

function remoteOf({ stream }: Line<Intake>): string | undefined {
  return (stream as Socket).remoteAddress;
}

function closing(stream: Duplex): Promise<void> {
  return new Promise((resolve) => stream.on('close', () => resolve()));
}

/** TEST-NET-1: nobody answers there, and where the network says so at once, that is a refusal. */
const NOWHERE = '192.0.2.1';

test('an IP address is connected to, without a lookup', async (t) => {
  const target = await VncTarget.open(t);
  const lookup = () => assert.fail('a literal is not looked up');
  const line = await dialTo(t, { host: '127.0.0.1', port: target.port }, [], { lookup });
  assert.equal(remoteOf(line), '127.0.0.1');
  assert.ok(line.intake);
});

test('a name is looked up once, judged once an address, and dialled at what was judged', async (t) => {
  const server = await listenOn(t, '127.0.0.2');
  const port = portOf(server);
  const lookups: string[] = [];
  const judged: [string, HostAddress][] = [];
  const line = await dialTo(t, { host: 'a.example', port }, [], {
    lookup: async (host) => {
      lookups.push(host);
      return lookups.length === 1 ? ['127.0.0.2', '127.0.0.3'] : ['127.0.0.1'];
    },
    mayDial: (ip, { host, port }) => {
      judged.push([ip, { host, port }]);
      return true;
    },
  });
  assert.deepEqual(lookups, ['a.example']);
  assert.deepEqual(judged, [
    ['127.0.0.2', { host: 'a.example', port }],
    ['127.0.0.3', { host: 'a.example', port }],
  ]);
  assert.equal(remoteOf(line), '127.0.0.2');
});

test('one forbidden address among several keeps all from being dialled', async (t) => {
  const target = await VncTarget.open(t);
  const dialling = dialTo(t, { host: 'a.example', port: target.port }, ['127.0.0.1', '127.0.0.9'], {
    mayDial: (ip) => ip === '127.0.0.1',
  });
  await assert.rejects(dialling, { code: 'TARGET_REFUSED', message: /a\.example is 127\.0\.0\.9/ });
  await turn();
  assert.equal(target.count, 0);
});

test('the next address is dialled at once when one refuses', async (t) => {
  const server = await listenOn(t, '127.0.0.3');
  const start = performance.now();
  const line = await dialTo(t, { host: 'a.example', port: portOf(server) }, [
    '127.0.0.1',
    '127.0.0.2',
    '127.0.0.3',
  ]);
  assert.equal(remoteOf(line), '127.0.0.3');
  assert.ok(performance.now() - start < 200);
});

test('the next address is dialled beside one that does not answer', async (t) => {
  const server = await listenOn(t, '127.0.0.1');
  const start = performance.now();
  const line = await dialTo(t, { host: 'a.example', port: portOf(server) }, [NOWHERE, '127.0.0.1']);
  assert.equal(remoteOf(line), '127.0.0.1');
  assert.ok(performance.now() - start < 600);
});

test('families take turns, so that a dead one costs one delay', async (t) => {
  const server = await listenOn(t, '127.0.0.1');
  const start = performance.now();
  const addresses = ['2001:db8::1', '2001:db8::2', '2001:db8::3', '127.0.0.1', '127.0.0.2'];
  const line = await dialTo(t, { host: 'a.example', port: portOf(server) }, addresses);
  assert.equal(remoteOf(line), '127.0.0.1');
  assert.ok(performance.now() - start < 600);
});

test('all addresses refusing is one refusal, with the first reason', async (t) => {
  const port = await deadPort();
  const dialling = dialTo(t, { host: 'a.example', port }, ['127.0.0.1', '127.0.0.2']);
  await assert.rejects(dialling, (error) => {
    assert.ok(error instanceof ConsoleError);
    assert.equal(error.code, 'CONNECT_REFUSED');
    assert.match(error.message, /ECONNREFUSED 127\.0\.0\.1/);
    assert.ok(error.cause instanceof Error);
    return true;
  });
});

test('no answer at all is a time-out', async (t) => {
  const dialling = dialTo(t, { host: NOWHERE, port: 5901 }, [], { connectTimeout: 50 });
  await assert.rejects(dialling, ({ code }: ConsoleError) =>
    // Some networks say at once that nobody is there.
    ['TIMEOUT', 'CONNECT_REFUSED'].includes(code),
  );
});

const lookups: [string, () => unknown, string][] = [
  [
    'rejects',
    () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' })),
    'HOST_NOT_FOUND',
  ],
  ['finds nothing', async () => [], 'HOST_NOT_FOUND'],
  ['finds no IP addresses', async () => ['a.example', '', 7, null], 'HOST_NOT_FOUND'],
  ['answers undefined', async () => undefined, 'HOST_NOT_FOUND'],
  ['rejects with nothing', () => Promise.reject(), 'HOST_NOT_FOUND'],
  ['never answers', () => new Promise(() => {}), 'TIMEOUT'],
  [
    'times out',
    () => Promise.reject(Object.assign(new Error('late'), { code: 'ETIMEOUT' })),
    'TIMEOUT',
  ],
];
for (const [title, lookup, code] of lookups) {
  test(`a lookup that ${title} ends with ${code}`, async (t) => {
    const target: Target = { host: 'a.example', port: 5901 };
    const options = { lookup: lookup as DialOptions<Intake>['lookup'], dnsTimeout: 30 };
    await assert.rejects(dialTo(t, target, [], options), { code });
  });
}

test('this server itself is not dialled, by whatever name or address', async (t) => {
  const server = await listenOn(t, '0.0.0.0');
  const ownPort = portOf(server);
  let connections = 0;
  server.on('connection', () => connections++);
  const own = Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .map(({ address }) => address);
  for (const ip of ['127.0.0.1', '127.1.2.3', '0.0.0.0', '::1', '::', '::ffff:7f00:1', ...own]) {
    if (ip.includes('%')) continue;
    for (const host of [ip, 'a.example']) {
      const dialling = dialTo(t, { host, port: ownPort }, [ip], { ownPort });
      await assert.rejects(dialling, { code: 'TARGET_REFUSED', message: /this server itself/ }, ip);
    }
  }
  await turn();
  assert.equal(connections, 0);
  await dialTo(t, { host: '127.0.0.1', port: ownPort }, [], { ownPort: ownPort - 1 });
});

test('cancelling a dial ends it with the reason, whatever it waits for', async (t) => {
  const reason = new ConsoleError('BROWSER_CLOSED');
  const never = new Promise<never>(() => {});
  const answer = deferred<string[]>();
  const cases: [Target, Partial<DialOptions<Intake>>][] = [
    [{ host: NOWHERE, port: 5901 }, {}],
    [{ host: 'a.example', port: 5901 }, { lookup: () => answer.promise }],
    [{ connect: () => never }, {}],
  ];
  for (const [target, options] of cases) {
    const cancellation = new Cancellation();
    const dialling = dialTo(t, target, [], { ...options, cancellation });
    dialling.catch(() => {});
    await turn();
    cancellation.cancel(reason);
    answer.resolve([NOWHERE]);
    const outcome = await within(
      dialling.catch((error) => error),
      'the end of a dial',
    );
    // A network that says at once that nobody is there may be faster than us.
    assert.ok(outcome === reason || outcome.code === 'CONNECT_REFUSED');
  }
});

test('a Unix socket is connected to, and a missing one is a refusal', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'vnc-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'vm.sock');
  await VncTarget.open(t, { path });
  const { intake } = await dialTo(t, { path });
  assert.ok(intake);
  await assert.rejects(dialTo(t, { path: join(folder, 'none') }), {
    code: 'CONNECT_REFUSED',
    message: /ENOENT/,
  });
});

test('what the server says at once is not lost before somebody listens', async (t) => {
  const target = await VncTarget.open(t);
  const { intake } = await dialTo(t, { host: '127.0.0.1', port: target.port });
  const said = new Promise<string>((resolve) => {
    intake!.onBytes = (length) => {
      resolve(intake!.bytes(length).toString());
      return true;
    };
  });
  assert.equal(await within(said, 'the greeting'), 'RFB 003.008\n');
});

test('a connected socket may fail at any time without harm', async (t) => {
  const target = await VncTarget.open(t);
  const { stream } = await dialTo(t, { host: '127.0.0.1', port: target.port });
  const closed = closing(stream);
  (await target.next()).socket.resetAndDestroy();
  await closed;
});

test('the stream of connect is taken as it is, and may fail without harm', async (t) => {
  const stream = new PassThrough();
  const line = await dialTo(t, { connect: () => stream });
  assert.equal(line.stream, stream);
  assert.equal(line.intake, null);
  const closed = closing(stream);
  stream.destroy(new Error('tunnel broke'));
  await closed;
});

test('a ConsoleError of connect keeps its code', async (t) => {
  const connect = async () => {
    throw new ConsoleError('TARGET_UNKNOWN', 'no such tunnel');
  };
  await assert.rejects(dialTo(t, { connect }), { code: 'TARGET_UNKNOWN' });
});

test('a stream that connect opens after its time is destroyed, and its signal aborted', async (t) => {
  const late = deferred<PassThrough>();
  let signal: AbortSignal | undefined;
  const connect = (given: AbortSignal) => {
    signal = given;
    return late.promise;
  };
  await assert.rejects(dialTo(t, { connect }, [], { connectTimeout: 20 }), { code: 'TIMEOUT' });
  assert.equal(signal?.aborted, true);
  const stream = new PassThrough();
  const closed = closing(stream);
  late.resolve(stream);
  await closed;
});
