import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CredentialKeeper } from '../../../public/sign-in/credential-keeper.ts';

type Asked = { username?: string; password?: string };

test('CredentialKeeper answers what it was given, and asks for what is missing', () => {
  const keeper = new CredentialKeeper<Asked>();
  assert.equal(keeper.answer(['password']), null);
  keeper.keep({ password: 'x' });
  assert.deepEqual(keeper.answer(['password']), { password: 'x' });
  assert.equal(keeper.answer(['username', 'password']), null);
});

test('CredentialKeeper forgets what was not accepted, and says so until the next', () => {
  const keeper = new CredentialKeeper<Asked>();
  keeper.keep({ password: 'wrong' });
  keeper.reject();
  assert.equal(keeper.answer(['password']), null);
  assert.equal(keeper.wasRejected, true);
  keeper.keep({ password: 'right' });
  assert.equal(keeper.wasRejected, false);
});

test('CredentialKeeper forgets all when the viewer leaves', () => {
  const keeper = new CredentialKeeper<Asked>();
  keeper.keep({ password: 'x' });
  keeper.forget();
  assert.equal(keeper.answer(['password']), null);
  assert.equal(keeper.wasRejected, false);
});
