import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { test } from 'node:test';
import { createLookup } from '../../lib/target/lookup.ts';

test('localhost and all names under it are this machine, without asking anybody', async () => {
  const lookup = createLookup();
  for (const host of ['localhost', 'a.localhost', 'a.b.localhost']) {
    assert.deepEqual(await lookup(host, 1_000), ['127.0.0.1', '::1']);
  }
});

test('names of the hosts file are found there', async () => {
  const lookup = createLookup();
  const lines = readFileSync('/etc/hosts', 'utf8').split('\n');
  const entries = lines
    .map((line) => line.replace(/#.*/, '').trim().split(/\s+/))
    .filter(([ip = '', name = '']) => isIP(ip) && name !== '' && !name.endsWith('localhost'));
  for (const [ip, ...names] of entries) {
    for (const name of names) {
      const found = await lookup(name.toLowerCase(), 1_000);
      assert.ok(found.includes(ip!), `${name}: ${found}`);
    }
  }
});

test('a name that nobody knows has no address, within its time', async () => {
  const start = performance.now();
  const found = await createLookup()('nothing.invalid', 400).catch((error: Error) => error);
  assert.ok(found instanceof Error || found.length === 0);
  assert.ok(performance.now() - start < 5_000);
});
