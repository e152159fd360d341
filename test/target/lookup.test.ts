import assert from 'node:assert/strict';
import dns from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { isIP } from 'node:net';
import { test } from 'node:test';
import { createLookup } from '../../lib/target/lookup.ts';
import { until } from '../helpers/inbox.ts';

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

test('the system is not asked for a name whose time is over before its turn', async (t) => {
  const asked: string[] = [];
  let answer: (found: object[]) => void = () => {};
  const unknown = async () => {
    throw new Error('ENOTFOUND');
  };
  t.mock.method(dns.Resolver.prototype, 'resolve4', unknown);
  t.mock.method(dns.Resolver.prototype, 'resolve6', unknown);
  const system = t.mock.method(dns, 'lookup', (host: string) => {
    asked.push(host);
    return new Promise((resolve) => {
      answer = resolve;
    });
  });
  syncBuiltinESMExports();
  t.after(() => {
    system.mock.restore();
    syncBuiltinESMExports();
  });
  const lookup = createLookup();
  const first = lookup('slow.example', 60_000);
  await until(() => asked.length === 1, 'the first question');
  const second = lookup('late.example', 20);
  const third = lookup('good.example', 60_000);
  await new Promise((resolve) => setTimeout(resolve, 50));
  answer([{ address: '10.0.0.1' }]);
  assert.deepEqual(await first, ['10.0.0.1']);
  await assert.rejects(second, { code: 'ETIMEOUT' });
  await until(() => asked.length === 2, 'the next question');
  answer([{ address: '10.0.0.2' }]);
  assert.deepEqual(await third, ['10.0.0.2']);
  assert.deepEqual(asked, ['slow.example', 'good.example']);
});

test('a name that nobody knows has no address, within its time', async () => {
  const start = performance.now();
  const found = await createLookup()('nothing.invalid', 400).catch((error: Error) => error);
  assert.ok(found instanceof Error || found.length === 0);
  assert.ok(performance.now() - start < 5_000);
});
