import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { fingerprint } from '../../../public/sign-in/fingerprint.ts';

test('fingerprint shows a key as VNC servers do, and in full', async () => {
  const key = new Uint8Array([0, 0, 4, 0, 1, 2, 3]);
  const sha1 = createHash('sha1').update(key).digest();

  const { signature, sha256 } = await fingerprint(key);

  assert.match(signature, /^([0-9a-f]{2}-){7}[0-9a-f]{2}$/);
  assert.equal(signature.replaceAll('-', ''), sha1.subarray(0, 8).toString('hex'));
  assert.equal(sha256, createHash('sha256').update(key).digest('hex'));
});
