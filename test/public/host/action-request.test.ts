import assert from 'node:assert/strict';
import { test } from 'node:test';
import { actionAnswer, actionUrl } from '../../../public/host/action-request.ts';

test('an action is asked for beside the relay, as relative as it', () => {
  assert.equal(
    actionUrl('proxy?target=vm%201%3A5901', 'power-on'),
    'actions/power-on?target=vm%201%3A5901',
  );
});

const signedOut = { error: 'Your sign-in has ended. Reload the page to sign in again.' };
const answers: [status: number, body: unknown, answer: object][] = [
  [200, { message: 'Done so.' }, { message: 'Done so.' }],
  [200, {}, {}],
  [200, { message: 7 }, {}],
  [500, { error: 'It failed.' }, { error: 'It failed.' }],
  [200, null, { error: 'The action failed.' }],
  [404, null, { error: 'The action failed.' }],
  [502, 'Bad gateway', { error: 'The action failed.' }],
  [401, null, signedOut],
  [0, null, signedOut],
  [401, { error: 'Own words.' }, { error: 'Own words.' }],
];
for (const [status, body, answer] of answers) {
  test(`${status} with ${JSON.stringify(body)} is ${JSON.stringify(answer)}`, () => {
    assert.deepEqual(actionAnswer(status, body), answer);
  });
}
