import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Reconnector, type Wait } from '../../../public/connection/reconnect.ts';
import {
  MAX_TRIES,
  planReconnect,
  STEADY_TIME,
} from '../../../public/connection/reconnect-plan.ts';

/** A world in the test's hands: its time passes when it is told to. */
function world() {
  let now = 0;
  let timers: { at: number; callback: () => void }[] = [];
  const seen: (Wait | 'connect')[] = [];
  const state = { isOnline: true, isVisible: true };
  const reconnector = new Reconnector(
    {
      now: () => now,
      after(delay, callback) {
        const timer = { at: now + delay, callback };
        timers.push(timer);
        return () => {
          timers = timers.filter((each) => each !== timer);
        };
      },
      random: () => 0.5,
      isOnline: () => state.isOnline,
      isVisible: () => state.isVisible,
    },
    { connect: () => seen.push('connect'), onWait: (wait) => seen.push(wait) },
  );
  return {
    reconnector,
    state,
    pass(time: number): void {
      const end = now + time;
      for (;;) {
        const [next] = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
        if (!next) break;
        timers = timers.filter((each) => each !== next);
        now = next.at;
        next.callback();
      }
      now = end;
    },
    /** What happened since the last time. */
    seen: () => seen.splice(0),
    lose: () => reconnector.onEnd('LOST', true),
  };
}

/** A page that was connected for long, and has lost it. */
function lost() {
  const page = world();
  page.reconnector.onConnected();
  page.pass(STEADY_TIME);
  assert.equal(page.lose(), 'again');
  return page;
}

/** One whose next try is a second away. */
function counting() {
  const page = lost();
  page.pass(0);
  for (const _try of [1, 2]) {
    page.lose();
    page.pass(1_000);
  }
  page.seen();
  return page;
}

for (const kind of [
  ...([
    'SIGNED_OUT',
    'TARGET_REFUSED',
    'ORIGIN_REFUSED',
    'TARGET_UNKNOWN',
    'NAME_INVALID',
  ] as const),
  ...(['CREDENTIALS', 'SECURITY', 'NO_SIGN_IN', 'CANCELLED', 'DISTRUSTED', 'CLOSED'] as const),
  ...(['PROTOCOL', 'INSECURE', 'IDLE', 'MAX_DURATION', 'REPLACED'] as const),
]) {
  test(`planReconnect leaves ${kind} to the viewer`, () => {
    assert.equal(planReconnect(kind, 0, 0.5), 'over');
  });
}

test('planReconnect tries a loss at once, then ever later, and stops', () => {
  const waits = Array.from({ length: MAX_TRIES + 1 }, (_, tries) => {
    const plan = planReconnect('LOST', tries, 0.5);
    return typeof plan === 'string' ? plan : plan.wait / 1000;
  });
  assert.deepEqual(waits, [0, 1, 2, 4, 8, 16, 30, 30, 30, 30, 'exhausted']);
});

test('planReconnect spreads the waits by a fifth, either way', () => {
  assert.deepEqual(planReconnect('SERVER_LOST', 2, 0), { wait: 1600 });
  assert.deepEqual(planReconnect('SERVER_LOST', 2, 1), { wait: 2400 });
});

test('planReconnect gives a console that counts as open the time to be forgotten', () => {
  assert.deepEqual(planReconnect('TOO_MANY', 0, 0.5), { wait: 30_000 });
});

test('a loss is tried again at once, but not within the call that tells of it', () => {
  const page = lost();
  assert.deepEqual(page.seen(), []);
  page.pass(0);
  assert.deepEqual(page.seen(), ['connect']);
});

test('what never was connected is not tried again', () => {
  const page = world();
  assert.equal(page.lose(), 'over');
});

test('nothing is tried again when the viewer does not want it', () => {
  const page = world();
  page.reconnector.onConnected();
  assert.equal(page.reconnector.onEnd('LOST', false), 'over');
  page.pass(60_000);
  assert.deepEqual(page.seen(), []);
});

test('the seconds are counted down', () => {
  const page = counting();
  page.pass(1_000);
  page.lose();
  page.seen();
  page.pass(4_000);
  assert.deepEqual(page.seen(), [{ seconds: 3 }, { seconds: 2 }, { seconds: 1 }, 'connect']);
});

test('it gives up after all tries, and says so', () => {
  const page = lost();
  for (let tries = 1; tries <= MAX_TRIES; tries++) {
    page.pass(40_000);
    assert.equal(page.lose(), tries === MAX_TRIES ? 'exhausted' : 'again');
  }
  assert.equal(page.seen().filter((each) => each === 'connect').length, MAX_TRIES);
  page.pass(100_000);
  assert.deepEqual(page.seen(), []);
});

test('a connection that holds makes the next loss the first again, a short one does not', () => {
  const page = lost();
  page.pass(0);
  page.reconnector.onConnected();
  page.pass(STEADY_TIME - 1);
  page.lose();
  assert.equal(page.reconnector.tries, 1);
  page.pass(1_000);
  page.reconnector.onConnected();
  page.pass(STEADY_TIME);
  page.lose();
  assert.equal(page.reconnector.tries, 0);
});

test('offline, it waits until it is online, and then does not wait any more', () => {
  const page = world();
  page.reconnector.onConnected();
  page.state.isOnline = false;
  page.lose();
  page.pass(100_000);
  assert.deepEqual(page.seen(), ['offline']);
  page.reconnector.wake();
  assert.deepEqual(page.seen(), []);
  page.state.isOnline = true;
  page.reconnector.wake();
  assert.deepEqual(page.seen(), ['connect']);
});

test('a countdown stops when the network goes', () => {
  const page = lost();
  page.pass(0);
  page.lose();
  page.seen();
  page.state.isOnline = false;
  page.reconnector.rest();
  page.pass(100_000);
  assert.deepEqual(page.seen(), ['offline']);
});

test('hidden, it tries once, and then when it is seen again', () => {
  const page = world();
  page.reconnector.onConnected();
  page.state.isVisible = false;
  page.lose();
  page.pass(0);
  assert.deepEqual(page.seen(), ['connect']);
  page.lose();
  page.pass(100_000);
  assert.deepEqual(page.seen(), ['hidden']);
  page.state.isVisible = true;
  page.reconnector.look();
  assert.deepEqual(page.seen(), ['connect']);
});

test('a countdown goes on when nobody looks any longer, and no try is made before its time', () => {
  const page = counting();
  page.state.isVisible = false;
  page.reconnector.look();
  assert.deepEqual(page.seen(), []);
  page.pass(1_000);
  assert.deepEqual(page.seen(), ['connect']);
});

test('it can be hurried, and stopped', () => {
  const page = lost();
  page.pass(0);
  page.lose();
  page.seen();
  page.reconnector.now();
  page.pass(0);
  assert.deepEqual(page.seen(), ['connect']);
  page.lose();
  page.seen();
  page.reconnector.stop();
  page.pass(100_000);
  assert.deepEqual(page.seen(), []);
  assert.equal(page.reconnector.isWaiting, false);
});

test('whoever hurries what has begun already opens nothing beside it', () => {
  const page = lost();
  page.pass(0);
  page.seen();
  page.reconnector.now();
  assert.deepEqual(page.seen(), []);
});

test('being seen does not connect what is connected', () => {
  const page = world();
  page.reconnector.onConnected();
  page.reconnector.wake();
  assert.deepEqual(page.seen(), []);
});
