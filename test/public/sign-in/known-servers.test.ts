import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KnownServers } from '../../../public/sign-in/known-servers.ts';

const PRINT = { signature: '01-23', sha256: 'abcd' };

function shelf() {
  const kept = new Map<string, string>();
  return {
    kept,
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
}

test('KnownServers knows a server again, of its own target only', () => {
  const kept = shelf();
  const servers = new KnownServers(kept, 'vm-1');
  assert.equal(servers.trusted, null);
  servers.trust(PRINT);
  assert.deepEqual(new KnownServers(kept, 'vm-1').trusted, PRINT);
  assert.equal(new KnownServers(kept, 'vm-2').trusted, null);
});

test('KnownServers trusts nothing that it cannot read', () => {
  for (const text of ['', '{', 'null', '1', '{"sha256":"abcd"}', '{"sha256":1,"signature":2}']) {
    const kept = shelf();
    kept.setItem('express-novnc:server:vm-1', text);
    assert.equal(new KnownServers(kept, 'vm-1').trusted, null, text);
  }
});

test('KnownServers asks again where a browser keeps nothing', () => {
  const forbidden = {
    ...shelf(),
    getItem() {
      throw new Error('forbidden');
    },
    setItem() {
      throw new Error('forbidden');
    },
  };
  const servers = new KnownServers(forbidden, 'vm-1');
  servers.trust(PRINT);
  assert.equal(servers.trusted, null);
  new KnownServers(null, 'vm-1').trust(PRINT);
  assert.equal(new KnownServers(null, 'vm-1').trusted, null);
});
