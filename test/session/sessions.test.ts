import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { WebSocketServer } from 'ws';
import { ENDS } from '../../lib/errors.ts';
import { ReadBuffers } from '../../lib/relay/read-buffers.ts';
import type { Way } from '../../lib/session/session.ts';
import type { SessionEnd, SessionInfo } from '../../lib/session/session-info.ts';
import { type LiveSession, Sessions } from '../../lib/session/sessions.ts';
import type { Lookup } from '../../lib/target/lookup.ts';
import type { Browser } from '../helpers/browser.ts';
import { Queue, turn, until, within } from '../helpers/inbox.ts';
import { MAJORS, socketPair } from '../helpers/socket-pair.ts';
import { BANNER, type VncConnection, VncTarget } from '../helpers/vnc-target.ts';

const TIMEOUTS = {
  dns: 500,
  connect: 1_000,
  banner: 1_000,
  handshake: 1_000,
  signIn: 1_000,
  authorize: 1_000,
  ping: 25_000,
  stall: 60_000,
  idle: 0,
  session: 0,
  close: 100,
};

interface Setting {
  readonly timeouts?: Partial<typeof TIMEOUTS>;
  readonly lookup?: Lookup;
  readonly sessions?: number;
  readonly dials?: number;
}

/** All sessions of an imagined novnc(), and what they tell. */
function open({ timeouts, lookup = async () => [], sessions = 10, dials = 10 }: Setting = {}) {
  const told = new Queue<[string, SessionInfo, SessionEnd | null]>('an event of a session');
  const live = new Queue<LiveSession>('an open session');
  const settings = {
    timeouts: { ...TIMEOUTS, ...timeouts },
    lookup,
    buffers: new ReadBuffers(),
    limits: { maxPayload: 2 ** 20 },
  };
  const all = new Sessions(
    settings,
    { sessions, dials },
    {
      onOpen: (session) => {
        const { update: _, ...info } = session;
        live.push(session);
        told.push(['open', info, null]);
      },
      onEnd: (info, end) => told.push(['end', info, end]),
    },
  );
  return { all, told, live };
}

const INFO = { id: '1', name: 'a', target: 'a:5901', viewer: '::1', startedAt: new Date(0) };

/** Starts a session for a new browser. */
async function start(
  t: TestContext,
  all: Sessions,
  target: Way['target'],
  {
    Wss = WebSocketServer,
    mayDial = () => true,
  }: { Wss?: typeof WebSocketServer; mayDial?: Way['mayDial'] } = {},
): Promise<Browser> {
  const { browser, socket } = await socketPair(t, Wss);
  const place = all.reserve();
  place.start(socket, INFO, { target, mayDial, ownPort: undefined });
  place.release();
  return browser;
}

for (const [title, Wss] of MAJORS) {
  test(`a session joins a browser of ${title} and a server, and tells of it`, async (t) => {
    const target = await VncTarget.open(t);
    const { all, told } = open();
    const browser = await start(t, all, { host: '127.0.0.1', port: target.port }, { Wss });
    assert.deepEqual(await browser.read(12), BANNER);
    const [opened, info] = await told.next();
    assert.deepEqual([opened, info], ['open', INFO]);
    browser.send(Buffer.from('abc'));
    const server = await target.next();
    assert.equal((await server.read(3)).toString(), 'abc');
    server.socket.end();
    const { closeCode: code, words: reason } = ENDS.SERVER_CLOSED;
    assert.deepEqual(await browser.closed(), { code, reason });
    const [ended, , end] = await told.next();
    assert.equal(ended, 'end');
    assert.equal(end?.error.code, 'SERVER_CLOSED');
    assert.deepEqual([end.toBrowser, end.toServer], [12, 3]);
    await within(all.close(1_000), 'the end of all');
    assert.equal(told.size, 0);
  });
}

test('a name that DNS does not know, and DNS that does not answer, are told apart', async (t) => {
  for (const [lookup, code] of [
    [async () => [], 'HOST_NOT_FOUND'],
    [() => new Promise<never>(() => {}), 'TIMEOUT'],
  ] as const) {
    const { all } = open({ lookup, timeouts: { dns: 30 } });
    const browser = await start(t, all, { host: 'a.example', port: 5901 });
    const { closeCode, words: reason } = ENDS[code];
    assert.deepEqual(await browser.closed(), { code: closeCode, reason });
  }
});

test('a name with a forbidden address is refused, and looked up once', async (t) => {
  let lookups = 0;
  const lookup = async () => (++lookups === 1 ? ['127.0.0.9'] : ['127.0.0.1']);
  const { all } = open({ lookup });
  const mayDial = (ip: string) => ip === '127.0.0.1';
  const browser = await start(t, all, { host: 'a.example', port: 5901 }, { mayDial });
  const { closeCode: code, words: reason } = ENDS.TARGET_REFUSED;
  assert.deepEqual(await browser.closed(), { code, reason });
  assert.equal(lookups, 1);
});

test('a browser that leaves during the lookup ends the session, and nothing is dialled', async (t) => {
  const target = await VncTarget.open(t);
  let answer: (addresses: string[]) => void = () => {};
  const lookup = () =>
    new Promise<string[]>((resolve) => {
      answer = resolve;
    });
  const { all, told } = open({ lookup });
  const browser = await start(t, all, { host: 'a.example', port: target.port });
  browser.socket.terminate();
  assert.equal((await told.next())[2]?.error.code, 'BROWSER_GONE');
  answer(['127.0.0.1']);
  for (let turns = 0; turns < 20; turns++) await turn();
  assert.equal(target.count, 0);
  await within(all.close(1_000), 'the end of all');
});

