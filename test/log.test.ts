import assert from 'node:assert/strict';
import { test } from 'node:test';
import { consoleLogger, guardLogger } from '../lib/log.ts';

type Line = [level: string, fields: Record<string, unknown>, message: string];

/** A guarded logger and what it wrote, with the clock in the test's hands. */
function record() {
  const lines: Line[] = [];
  const write = (level: string) => (fields: object, message: string) => {
    lines.push([level, fields as Record<string, unknown>, message]);
  };
  const log = guardLogger({ info: write('info'), warn: write('warn'), error: write('error') });
  return { log, lines };
}

test('lines reach the logger with their level and fields', () => {
  const { log, lines } = record();
  const startedAt = new Date(0);
  log.info?.({ name: 'a', bytes: 7, startedAt }, 'opened');
  log.warn({}, 'odd');
  log.error({ detail: new Error('broken') }, 'failed');
  assert.deepEqual(lines, [
    ['info', { name: 'a', bytes: 7, startedAt }, 'opened'],
    ['warn', {}, 'odd'],
    ['error', { detail: 'Error: broken' }, 'failed'],
  ]);
});

test('the methods of a logger are called on it', () => {
  class Own {
    lines = 0;
    info() {
      this.lines++;
    }
    warn() {
      this.lines++;
    }
    error() {
      this.lines++;
    }
  }
  const own = new Own();
  const log = guardLogger(own);
  log.info?.({}, 'a');
  log.warn({}, 'b');
  log.error({}, 'c');
  assert.equal(own.lines, 3);
});

test('what could forge a line or hide in it is written as its code', () => {
  const { log, lines } = record();
  const cases: [string, string][] = [
    ['a\nb\rc\td', 'a\\u{a}b\\u{d}c\\u{9}d'],
    ['\x1b[2J', '\\u{1b}[2J'],
    ['\x7f\x85', '\\u{7f}\\u{85}'],
    ['\u2028\u2029', '\\u{2028}\\u{2029}'],
    ['\u202eevil\u200d', '\\u{202e}evil\\u{200d}'],
    ['\ud800', '\\u{d800}'],
    ['\u{e0001}', '\\u{e0001}'],
    ['ü 日本 🙂', 'ü 日本 🙂'],
  ];
  for (const [text, written] of cases) {
    log.info?.({ text }, 'message');
    assert.equal(lines.at(-1)?.[1].text, written);
  }
});

test('no field is longer than 1 KiB, whatever it holds', () => {
  const { log, lines } = record();
  for (const text of ['x'.repeat(100_000), '\n'.repeat(100_000), '🙂'.repeat(50_000)]) {
    log.info?.({ text, error: new Error(text) }, 'message');
    assert.ok(String(lines.at(-1)?.[1].text).length <= 1024);
    assert.ok(String(lines.at(-1)?.[1].error).length <= 1024);
  }
});

test('a flood becomes twenty lines a second, and a count with the first line after it', (t) => {
  let now = 5_000;
  t.mock.method(performance, 'now', () => now);
  const { log, lines } = record();
  for (let times = 0; times < 50; times++) log.info?.({ times }, 'flood');
  assert.equal(lines.length, 20);
  now = 5_999;
  log.error({}, 'still the same second');
  assert.equal(lines.length, 20);
  now = 6_000;
  log.info?.({}, 'the next second');
  assert.deepEqual(lines.slice(20), [
    ['warn', { dropped: 31 }, 'log lines dropped'],
    ['info', {}, 'the next second'],
  ]);
  now = 7_000;
  log.info?.({}, 'and the one after');
  assert.equal(lines.length, 23, 'the count is told once');
});

test('a logger that throws harms nobody', () => {
  const fail = () => {
    throw new Error('disk full');
  };
  const log = guardLogger({ info: fail, warn: fail, error: fail });
  log.info?.({}, 'a');
  log.warn({}, 'b');
  log.error({}, 'c');
});

test('with no logger of the host, warnings and errors go to the console, and no more', (t) => {
  const warn = t.mock.method(console, 'warn', () => {});
  const error = t.mock.method(console, 'error', () => {});
  const log = guardLogger(consoleLogger);
  assert.equal(log.info, undefined);
  log.warn({ a: 1 }, 'odd');
  log.error({ b: 2 }, 'failed');
  assert.deepEqual(warn.mock.calls[0]?.arguments, ['express-novnc: odd', { a: 1 }]);
  assert.deepEqual(error.mock.calls[0]?.arguments, ['express-novnc: failed', { b: 2 }]);
});
