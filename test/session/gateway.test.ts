import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type Duplex, duplexPair } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ConsoleError, ENDS } from '../../lib/errors.ts';
import { answerVncAuth } from '../../lib/rfb/login/vnc-auth.ts';
import type { Rights } from '../../lib/rfb/rights.ts';
import type { Custody, Target } from '../../lib/target/target.ts';
import { hex, toHex } from '../helpers/bytes.ts';
import { FakeBrowser } from '../helpers/fake-browser.ts';
import { Inbox, turn, until } from '../helpers/inbox.ts';
import { makeSession } from '../helpers/make-session.ts';
import { watchTimers } from '../helpers/timers.ts';
import { BANNER } from '../helpers/vnc-target.ts';
import * as says from '../rfb/helpers/browser-says.ts';
import { serverCutText, serverInit } from '../rfb/helpers/server-says.ts';

const PASSWORD = 'hunter2';
const CHALLENGE = Buffer.from([...Array(16).keys()]);
const OK = Buffer.alloc(4);
const HANDSHAKE = 1_000;
const SIGN_IN = 5_000;
const AUTHORIZE = 2_000;
const VIEW_ONLY = { viewOnly: true };
const KEPT = { credentials: { password: PASSWORD } };

/** A session whose server and browser are in the test's hands, and whose timers are on its clock. */
async function open(
  t: TestContext,
  custody: Custody,
  greeting = BANNER,
  [near, far]: [Duplex, Duplex] = duplexPair(),
) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const timers = watchTimers(t);
  const fromRelay = new Inbox('the relay, at the server');
  far.on('data', (bytes: Buffer) => fromRelay.push(bytes));
  const browser = new FakeBrowser();
  const { session, told, end } = makeSession(
    browser.asSocket,
    {
      ...{ dns: 1_000, connect: 1_000, banner: 1_000, close: 1_000 },
      ...{ ping: 1_000, stall: 1_000, idle: 0, session: 0 },
      ...{ handshake: HANDSHAKE, signIn: SIGN_IN, authorize: AUTHORIZE },
    },
    100_000,
  );
  const target: Target = { connect: () => near, ...custody };
  await session.open({ target, mayDial: () => true, ownPort: undefined });
  far.write(greeting);
  await turns();
  return {
    session,
    browser,
    near,
    far,
    told,
    timers,
    fromRelay,
    end,
    pass: (ms: number) => t.mock.timers.tick(ms),
    target: new WeakRef(target),
    restrict: (rights: Partial<Rights>) => session.restrict(rights),
  };
}

type Opened = Awaited<ReturnType<typeof open>>;

async function turns(count = 5): Promise<void> {
  for (let each = 0; each < count; each++) await turn();
}

/** What the server hears of a relay that logs in by a type, up to the answer. */
async function hearChoice({ far, fromRelay }: Opened, type: number): Promise<void> {
  assert.deepEqual(await fromRelay.read(12), BANNER);
  far.write(Buffer.of(1, type));
  assert.deepEqual(await fromRelay.read(1), Buffer.of(type));
}

/** The server's part of VNC authentication; returns the answer to its challenge. */
async function challenge(opened: Opened): Promise<Buffer> {
  await hearChoice(opened, 2);
  opened.far.write(CHALLENGE);
  return opened.fromRelay.read(16);
}

/** The browser's part of a handshake in which it is offered a type. */
async function choose({ browser }: Opened, type: number): Promise<void> {
  browser.says(BANNER);
  assert.deepEqual(await browser.inbox.read(14), Buffer.concat([BANNER, Buffer.of(1, type)]));
  browser.says(Buffer.of(type));
}

/** A session that is joined, past ClientInit and ServerInit. */
async function join(t: TestContext, custody: Custody): Promise<Opened> {
  const opened = await open(t, custody);
  const { browser, far, fromRelay } = opened;
  await hearChoice(opened, 1);
  far.write(OK);
  await choose(opened, 1);
  assert.deepEqual(await browser.inbox.read(4), OK);
  browser.says(Buffer.of(0));
  await fromRelay.read(1);
  far.write(serverInit());
  await browser.inbox.read(serverInit().length);
  return opened;
}

