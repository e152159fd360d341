import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Request } from 'express';
import { type Action, runAction } from '../../lib/web/actions.ts';

const given = [{} as Request, { path: '/run/x' }, 'vm-1'] as const;

function outcome(run: Action['run'], limit = 10_000) {
  return runAction({ id: 'a', label: 'A', run }, [...given], limit);
}

test('an action is given the request, the target and the name', async () => {
  const seen: unknown[] = [];
  const run = (...what: unknown[]) => void seen.push(...what);
  assert.deepEqual(await outcome(run), { status: 200, body: {} });
  assert.deepEqual(seen, given);
});

test('its message is for the viewer, and short', async () => {
  const said = await outcome(async () => ({ message: 'Powered on.' }));
  assert.deepEqual(said, { status: 200, body: { message: 'Powered on.' } });
  const long = await outcome(() => ({ message: 'x'.repeat(9_999) }));
  assert.equal(long.body.message?.length, 500);
  for (const odd of [null, 7, { message: 7 }, 'x']) {
    assert.deepEqual(await outcome(() => odd as never), { status: 200, body: {} });
  }
});

test('what it throws is for the log only', async () => {
  const fail = () => {
    throw new Error('password hunter2 at 10.0.0.7');
  };
  for (const run of [fail, async () => fail()]) {
    const { status, body, detail } = await outcome(run);
    assert.deepEqual([status, body], [500, { error: 'The action failed.' }]);
    assert.match(detail!, /hunter2/);
  }
});

test('one that never ends is given up', async () => {
  const { status, body, detail } = await outcome(() => new Promise(() => {}), 20);
  assert.deepEqual([status, body], [504, { error: 'The action did not finish in time.' }]);
  assert.equal(detail, 'no answer within 20 ms');
});
