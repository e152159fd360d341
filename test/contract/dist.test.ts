import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Runs a script in a Node of its own, as the package's users do: nothing compiles what it loads. */
async function run(script: string, ...flags: string[]): Promise<unknown> {
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, '-e', script], {
    cwd: ROOT,
  });
  return JSON.parse(stdout);
}

const TELL = `
  const consoles = novnc({ allow: ['127.0.0.1'] });
  const own = [typeof novnc, novnc.name, typeof consoles, typeof consoles.attach];
  console.log(JSON.stringify([...own, new ConsoleError('TOO_MANY').status]));
`;
const TOLD = ['function', 'novnc', 'function', 'function', 429];

test('require of the built package gives the function itself, with the names on it or beside it', async () => {
  const script = `
    const novnc = require('express-novnc');
    import('express-novnc').then(({ novnc: imported, ConsoleError }) => {
      if (imported !== novnc) throw new Error('two instances');
      ${TELL}
    });
  `;
  assert.deepEqual(await run(script, '--input-type=commonjs'), TOLD);
});

test('import of the built package gives the named exports', async () => {
  const script = `import { novnc, ConsoleError } from 'express-novnc'; ${TELL}`;
  assert.deepEqual(await run(script, '--input-type=module'), TOLD);
});

test('express-novnc/connect loads neither ssh2 nor socks, in code or in types', async () => {
  const script = `
    import { createRequire } from 'node:module';
    import * as connect from 'express-novnc/connect';
    const loaded = Object.keys(createRequire(process.cwd() + '/x')('node:module')._cache);
    console.log(JSON.stringify([...Object.keys(connect), ...loaded.filter((file) => /ssh2|socks/.test(file))]));
  `;
  const names = ['httpConnect', 'socks', 'ssh', 'tls', 'webSocket'];
  assert.deepEqual(await run(script, '--input-type=module'), names);
  const folder = new URL('../../dist/connect/', import.meta.url);
  for (const name of readdirSync(folder).filter((each) => each.endsWith('.d.ts'))) {
    assert.doesNotMatch(readFileSync(new URL(name, folder), 'utf8'), /from '(ssh2|socks)'/, name);
  }
});
