import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type Duplex, duplexPair } from 'node:stream';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { ServerLine } from '../../lib/session/server-line.ts';

function open(): { line: ServerLine; near: Duplex; far: Duplex } {
  const [near, far] = duplexPair();
  const line = new ServerLine(near, Buffer.from('ab'), () => Promise.reject(new Error('no TLS')));
  return { line, near, far };
}

test('a line is handed on once all that the server said is read', async () => {
  const { line, near, far } = open();
  far.write('cd');
  assert.equal((await line.read(4)).toString(), 'abcd');
  assert.equal(line.release(), near);
  assert.ok(near.isPaused());
});

test('a server that speaks before ClientInit is not handed on', async () => {
  const { line, near, far } = open();
  await line.read(2);
  const said = once(near, 'data');
  far.write('cd');
  await said;
  assert.throws(() => line.release(), {
    code: 'SERVER_PROTOCOL',
    message: 'the server sent 2 bytes before ClientInit',
  });
});

test('a server that has left is not handed on, as nobody would hear of it', async () => {
  for (const how of ['end', 'reset']) {
    const { line, near, far } = open();
    await line.read(2);
    if (how === 'end') far.end();
    else near.destroy();
    while (!near.readableEnded && !near.destroyed) await turn();
    assert.throws(() => line.release(), { code: 'SERVER_LOST' });
  }
});
