import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Sight, type Verdict, Watchdog } from '../../../public/connection/watchdog.ts';

const QUIET: Sight = {
  now: 0,
  isVisible: true,
  updates: 1,
  isDrawing: false,
  received: 100,
  inputs: 0,
  buffered: 0,
};

/** Looks once a second, and answers each verdict that is not `fine`, with its second. */
function watch(seconds: number, see: (second: number) => Partial<Sight>): [number, Verdict][] {
  const dog = new Watchdog();
  const verdicts: [number, Verdict][] = [];
  for (let second = 0; second <= seconds; second++) {
    const verdict = dog.look({ ...QUIET, now: second * 1_000, ...see(second) });
    if (verdict !== 'fine') verdicts.push([second, verdict]);
  }
  return verdicts;
}

test('a quiet desktop is fine for hours', () => {
  assert.deepEqual(
    watch(3600, () => ({})),
    [],
  );
});

test('a picture that is not drawn for 5 s is stuck, with bytes coming or not', () => {
  const [first] = watch(10, (second) => ({ isDrawing: second >= 2, received: second * 10 }));
  assert.deepEqual(first, [6, 'stuck']);
  const [quiet] = watch(10, (second) => ({ isDrawing: second >= 2 }));
  assert.deepEqual(quiet, [6, 'stuck']);
});

test('a busy desktop that is always drawing, and gets done, is fine', () => {
  const verdicts = watch(60, (second) => ({
    isDrawing: true,
    updates: second,
    received: second * 1_000,
  }));
  assert.deepEqual(verdicts, []);
});

test('a hidden page may take its time to draw', () => {
  assert.deepEqual(
    watch(60, () => ({ isDrawing: true, isVisible: false })),
    [],
  );
});

test('a key without an answer leads to a probe, a warning and an end', () => {
  const verdicts = watch(41, (second) => ({ inputs: second >= 1 ? 1 : 0 }));
  assert.deepEqual(verdicts[0], [11, 'probe']);
  assert.deepEqual(verdicts[1], [21, 'stalled']);
  assert.deepEqual(verdicts.at(-1), [41, 'lost']);
  assert.equal(verdicts.filter(([, verdict]) => verdict === 'lost').length, 1);
});

test('what comes in the second of a key is no answer to it', () => {
  const verdicts = watch(25, (second) => ({
    inputs: second >= 1 ? 1 : 0,
    received: second >= 1 ? 200 : 100,
  }));
  assert.deepEqual(verdicts[0], [11, 'probe']);
  assert.deepEqual(verdicts[1], [21, 'stalled']);
});

test('an answer to the probe makes all well, and later one takes the warning away', () => {
  const answered = watch(60, (second) => ({
    inputs: second >= 1 ? 1 : 0,
    received: second >= 12 ? 200 : 100,
  }));
  assert.deepEqual(answered, [[11, 'probe']]);
  const late = watch(60, (second) => ({
    inputs: second >= 1 ? 1 : 0,
    received: second >= 23 ? 200 : 100,
  }));
  assert.deepEqual(late, [
    [11, 'probe'],
    [21, 'stalled'],
    [22, 'stalled'],
  ]);
});

test('bytes that the browser cannot get rid of are no answer', () => {
  const [first] = watch(60, (second) => ({ buffered: second >= 1 ? 5_000 : 0 }));
  assert.deepEqual(first, [11, 'probe']);
});

test('a page that was asleep starts anew', () => {
  const dog = new Watchdog();
  dog.look({ ...QUIET, now: 0 });
  dog.look({ ...QUIET, now: 1_000, inputs: 1, isDrawing: true });
  assert.equal(dog.look({ ...QUIET, now: 3_600_000, inputs: 1, isDrawing: true }), 'fine');
  assert.equal(dog.look({ ...QUIET, now: 3_601_000, inputs: 1, isDrawing: true }), 'fine');
});
