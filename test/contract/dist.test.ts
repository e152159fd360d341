import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
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
