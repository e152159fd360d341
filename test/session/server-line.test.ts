import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Duplex, duplexPair } from 'node:stream';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { ConsoleError } from '../../lib/errors.ts';
import { ServerLine, type TlsStarter } from '../../lib/session/server-line.ts';
import { hex } from '../helpers/bytes.ts';
import { failureOf, standing } from '../rfb/helpers/wire.ts';

const LIMIT = 64 * 1024;
const NO_TLS: TlsStarter = () => Promise.reject(new Error('no TLS'));

function open({ greeting = 'ab', startTls = NO_TLS } = {}) {
  const [near, far] = duplexPair();
  near.on('error', () => {});
  const line = new ServerLine(near, Buffer.from(greeting), startTls);
  return { line, near, far };
}

async function turns(count = 5): Promise<void> {
  for (let each = 0; each < count; each++) await turn();
}

test('a line is handed on once all that the server said is read', async () => {
  const { line, near, far } = open();
  far.write('cd');
  assert.equal((await line.read(4)).toString(), 'abcd');
  assert.equal(line.release(), near);
  assert.ok(near.isPaused());
});

test('a server that speaks before ClientInit is not handed on', async () => {
  const { line, near, far } = open();
  await line.read(2);
  const said = once(near, 'data');
  far.write('cd');
  await said;
  assert.throws(() => line.release(), {
    code: 'SERVER_PROTOCOL',
    message: 'the server sent 2 bytes before ClientInit',
  });
});

test('a server that has left is not handed on, as nobody would hear of it', async () => {
  for (const how of ['end', 'reset']) {
    const { line, near, far } = open();
    await line.read(2);
    if (how === 'end') far.end();
    else near.destroy();
    while (!near.readableEnded && !near.destroyed) await turn();
    assert.throws(() => line.release(), { code: 'SERVER_LOST' });
  }
});

test('fields are read off the greeting first, and then off what comes', async () => {
  const { line, far } = open();
  const read = line.read(3);
  far.write('cd');
  assert.equal(String(await read), 'abc');
  assert.equal(String(await line.read(1)), 'd');
});

test('what is written may be wiped at once, though the server is slow', async () => {
  const { line, far } = open();
  const secret = Buffer.from('hunter2');
  line.write(secret);
  secret.fill(0);
  await turn();
  assert.equal(String(far.read()), 'hunter2');
});

test('a stream that is handed on has no listener of the line any more', () => {
  const { line, near } = open({ greeting: '' });
  const names = ['data', 'end', 'close', 'error'];
  const before = names.map((name) => near.listenerCount(name));
  line.release();
  const gone = names.map((name, at) => before[at]! - near.listenerCount(name));
  assert.deepEqual(gone, [1, 1, 1, 1]);
});

test('a server that says more than is asked for is read no further, until it is asked', async () => {
  const { line, far, near } = open({ greeting: '' });
  let taken = 0;
  for (let sent = 0; sent < 8 * LIMIT; sent += 1_024) {
    far.write(Buffer.alloc(1_024), () => {
      taken += 1_024;
    });
    await turn();
  }
  assert.ok(taken > LIMIT && taken < 4 * LIMIT, `${taken} bytes were taken`);
  assert.equal(near.isPaused(), true);
  for (let read = 0; read < 8 * LIMIT; read += 1_024) await line.read(1_024);
  assert.equal(taken, 8 * LIMIT);
});

for (const [how, lose, message] of [
  ['hangs up', (_near: Duplex, far: Duplex) => far.end(), /closed during the handshake/],
  ['closes', (near: Duplex) => near.destroy(), /closed during the handshake/],
  ['fails', (near: Duplex) => near.destroy(new Error('ECONNRESET')), /ECONNRESET/],
] as const) {
  test(`a server that ${how} fails what is read, and what is done meanwhile`, async () => {
    const { line, near, far } = open({ greeting: '' });
    const read = failureOf(line.read(1));
    const work = failureOf(line.during(new Promise(() => {})));
    lose(near, far);
    for (const error of [await read, await work, await failureOf(line.read(1))]) {
      assert.equal(error.code, 'SERVER_LOST');
      assert.match(error.message, message);
    }
    // What begins after that is given up at once, done or not.
    assert.equal(await failureOf(line.during(Promise.resolve())), await read);
  });
}

test('a stream that has ended before the line begins fails what is read', async () => {
  const [near] = duplexPair();
  near.destroy();
  const line = new ServerLine(near, Buffer.alloc(0), NO_TLS);
  assert.equal((await failureOf(line.read(1))).code, 'SERVER_LOST');
});

test('what is done meanwhile comes through as it is, good or bad', async () => {
  const { line } = open();
  assert.equal(await line.during(Promise.resolve(7)), 7);
  const error = new ConsoleError('BROWSER_PROTOCOL');
  assert.equal(await failureOf(line.during(Promise.reject(error))), error);
  assert.equal(await standing(line.during(new Promise(() => {}))), 'pending');
});

test('the first failure stays', async () => {
  const { line, near } = open({ greeting: '' });
  const first = new ConsoleError('TIMEOUT');
  line.fail(first);
  line.fail(new ConsoleError('IDLE'));
  near.destroy(new Error('late'));
  await turns();
  assert.equal(await failureOf(line.read(1)), first);
  assert.equal(await failureOf(line.during(new Promise(() => {}))), first);
});

test('nothing is written to a server that has gone', async (t) => {
  const { line, near } = open();
  const write = t.mock.method(near, 'write');
  line.destroy();
  line.write(hex('01'));
  await turns();
  assert.equal(write.mock.callCount(), 0);
});

test('a stream that gives no bytes is destroyed', async () => {
  const near = new Duplex({
    objectMode: true,
    read() {},
    write: (_bytes, _encoding, done) => done(),
  });
  const line = new ServerLine(near, Buffer.alloc(0), NO_TLS);
  near.push('text');
  assert.match((await failureOf(line.read(1))).message, /something else than bytes/);
  assert.equal(near.destroyed, true);
});

test('a line goes on inside TLS, and listens to nothing under it', async () => {
  const [inner, peer] = duplexPair();
  const modes: string[] = [];
  const { line, near, far } = open({
    greeting: '',
    startTls: async (_stream, mode) => {
      modes.push(mode);
      return inner;
    },
  });
  await line.startTls('x509');
  assert.deepEqual(modes, ['x509']);
  far.write(hex('ff'));
  peer.write(hex('01'));
  assert.deepEqual(await line.read(1), hex('01'));
  line.write(hex('02'));
  await turn();
  assert.deepEqual(peer.read(), hex('02'));
  assert.equal(near.listenerCount('data'), 0);
  peer.end();
  assert.equal((await failureOf(line.read(1))).code, 'SERVER_LOST');
  line.destroy();
  assert.equal(inner.destroyed, true);
});

test('TLS is not begun with a server that has said more already', async (t) => {
  const startTls = t.mock.fn(NO_TLS);
  const { line } = open({ startTls });
  await line.read(1);
  assert.match((await failureOf(line.startTls('anonymous'))).message, /between its consent/);
  assert.equal(startTls.mock.callCount(), 0);
});

test('TLS that fails is what the log-in fails with', async () => {
  const error = new ConsoleError('CERTIFICATE_UNTRUSTED');
  const { line } = open({ greeting: '', startTls: () => Promise.reject(error) });
  assert.equal(await failureOf(line.startTls('x509')), error);
});