test('a browser is let in by credentials that it never sees', async (t) => {
  const opened = await open(t, KEPT);
  assert.deepEqual(await challenge(opened), answerVncAuth(PASSWORD, CHALLENGE));
  opened.far.write(OK);
  await choose(opened, 1);
  assert.deepEqual(await opened.browser.inbox.read(4), OK);
  assert.deepEqual(opened.told, ['dialled', 'open']);
  opened.browser.says(Buffer.of(1));
  assert.deepEqual(await opened.fromRelay.read(1), Buffer.of(1));
  assert.equal(opened.timers.running, 0);
});

test('a viewer’s own answer to a challenge is passed on, both ways byte for byte', async (t) => {
  const opened = await open(t, VIEW_ONLY);
  await hearChoice(opened, 2);
  opened.far.write(CHALLENGE);
  await choose(opened, 2);
  assert.deepEqual(await opened.browser.inbox.read(16), CHALLENGE);
  const answer = Buffer.alloc(16, 0xa5);
  opened.browser.says(answer);
  assert.deepEqual(await opened.fromRelay.read(16), answer);
  opened.far.write(OK);
  assert.deepEqual(await opened.browser.inbox.read(4), OK);
  assert.deepEqual(opened.told, ['dialled', 'open']);
  assert.equal(opened.timers.running, 0);
});

test('stored credentials that are wrong end with 4407, before the browser is let in', async (t) => {
  const opened = await open(t, KEPT);
  await challenge(opened);
  opened.browser.says(BANNER);
  opened.far.write(Buffer.concat([hex('00000001 00000003'), Buffer.from('no!')]));
  await turns();
  assert.deepEqual(opened.browser.acts.at(-1), `close ${ENDS.LOGIN_FAILED.closeCode}`);
  assert.deepEqual(opened.browser.inbox.peek(), BANNER);
  assert.match(opened.end()!.error.message, /no!/);
  assert.equal(opened.near.destroyed, true);
});

test('a viewer whose password is wrong is told so in our words', async (t) => {
  const opened = await open(t, VIEW_ONLY);
  await hearChoice(opened, 2);
  opened.far.write(CHALLENGE);
  await choose(opened, 2);
  await opened.browser.inbox.read(16);
  opened.browser.says(Buffer.alloc(16));
  opened.far.write(Buffer.concat([hex('00000001 00000006'), Buffer.from('theirs')]));
  const { words } = ENDS.LOGIN_FAILED;
  const refusal = Buffer.concat([hex('00000001 000000'), Buffer.of(words.length)]);
  assert.deepEqual(await opened.browser.inbox.read(8), refusal);
  assert.equal((await opened.browser.inbox.read(words.length)).toString(), words);
  await turns();
  assert.equal(opened.end()?.error.code, 'LOGIN_FAILED');
});

test('a server that cannot be signed in to ends with 4502', async (t) => {
  const { far, browser, told, near } = await open(t, KEPT);
  far.write(Buffer.of(2, 16, 5));
  await turns();
  assert.equal(told.at(-1), 'SECURITY_UNSUPPORTED');
  assert.equal(browser.acts.at(-1), 'close 4502');
  assert.equal(near.destroyed, true);
});

test('a server that says nothing more is given timeouts.handshake', async (t) => {
  const { pass, told, near, far } = await open(t, KEPT);
  pass(HANDSHAKE - 100);
  far.write(Buffer.of(1)); // a byte now and then makes it no longer
  await turns();
  assert.deepEqual(told, ['dialled']);
  pass(100);
  await turns();
  assert.deepEqual(told.slice(0, 2), ['dialled', 'TIMEOUT']);
  assert.equal(near.destroyed, true);
});

test('a viewer is given timeouts.signIn, and a server that waits for him no less', async (t) => {
  const opened = await open(t, VIEW_ONLY);
  await hearChoice(opened, 2);
  opened.far.write(CHALLENGE);
  await choose(opened, 2);
  await opened.browser.inbox.read(16);
  opened.pass(SIGN_IN - 500);
  await turns();
  assert.deepEqual(opened.told, ['dialled']);
  opened.browser.says(Buffer.alloc(15)); // all but one byte of the answer
  opened.pass(500);
  await turns();
  assert.deepEqual(opened.told.slice(0, 2), ['dialled', 'IDLE']);
  assert.equal(opened.near.destroyed, true);
});

test('a browser that does not answer the greeting is not taken for a silent server', async (t) => {
  const opened = await open(t, KEPT);
  await hearChoice(opened, 1);
  opened.far.write(OK);
  await turns();
  opened.pass(HANDSHAKE);
  await turns();
  assert.deepEqual(opened.told.slice(0, 2), ['dialled', 'BROWSER_GONE']);
});

