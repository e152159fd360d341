import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Connect, inStages } from '../../lib/connect/in-stages.ts';

function destroyable() {
  return {
    isDestroyed: false,
    destroy() {
      this.isDestroyed = true;
    },
  };
}

test('what stages return is returned, and nothing of it destroyed', async () => {
  const { signal } = new AbortController();
  const first = destroyable();
  const stages = async (own: <T extends { destroy(): unknown }>(each: T) => T) => own(first);
  assert.equal(await inStages(signal, stages), first);
  assert.equal(first.isDestroyed, false);
});

test('what was opened is destroyed when a stage fails, the last first', async () => {
  const order: number[] = [];
  const fault = new Error('no');
  const failing = inStages(new AbortController().signal, async (own) => {
    own({ destroy: () => order.push(1) });
    own({ destroy: () => order.push(2) });
    throw fault;
  });
  await assert.rejects(failing, fault);
  assert.deepEqual(order, [2, 1]);
});

test('what opens after the abort is destroyed too, and what fails after it disturbs nobody', async () => {
  const controller = new AbortController();
  const reason = new Error('gone');
  const [early, late] = [destroyable(), destroyable()];
  let goOn = () => {};
  let isDone = () => {};
  const done = new Promise<void>((resolve) => {
    isDone = resolve;
  });
  const opening = inStages(controller.signal, async (own) => {
    own(early);
    await new Promise<void>((resolve) => {
      goOn = resolve;
    });
    own(late);
    setImmediate(isDone);
    throw new Error('nobody hears this');
  });
  controller.abort(reason);
  await assert.rejects(opening, reason);
  assert.deepEqual([early.isDestroyed, late.isDestroyed], [true, false]);
  goOn();
  await done;
  assert.equal(late.isDestroyed, true);
});

test('an abort after the end destroys nothing', async () => {
  const controller = new AbortController();
  const stream = await inStages(controller.signal, async (own) => own(destroyable()));
  controller.abort();
  assert.equal(stream.isDestroyed, false);
});

test('a Connect fits a target', () => {
  const connect = (() => {}) as unknown as Connect;
  const target: import('../../lib/index.ts').Target = { connect };
  assert.ok(target);
});