test('a place that is not used is free again, and one that is used is so only at the end', async (t) => {
  const target = await VncTarget.open(t);
  const { all, told } = open({ sessions: 1 });
  const place = all.reserve();
  assert.throws(() => all.reserve(), { code: 'TOO_MANY', message: /limits\.sessions \(1\)/ });
  assert.throws(() => all.checkRoom(), { code: 'TOO_MANY' });
  place.release();
  place.release();
  all.checkRoom();
  const browser = await start(t, all, { host: '127.0.0.1', port: target.port });
  await browser.read(12);
  assert.throws(() => all.checkRoom(), { code: 'TOO_MANY' });
  browser.socket.close();
  await browser.closed();
  await (await target.next()).gone();
  while ((await told.next())[0] !== 'end');
  const hasRoom = () => {
    try {
      all.reserve().release();
      return true;
    } catch {
      return false;
    }
  };
  await until(hasRoom, 'a place that is free again');
});

test('dials are counted apart from sessions', async (t) => {
  const target = await VncTarget.open(t, { greeting: null });
  const { all } = open({ dials: 1 });
  const browser = await start(t, all, { host: '127.0.0.1', port: target.port });
  assert.throws(() => all.checkRoom(), { code: 'TOO_MANY', message: /limits\.dials \(1\)/ });
  (await target.next()).socket.write(BANNER);
  await browser.read(12);
  all.checkRoom();
  all.reserve().release();
  all.checkRoom();
});

test('after close there is no room, and no clock runs on', async (t) => {
  const target = await VncTarget.open(t);
  const { all } = open();
  const browser = await start(t, all, { host: '127.0.0.1', port: target.port });
  await browser.read(12);
  await within(all.close(1_000), 'the end of all');
  assert.throws(() => all.checkRoom(), { code: 'SHUTTING_DOWN' });
  assert.throws(() => all.reserve(), { code: 'SHUTTING_DOWN' });
  assert.equal((await browser.closed()).code, 1001);
  await all.close(1);
});

test('one clock serves the shortest of the limits', async (t) => {
  const intervals: number[] = [];
  const { setInterval: own } = globalThis;
  t.mock.method(globalThis, 'setInterval', (...args: Parameters<typeof own>) => {
    intervals.push(args[1] as number);
    return own(...args);
  });
  const target = await VncTarget.open(t);
  const cases: [Partial<typeof TIMEOUTS>, number][] = [
    [{}, 1_000],
    [{ ping: 400 }, 100],
    [{ idle: 200, session: 8_000 }, 50],
    [{ stall: 4 }, 10],
  ];
  for (const [timeouts, length] of cases) {
    intervals.length = 0;
    const { all } = open({ timeouts });
    for (let times = 0; times < 2; times++) {
      const browser = await start(t, all, { host: '127.0.0.1', port: target.port });
      await browser.read(12);
    }
    assert.deepEqual(
      intervals.filter((each) => each === length),
      [length],
    );
    await all.close(100);
  }
});

test('a browser that had left before its session began ends it', async (t) => {
  const target = await VncTarget.open(t);
  const { all, told } = open({ timeouts: { ping: 100 } });
  const { browser, socket } = await socketPair(t);
  browser.socket.terminate();
  await new Promise((resolve) => socket.on('close', resolve));
  const place = all.reserve();
  const way = { target: { host: '127.0.0.1', port: target.port }, mayDial: () => true };
  place.start(socket, INFO, { ...way, ownPort: undefined });
  while ((await told.next())[0] !== 'end');
  await within(all.close(1_000), 'the end of all');
});

/** One of the fields of a change of rights is no right, or none that there is. */
const WRONG_CHANGES: [string, unknown][] = [
  ['a name that is none', { viewonly: true }],
  ['a name of the target', { viewOnly: true, label: 'a' }],
  ['a text for a switch', { viewOnly: 'yes' }],
  ['no way of a clipboard', { clipboard: 'up' }],
  ['null', null],
  ['nothing', undefined],
  ['a text', 'viewOnly'],
];
test('a change of rights that is none is a mistake of the host’s, and changes nothing', async (t) => {
  const script = ({ socket }: VncConnection) => void socket.write(Buffer.of(1, 1, 0, 0, 0, 0));
  const target = await VncTarget.open(t, { script });
  const { all, live } = open();
  const way = { host: '127.0.0.1', port: target.port, viewOnly: true };
  const browser = await start(t, all, way);
  browser.send(Buffer.concat([BANNER, Buffer.of(1, 1)]));
  const { update } = await live.next();
  for (const [what, change] of WRONG_CHANGES) {
    assert.throws(() => update(change as never), TypeError, what);
  }
  update({ viewOnly: false });
  await all.close(1_000);
});

test('a session that waits for its viewer holds no place of a dial, but one of a session', async (t) => {
  const script = ({ socket }: VncConnection) => void socket.write(Buffer.of(1, 2));
  const target = await VncTarget.open(t, { script });
  const { all } = open({ sessions: 2, dials: 1 });
  const way = { host: '127.0.0.1', port: target.port, viewOnly: true };
  for (let times = 0; times < 2; times++) {
    await start(t, all, way);
    const server = await target.next();
    await server.read(13); // its version and its choice: the viewer is asked from here on
  }
  assert.throws(() => all.checkRoom(), /limits.sessions/);
  await all.close(1_000);
  assert.throws(() => all.checkRoom(), { code: 'SHUTTING_DOWN' });
});
