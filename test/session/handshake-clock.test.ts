import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { ConsoleError } from '../../lib/errors.ts';
import { HandshakeClock } from '../../lib/session/handshake-clock.ts';

const LIMITS = { server: 100, viewer: 1_000, browser: 50 };

/** A clock whose time the test makes pass. */
function open(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let now = 5_000;
  t.mock.method(performance, 'now', () => now);
  const late: string[] = [];
  const clock = new HandshakeClock(LIMITS, (error: ConsoleError) => late.push(error.code));
  const pass = (ms: number) => {
    now += ms;
    t.mock.timers.tick(ms);
  };
  return { clock, late, pass };
}

for (const [whom, code] of [
  ['server', 'TIMEOUT'],
  ['viewer', 'IDLE'],
  ['browser', 'BROWSER_GONE'],
] as const) {
  test(`a ${whom} that takes too long is told once as ${code}`, (t) => {
    const { clock, late, pass } = open(t);
    clock.await(whom);
    pass(LIMITS[whom] - 1);
    assert.deepEqual(late, []);
    pass(1);
    assert.deepEqual(late, [code]);
    pass(10_000);
    assert.deepEqual(late, [code]);
  });
}

test('a side that is asked again and again has no more time than at first', (t) => {
  const { clock, late, pass } = open(t);
  for (let turns = 0; turns < 9; turns++) {
    clock.await('server');
    pass(10);
    clock.await('viewer');
    pass(100);
  }
  clock.await('server');
  pass(9);
  assert.deepEqual(late, []);
  pass(1);
  assert.deepEqual(late, ['TIMEOUT']);
});

test('the time of one side is no other’s', (t) => {
  const { clock, late, pass } = open(t);
  clock.await('server');
  pass(99);
  clock.await('viewer');
  pass(999);
  clock.await('browser');
  pass(49);
  assert.deepEqual(late, []);
});

test('a clock that is stopped does not go on, even if it is told to', (t) => {
  const { clock, late, pass } = open(t);
  clock.await('server');
  clock.stop();
  clock.await('viewer');
  clock.stop();
  pass(10_000);
  assert.deepEqual(late, []);
});
