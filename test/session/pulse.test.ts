import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { BrowserSocket } from '../../lib/relay/browser-socket.ts';
import { Pulse } from '../../lib/session/pulse.ts';

const LIMITS = { ping: 1_000, stall: 2_000, idle: 0, session: 0 };
const STEADY = { stalledSince: 0, paused: false, received: 0, owing: false };

/** A pulse that began at 10,000 ms, and a browser that counts its pings. */
function open(t: TestContext, limits: Partial<typeof LIMITS> = {}) {
  let now = 10_000;
  t.mock.method(performance, 'now', () => now);
  const pulse = new Pulse();
  let pings = 0;
  const browser = { ping: () => pings++ } as unknown as BrowserSocket;
  return {
    pulse,
    pings: () => pings,
    /** Feels it so many milliseconds after its beginning. */
    at(age: number, state: Partial<typeof STEADY> = {}) {
      now = 10_000 + age;
      return pulse.feel(now, { ...LIMITS, ...limits }, { ...STEADY, ...state }, browser)?.code;
    },
  };
}

test('a browser is pinged once an interval', (t) => {
  const { at, pings, pulse } = open(t);
  for (let age = 0; age <= 5_000; age += 100) {
    assert.equal(at(age), undefined);
    if (age % 1_000 === 0) pulse.onPong();
  }
  assert.equal(pings(), 5);
});

test('two pings without a pong, and some patience, mean that the browser is gone', (t) => {
  const { at, pings } = open(t);
  assert.equal(at(1_000), undefined);
  assert.equal(at(2_000), undefined);
  assert.equal(at(2_400), undefined);
  assert.equal(at(2_401), 'BROWSER_GONE');
  assert.equal(pings(), 2);
});

test('one lost pong is forgiven when the next one comes', (t) => {
  const { at, pulse } = open(t);
  at(1_000);
  at(2_000);
  pulse.onPong();
  assert.equal(at(2_900), undefined);
  assert.equal(at(3_000), undefined);
  assert.equal(at(4_000), undefined);
  assert.equal(at(4_401), 'BROWSER_GONE');
});

test('a browser that is held up is not given up, for its pongs are not heard', (t) => {
  const { at } = open(t, { stall: 100_000 });
  at(1_000);
  at(2_000);
  for (const age of [2_500, 3_000, 4_000, 60_000]) {
    assert.equal(at(age, { paused: true }), undefined, `${age}`);
  }
});

test('bytes of the browser count as well as a pong', (t) => {
  const { at } = open(t);
  for (let age = 100; age <= 20_000; age += 100) {
    assert.equal(at(age, { received: age }), undefined, `${age}`);
  }
});

test('a server that reads nothing, so that the browser is held up, is given that long', (t) => {
  const { at } = open(t);
  assert.equal(at(500, { paused: true }), undefined);
  assert.equal(at(2_500, { paused: true }), undefined);
  assert.equal(at(2_501, { paused: true }), 'SERVER_LOST');
  assert.equal(at(2_600), undefined);
  assert.equal(at(2_700, { paused: true }), undefined);
  assert.equal(at(4_700, { paused: true }), undefined);
});

test('a browser that does not read is given that long, and not pinged', (t) => {
  const { at, pings } = open(t);
  assert.equal(at(3_000, { stalledSince: 11_000 }), undefined);
  assert.equal(at(3_001, { stalledSince: 11_000 }), 'BROWSER_STALLED');
  assert.equal(at(5_000, { stalledSince: 14_999 }), undefined);
  assert.equal(pings(), 0);
});

test('a viewer who sends nothing is idle, whatever the server does', (t) => {
  const { at } = open(t, { idle: 500, ping: 100_000 });
  assert.equal(at(500), undefined);
  assert.equal(at(501), 'IDLE');
  assert.equal(at(501, { received: 1 }), undefined);
  assert.equal(at(1_001, { received: 1 }), undefined);
  assert.equal(at(1_002, { received: 1 }), 'IDLE');
});

test('a session has its time, busy or not', (t) => {
  const { at } = open(t, { session: 500 });
  assert.equal(at(500, { received: 1 }), undefined);
  assert.equal(at(501, { received: 2, paused: true }), 'MAX_DURATION');
});

test('without limits a session lasts', (t) => {
  const { at } = open(t, { ping: 1e9 });
  assert.equal(at(1e8), undefined);
});

test('the age is since the beginning', (t) => {
  const { pulse, at } = open(t);
  at(1_234);
  assert.equal(pulse.age, 1_234);
});

test('a browser whose rights changed ends the message that it was in, or is given up', (t) => {
  const { at, pulse } = open(t, { ping: 100_000 });
  assert.equal(at(1_000, { owing: true }), undefined);
  assert.equal(at(11_000, { owing: true }), undefined);
  assert.equal(at(11_001, { owing: true }), 'BROWSER_GONE');
  assert.equal(at(11_002), undefined);
  assert.equal(at(12_000, { owing: true }), undefined);
  // Held up, it cannot.
  assert.equal(at(21_000, { owing: true, paused: true, received: 1 }), undefined);
  assert.equal(at(22_500, { owing: true }), undefined);
  pulse.onPong();
  assert.equal(at(32_501, { owing: true }), 'BROWSER_GONE');
});