/** What a session waits for that is not the server's to say. */
const WAITS: [string, (t: TestContext) => Promise<Opened>][] = [
  ['a vault', (t) => open(t, { credentials: () => new Promise(() => {}) })],
  [
    'a viewer',
    async (t) => {
      const opened = await open(t, VIEW_ONLY);
      await hearChoice(opened, 2);
      opened.far.write(CHALLENGE);
      await turns();
      return opened;
    },
  ],
  [
    'a browser',
    async (t) => {
      const opened = await open(t, KEPT);
      await hearChoice(opened, 1);
      opened.far.write(OK);
      await turns();
      return opened;
    },
  ],
];
const LOSSES: [string, (far: Duplex, near: Duplex) => void][] = [
  ['hangs up', (far) => far.end()],
  ['fails', (_far, near) => near.destroy(new Error('reset'))],
];
for (const [whom, wait] of WAITS) {
  for (const [how, lose] of LOSSES) {
    test(`a server that ${how} while ${whom} is waited for ends the session at once`, async (t) => {
      const opened = await wait(t);
      assert.deepEqual(opened.told, ['dialled']);
      lose(opened.far, opened.near);
      await turns();
      assert.deepEqual(opened.told.slice(0, 2), ['dialled', 'SERVER_LOST']);
      assert.equal(opened.browser.acts.at(-1), 'close 4500');
      assert.equal(opened.near.destroyed, true);
    });
  }

  for (const how of ['leaves', 'is ended by the host'] as const) {
    test(`a browser that ${how} while ${whom} is waited for takes the server with it`, async (t) => {
      const { browser, session, near, told, far } = await wait(t);
      if (how === 'leaves') browser.leave(1001);
      else session.end(new ConsoleError('SHUTTING_DOWN'));
      assert.equal(near.destroyed, true);
      const before = told.length;
      browser.says(BANNER);
      far.write(Buffer.of(1, 1));
      await turns();
      browser.leave(1001);
      assert.deepEqual(told.slice(before), how === 'leaves' ? [] : ['gone']);
    });
  }
}

/** Ends that come while nothing of the browser has been read: its greeting is still waited for. */
const EARLY_ENDS: [string, (opened: Opened) => void][] = [
  [
    'a server that refuses',
    ({ far }) => far.write(Buffer.concat([hex('00 00000002'), Buffer.from('no')])),
  ],
  ['a server that hangs up', ({ far }) => far.end()],
  ['a server that is too slow', ({ pass }) => pass(HANDSHAKE)],
  ['a browser that leaves', ({ browser }) => browser.leave(1001)],
  ['the host', ({ session }) => session.destroy()],
];
for (const custody of [VIEW_ONLY, KEPT]) {
  for (const [who, act] of EARLY_ENDS) {
    test(`${who} leaves no timer behind ${custody === KEPT ? 'with' : 'without'} credentials`, async (t) => {
      const opened = await open(t, custody);
      act(opened);
      await turns();
      opened.browser.leave(1001);
      await turns();
      assert.equal(opened.told.at(-1), 'gone');
      assert.equal(opened.timers.running, 0);
    });
  }
}

test('a vault that fails ends the session as a fault of ours, and what it threw is not quoted', async (t) => {
  const credentials = async () => {
    throw new Error(`the vault has ${PASSWORD}`);
  };
  const { end, browser, near, timers } = await open(t, { credentials });
  assert.equal(end()?.error.code, 'INTERNAL');
  assert.doesNotMatch(end()!.error.message, /hunter2/);
  assert.equal(near.destroyed, true);
  browser.leave(1011);
  assert.equal(timers.running, 0);
});

for (const nonsense of [null, undefined, 7, 'text', { password: 7 }, { password: 'a\0b' }]) {
  test(`a vault that gives ${JSON.stringify(nonsense)} is a fault of ours`, async (t) => {
    const { end, near } = await open(t, { credentials: () => nonsense as never });
    assert.equal(end()?.error.code, 'INTERNAL');
    assert.equal(near.destroyed, true);
  });
}

test('a vault that hangs is given timeouts.authorize', async (t) => {
  const { told, pass, end } = await open(t, { credentials: () => new Promise(() => {}) });
  pass(AUTHORIZE - 1);
  await turns();
  assert.deepEqual(told, ['dialled']);
  pass(1);
  await turns();
  assert.equal(end()?.error.code, 'INTERNAL');
});

