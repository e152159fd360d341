import assert from 'node:assert/strict';
import { Duplex, duplexPair } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { ConsoleError, ENDS } from '../../lib/errors.ts';
import { FakeBrowser } from '../helpers/fake-browser.ts';
import { turn } from '../helpers/inbox.ts';
import { makeSession } from '../helpers/make-session.ts';
import { BANNER } from '../helpers/vnc-target.ts';

const CLOSE = 1_000;

/** A session whose target is a stream in memory, and whose farewell is on a clock of the test's. */
async function open(
  t: TestContext,
  { greets = true, server }: { greets?: boolean; server?: Duplex } = {},
) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const [near, far] = server ? [server, null] : duplexPair();
  const browser = new FakeBrowser();
  const timeouts = {
    dns: 1,
    connect: 1_000,
    banner: 1_000,
    handshake: 1_000,
    signIn: 1_000,
    authorize: 1_000,
    ping: 1_000,
    stall: 1_000,
    idle: 0,
    session: 0,
  };
  const { session, told, end } = makeSession(
    browser.asSocket,
    { ...timeouts, close: CLOSE },
    1_000,
  );
  const way = { target: { connect: () => near }, mayDial: () => true, ownPort: undefined };
  await session.open(way);
  if (greets) {
    (far ?? near).write(BANNER);
    await turn();
  }
  return {
    session,
    browser,
    near,
    far: far!,
    told,
    end,
    pass: (ms: number) => t.mock.timers.tick(ms),
  };
}

test('a session is dialled, open, ended and gone, once each', async (t) => {
  const { browser, far, told, pass } = await open(t);
  assert.deepEqual(browser.inbox.peek(), BANNER);
  far.end();
  await turn();
  await turn();
  assert.deepEqual(browser.acts.at(-1), `close ${ENDS.SERVER_CLOSED.closeCode}`);
  browser.leave(1000);
  pass(CLOSE);
  await turn();
  assert.deepEqual(told, ['dialled', 'open', 'SERVER_CLOSED', 'gone']);
});

test('a browser that does not hang up is let go of after timeouts.close', async (t) => {
  const { browser, session, pass } = await open(t);
  session.end(new ConsoleError('IDLE'));
  pass(CLOSE - 1);
  assert.deepEqual(browser.acts, ['close 4408']);
  pass(1);
  assert.deepEqual(browser.acts, ['close 4408', 'terminate']);
});

test('a browser that still takes its bytes is given ten times as long', async (t) => {
  const { browser, far, pass, told } = await open(t);
  browser.bufferedAmount = 7;
  far.end();
  await turn();
  await turn();
  for (let times = 1; times < 10; times++) {
    pass(CLOSE);
    assert.ok(!browser.acts.includes('terminate'), `after ${times} times`);
  }
  pass(CLOSE);
  assert.equal(browser.acts.at(-1), 'terminate');
  assert.equal(told.at(-1), 'gone');
});

test('a browser that has taken its bytes meanwhile is given no longer', async (t) => {
  const { browser, far, pass } = await open(t);
  browser.bufferedAmount = 7;
  far.end();
  await turn();
  await turn();
  pass(CLOSE);
  browser.bufferedAmount = 0;
  pass(CLOSE);
  assert.equal(browser.acts.at(-1), 'terminate');
});

for (const code of ['IDLE', 'TEXT_FRAME', 'SHUTTING_DOWN', 'BROWSER_GONE'] as const) {
  test(`${code} ends the server at once`, async (t) => {
    const { session, near } = await open(t);
    session.end(new ConsoleError(code));
    assert.equal(near.destroyed, true);
  });
}

test('a browser that closes has its bytes written to a slow server, and then the end', async (t) => {
  const acts: string[] = [];
  let done = () => {};
  const server = new Duplex({
    read() {},
    write(chunk, _encoding, callback) {
      acts.push(String(chunk));
      done = callback;
    },
    final(callback) {
      acts.push('end');
      callback();
    },
  });
  server.push(BANNER);
  const { browser } = await open(t, { server, greets: false });
  await turn();
  browser.says('one');
  browser.says('two');
  browser.leave(1000);
  assert.deepEqual(acts, ['one']);
  assert.equal(server.destroyed, false);
  done();
  await turn();
  done();
  await turn();
  assert.deepEqual(acts, ['one', 'two', 'end']);
});

test('a browser that closes before the greeting ends the server at once', async (t) => {
  const { browser, near, told } = await open(t, { greets: false });
  browser.leave(1000);
  assert.equal(near.destroyed, true);
  assert.deepEqual(told, ['dialled', 'BROWSER_CLOSED', 'gone']);
});

