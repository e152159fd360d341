import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as connect from '../../lib/connect/index.ts';
import type { Target } from '../../lib/index.ts';
import { targetFault } from '../../lib/target/target.ts';
import { CERTIFICATE } from '../helpers/certificate.ts';

const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

test('what the README shows of targets that are no TCP port is taken as it stands', () => {
  const [, section = ''] = README.split('### Targets that are no TCP port');
  const [, block = ''] = /```ts\n(.*?)```/s.exec(section) ?? [];
  const script = block
    .replace(/^import \{(.*)\}.*$/m, 'const {$1} = connect;')
    .replace("'3F:A1:…'", `'${'3F:'.repeat(31)}A1'`)
    .replace("'SHA256:…'", `'SHA256:${'a'.repeat(43)}'`)
    .replace(/^const consoles = .*$/m, 'return targets;');
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
  const run = new Function('connect', 'ca', 'privateKey', script);
  const targets: Record<string, Target> = run(connect, CERTIFICATE.cert, pem);
  assert.equal(Object.keys(targets).length, Object.keys(connect).length);
  for (const target of Object.values(targets)) assert.equal(targetFault(target), null);
});