test('a vault is asked once, when the server has greeted, and not for one that does not', async (t) => {
  let asked = 0;
  const credentials = () => {
    asked++;
    return { password: PASSWORD };
  };
  await open(t, { credentials });
  assert.equal(asked, 1);
  t.mock.timers.reset();
  await open(t, { credentials }, Buffer.from('SSH-2.0-OpenSSH_9.2\r\n'));
  assert.equal(asked, 1);
});

test('a server that speaks between its consent to TLS and TLS is not believed', async (t) => {
  const opened = await open(t, { ...KEPT, tls: { fingerprint256: 'ab'.repeat(32) } });
  await hearChoice(opened, 19);
  opened.far.write(hex('00 02'));
  assert.equal(toHex(await opened.fromRelay.read(2)), '00 02');
  opened.far.write(hex('00 01 00000105'));
  assert.equal(toHex(await opened.fromRelay.read(4)), '00 00 01 05');
  opened.far.write(Buffer.concat([Buffer.of(1), CHALLENGE]));
  await turns();
  assert.match(opened.end()!.error.message, /between its consent to TLS and TLS/);
  assert.equal(opened.fromRelay.length, 0);
  assert.equal(opened.near.destroyed, true);
});

test('what a browser says too early is a breach before the console is open', async (t) => {
  const opened = await open(t, KEPT);
  // ClientInit in the same breath, and then what no browser may say.
  opened.browser.says(Buffer.concat([BANNER, Buffer.of(1, 1, 99)]));
  await hearChoice(opened, 1);
  opened.far.write(OK);
  await turns();
  assert.deepEqual(opened.told, ['dialled', 'BROWSER_PROTOCOL']);
  assert.equal(opened.near.destroyed, true);
});

test('what a browser says in the same breath as its choice reaches the server in order', async (t) => {
  const opened = await open(t, KEPT);
  const more = Buffer.concat([Buffer.of(1), says.updateRequest, says.key(65, true)]);
  opened.browser.says(Buffer.concat([BANNER, Buffer.of(1), more]));
  await hearChoice(opened, 1);
  opened.far.write(OK);
  assert.deepEqual(await opened.fromRelay.read(more.length), more);
});

test('a browser that floods before it is let in is held up, and let go when it is in', async (t) => {
  const opened = await open(t, VIEW_ONLY);
  const { browser } = opened;
  browser.says(Buffer.concat([BANNER, Buffer.of(1, 1)]));
  for (let sent = 0; sent <= 64 * 1024; sent += 10) browser.says(says.updateRequest);
  assert.deepEqual(browser.acts, ['pause']);
  await hearChoice(opened, 1);
  opened.far.write(OK);
  await opened.fromRelay.read(1 + 64 * 1024);
  await until(() => browser.acts.at(-1) === 'resume', 'the browser to be let go');
  assert.deepEqual(opened.told, ['dialled', 'open']);
});

test('a server that floods while the viewer is asked is read no further', async (t) => {
  const opened = await open(t, VIEW_ONLY);
  await hearChoice(opened, 2);
  opened.far.write(CHALLENGE);
  await choose(opened, 2);
  let taken = 0;
  for (let sent = 0; sent < 4 * 2 ** 20; sent += 16_384) {
    opened.far.write(Buffer.alloc(16_384), () => {
      taken += 16_384;
    });
    await turn();
  }
  assert.ok(taken < 256 * 1024, `${taken} bytes were taken`);
  // The first of it reads as consent; all that follows is out of its turn.
  opened.browser.says(Buffer.alloc(16));
  await turns();
  assert.deepEqual(opened.told, ['dialled', 'SERVER_PROTOCOL']);
});

test('a view-only viewer’s input is dropped, and counts as a sign of life', async (t) => {
  const { browser, fromRelay, session, end } = await join(t, VIEW_ONLY);
  for (let times = 0; times < 1_000; times++) browser.says(says.pointer(1, times, times));
  browser.says(says.key(65, true));
  browser.says(says.updateRequest);
  assert.deepEqual(await fromRelay.read(10), says.updateRequest);
  await turns();
  assert.equal(fromRelay.length, 0);
  session.end(new ConsoleError('IDLE'));
  assert.equal(end()?.toServer, 1 + 10);
});

