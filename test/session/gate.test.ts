import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { ConsoleError } from '../../lib/errors.ts';
import { awaitBanner } from '../../lib/session/gate.ts';
import { deferred, turn, within } from '../helpers/inbox.ts';
import { BANNER } from '../helpers/vnc-target.ts';

/** A gate in front of a stream in memory, and what it said. */
function open(timeout = 1_000, stream = new PassThrough()) {
  const outcomes: (Buffer | ConsoleError)[] = [];
  const first = deferred<Buffer | ConsoleError>();
  stream.on('error', () => {});
  awaitBanner({ stream, intake: null }, timeout, (outcome) => {
    outcomes.push(outcome);
    first.resolve(outcome);
    return false;
  });
  return { stream, outcomes, outcome: () => within(first.promise, 'the verdict of a gate') };
}

function codeOf(outcome: Buffer | ConsoleError): string {
  return outcome instanceof ConsoleError ? outcome.code : outcome.toString();
}

test('a whole banner opens the gate, with what came behind it', async () => {
  const { stream, outcome, outcomes } = open();
  stream.write(Buffer.concat([BANNER, Buffer.from('more')]));
  assert.equal(codeOf(await outcome()), 'RFB 003.008\nmore');
  stream.write('later');
  await turn();
  assert.equal(outcomes.length, 1);
  assert.equal(stream.isPaused(), true);
  assert.equal(stream.read()?.toString(), 'later');
});

test('a stream that comes paused is read', async () => {
  const stream = new PassThrough();
  stream.pause();
  stream.write(BANNER);
  assert.deepEqual(await open(1_000, stream).outcome(), BANNER);
});

test('a banner that comes byte by byte opens the gate at its last', async () => {
  const { stream, outcomes } = open();
  for (const [at, byte] of BANNER.entries()) {
    stream.write(Uint8Array.of(byte));
    await turn();
    assert.equal(outcomes.length, at === BANNER.length - 1 ? 1 : 0);
  }
  assert.deepEqual(outcomes[0], BANNER);
});

test('a banner that comes in two parts opens the gate, wherever it is cut', async () => {
  for (let cut = 1; cut < BANNER.length; cut++) {
    const { stream, outcome } = open();
    stream.write(BANNER.subarray(0, cut));
    await turn();
    stream.write(BANNER.subarray(cut));
    assert.deepEqual(await outcome(), BANNER);
  }
});

test('the first wrong byte shuts the gate, and the log reads what was said', async () => {
  const { stream, outcome } = open();
  stream.write('RFB 00');
  await turn();
  stream.write('SSH-2.0-\x1b[2J');
  const error = await outcome();
  assert.equal(codeOf(error), 'NOT_VNC');
  assert.match((error as ConsoleError).message, /"RFB 00SSH-2\.0-\\u001b\[2J"/);
});

test('megabytes that are no banner are not written to the log', async () => {
  const { stream, outcome } = open();
  stream.write(Buffer.alloc(1_000_000, 'x'));
  assert.ok(((await outcome()) as ConsoleError).message.length < 200);
});

const ends: [string, (stream: PassThrough) => void][] = [
  ['ends', (stream) => stream.end()],
  ['ends in mid-banner', (stream) => stream.end('RFB ')],
  ['fails', (stream) => stream.destroy(new Error('reset'))],
  ['closes without a word', (stream) => stream.destroy()],
];
for (const [title, act] of ends) {
  test(`a server that ${title} before its banner is lost`, async () => {
    const { stream, outcome, outcomes } = open();
    act(stream);
    assert.equal(codeOf(await outcome()), 'SERVER_LOST');
    await turn();
    assert.equal(outcomes.length, 1);
  });
}

test('a stream that is gone already is lost at once', () => {
  const stream = new PassThrough();
  stream.destroy();
  const { outcomes } = open(1_000, stream);
  assert.deepEqual(outcomes.map(codeOf), ['SERVER_LOST']);
});

test('a server that says nothing, or not all, is out of time', async () => {
  for (const words of ['', 'RFB 003.00']) {
    const { stream, outcome } = open(20);
    if (words) stream.write(words);
    assert.equal(codeOf(await outcome()), 'TIMEOUT');
  }
});

test('a gate that is open stays so when its time is over', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { stream, outcomes } = open(20);
  stream.write(BANNER);
  await turn();
  t.mock.timers.tick(1_000);
  assert.deepEqual(outcomes, [BANNER]);
});

test('a stream of text is not VNC', async () => {
  const stream = new PassThrough({ encoding: 'latin1' });
  const { outcome } = open(1_000, stream);
  stream.write(BANNER);
  assert.equal(codeOf(await outcome()), 'NOT_VNC');
});

test('no listener stays on a stream that has passed the gate', async () => {
  const { stream, outcome } = open();
  const names = ['data', 'end', 'close'];
  stream.write(BANNER);
  await outcome();
  for (const name of names) {
    const own = stream.listeners(name).filter((each) => /finish/.test(String(each)));
    assert.deepEqual(own, [], name);
  }
});