test('a browser that answers no ping is let go of at once', async (t) => {
  const { browser, session, told } = await open(t);
  const start = Math.ceil(performance.now()); // whole numbers: their differences are exact
  for (const age of [1_000, 2_000, 2_600]) session.tick(start + age);
  assert.deepEqual(browser.acts, ['ping', 'ping', 'close 1001', 'terminate']);
  assert.deepEqual(told.slice(2), ['BROWSER_GONE', 'gone']);
});

test('a browser that answered in time stays', async (t) => {
  const { browser, session, told } = await open(t);
  const start = performance.now();
  for (const age of [1_000, 2_000, 3_000, 4_000, 5_000]) {
    session.tick(start + age);
    browser.emit('pong');
  }
  assert.deepEqual(told, ['dialled', 'open']);
});

test('a browser that is closing is seen by the next tick', async (t) => {
  const { browser, session, told } = await open(t);
  browser.readyState = 2;
  session.tick(performance.now());
  assert.equal(told.at(-1), 'BROWSER_CLOSED');
  assert.ok(!browser.acts.some((act) => act.startsWith('close')), 'ws has answered already');
});

test('early bytes hold the browser up when they are many, and reach the server in order', async (t) => {
  const { browser, far } = await open(t, { greets: false });
  browser.says('a'.repeat(40_000));
  assert.deepEqual(browser.acts, []);
  browser.says('b'.repeat(40_000));
  assert.deepEqual(browser.acts, ['pause']);
  let heard = '';
  far.on('data', (bytes) => {
    heard += bytes;
  });
  await turn();
  assert.equal(heard, '');
  far.write(BANNER);
  await turn();
  await turn();
  assert.equal(heard.length, 80_000);
  assert.ok(heard.startsWith('a') && heard.endsWith('b'));
  assert.deepEqual(browser.acts, ['pause', 'resume']);
});

test('an end that is over is not told again, whatever comes', async (t) => {
  const { browser, session, near, told, end } = await open(t);
  session.end(new ConsoleError('IDLE'));
  session.end(new ConsoleError('MAX_DURATION'));
  session.destroy();
  browser.emit('error', new Error('late'));
  browser.says('late');
  session.tick(performance.now() + 1e6);
  near.emit('error', new Error('late'));
  assert.deepEqual(told, ['dialled', 'open', 'IDLE', 'gone']);
  assert.equal(end()?.toServer, 0);
});

test('the errors of a browser are told apart', async (t) => {
  for (const [code, told] of [
    ['WS_ERR_UNSUPPORTED_MESSAGE_LENGTH', 'MESSAGE_TOO_LARGE'],
    ['WS_ERR_INVALID_OPCODE', 'BROWSER_PROTOCOL'],
    ['ECONNRESET', 'BROWSER_GONE'],
    [undefined, 'BROWSER_GONE'],
  ] as const) {
    const { browser, end } = await open(t);
    t.mock.timers.reset();
    browser.emit('error', Object.assign(new Error('failed'), { code }));
    assert.equal(end()?.error.code, told);
    assert.equal(end()?.error.message, 'failed');
    browser.terminate();
  }
});

for (const [name, said] of [
  ['as TigerVNC does', 'RFB 003.003\n\0\0\0\0\0\0\0\x04full'],
  ['as 3.8 has it', 'RFB 003.008\n\0\0\0\0\x04full'],
] as const) {
  test(`a server that refuses unasked is heard by the browser and by the host, ${name}`, async (t) => {
    const { browser, far, end } = await open(t, { greets: false });
    far.write(Buffer.from(said, 'latin1'));
    far.end();
    await turn();
    await turn();
    assert.equal(browser.inbox.peek().toString('latin1'), said);
    assert.equal(browser.acts.at(-1), `close ${ENDS.SERVER_REFUSED.closeCode}`);
    assert.equal(end()?.error.code, 'SERVER_REFUSED');
    assert.equal(end()?.error.message, 'the server refuses the connection: "full"');
  });
}

for (const said of [
  ...['', '\0', '\0\0\0\0', '\0'.repeat(64), '\x01\x01'],
  ...['\x01\0\0\0\x04full', '\0\0\0\0\x04ful', '\0\0\0\0\x04full up'],
]) {
  test(`${JSON.stringify(said)} behind a greeting is no refusal`, async (t) => {
    const { far, end } = await open(t, { greets: false });
    far.write(Buffer.from(`RFB 003.008\n${said}`, 'latin1'));
    far.end();
    await turn();
    await turn();
    assert.equal(end()?.error.code, 'SERVER_CLOSED');
  });
}

test('a stream that closes without an end is a lost server', async (t) => {
  const { near, browser, end } = await open(t);
  near.destroy();
  await turn();
  assert.equal(end()?.error.code, 'SERVER_LOST');
  assert.equal(browser.acts.at(-1), 'close 4500');
});