test('a clipboard rule holds toward the browser', async (t) => {
  const { browser, far, end, session } = await join(t, { clipboard: 'to-server' });
  far.write(serverCutText('secret'));
  far.write(hex('02'));
  assert.deepEqual(await browser.inbox.read(1), hex('02'));
  assert.equal(browser.inbox.length, 0);
  session.end(new ConsoleError('IDLE'));
  assert.equal(end()?.toBrowser, serverInit().length + 1);
});

test('rights that change while a session runs release what is pressed', async (t) => {
  const { browser, fromRelay, restrict } = await join(t, { viewOnly: false });
  browser.says(says.key(65, true));
  assert.deepEqual(await fromRelay.read(8), says.key(65, true));
  assert.equal(restrict({ viewOnly: true }), true);
  assert.deepEqual(await fromRelay.read(8), says.key(65, false));
  browser.says(says.key(66, true));
  await turns();
  assert.equal(fromRelay.length, 0);
  restrict({ viewOnly: false });
  browser.says(says.key(66, true));
  assert.deepEqual(await fromRelay.read(8), says.key(66, true));
});

test('a right that is undefined in a change stays as it is', async (t) => {
  const { browser, fromRelay, restrict } = await join(t, VIEW_ONLY);
  restrict({ viewOnly: undefined, clipboard: 'none' } as unknown as Partial<Rights>);
  browser.says(says.key(65, true));
  browser.says(says.updateRequest);
  assert.deepEqual(await fromRelay.read(10), says.updateRequest);
});

test('rights that cannot be kept any more are refused, and none of them changes', async (t) => {
  const { browser, far, fromRelay, restrict } = await join(t, { viewOnly: false });
  far.write(hex('99')); // a message of no known length: from here on nobody can follow
  await browser.inbox.read(1);
  assert.throws(() => restrict({ clipboard: 'none', viewOnly: true }), { code: 'SERVER_PROTOCOL' });
  browser.says(says.key(65, true));
  assert.deepEqual(await fromRelay.read(8), says.key(65, true));
  // The browser's side can still be followed, and this has nothing of the other.
  restrict({ viewOnly: true });
  assert.deepEqual(await fromRelay.read(8), says.key(65, false));
});

test('a server that cannot be followed ends a session whose clipboard is ruled', async (t) => {
  const { far, told, near } = await join(t, { clipboard: 'none' });
  far.write(hex('99'));
  await turns();
  assert.equal(told.at(-1), 'SERVER_PROTOCOL');
  assert.equal(near.destroyed, true);
});

test('a browser that breaks the protocol ends the session, and no byte of that goes on', async (t) => {
  const { browser, fromRelay, told, near } = await join(t, VIEW_ONLY);
  browser.says(hex('63'));
  assert.equal(told.at(-1), 'BROWSER_PROTOCOL');
  assert.equal(near.destroyed, true);
  await turns();
  assert.equal(fromRelay.length, 0);
});

test('a session that asks nothing of the relay has no rights to change', async (t) => {
  const { restrict, browser } = await open(t, {});
  assert.deepEqual(await browser.inbox.read(12), BANNER);
  assert.equal(restrict({ viewOnly: true }), false);
});

test('a session that is joined keeps no target, which may hold a password', async (t) => {
  const { target, told, timers, session } = await join(t, { ...VIEW_ONLY, ...KEPT });
  timers.forget();
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  await turns();
  collect();
  assert.equal(target.deref(), undefined);
  // It is not gone with its session, which goes on.
  assert.deepEqual(told, ['dialled', 'open']);
  session.end(new ConsoleError('IDLE'));
});

test('a socket that the host has opened still tells the host what it reads', async (t) => {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const near = connect((listener.address() as AddressInfo).port, '127.0.0.1');
  const [far] = (await once(listener, 'connection')) as [Socket];
  t.after(() => {
    near.destroy();
    far.destroy();
    listener.close();
  });
  let counted = 0;
  near.on('data', (bytes) => {
    counted += bytes.length;
  });
  near.pause();
  const opened = await open(t, KEPT, BANNER, [near, far]);
  opened.browser.says(Buffer.concat([BANNER, Buffer.of(1, 1)]));
  await hearChoice(opened, 1);
  far.write(OK);
  await opened.fromRelay.read(1);
  far.write(serverInit());
  const { length } = serverInit();
  await opened.browser.inbox.read(BANNER.length + 2 + OK.length + length);
  assert.equal(counted, BANNER.length + 2 + OK.length + length);
});
