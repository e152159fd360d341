import assert from 'node:assert/strict';
import { test } from 'node:test';
import { optionalPackage } from '../../lib/connect/optional-package.ts';

test('a package that is there is returned', async () => {
  assert.equal(await optionalPackage('it', async () => 7), 7);
});

test('a package that is not there is told of, with how to get it', async () => {
  const name = 'no-such-package';
  await assert.rejects(
    optionalPackage(name, () => import(name)),
    /^Error: the package no-such-package is not installed: npm install no-such-package$/,
  );
});

test('a package that fails is not taken for missing', async () => {
  const fault = new Error('broken');
  await assert.rejects(
    optionalPackage('it', () => Promise.reject(fault)),
    fault,
  );
});
