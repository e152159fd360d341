import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { messageOf, parseCommand, recipients } from '../../../public/host/embed-protocol.ts';

const head = { target: 'express-novnc', version: 1 };

const commands: object[] = [
  { command: 'disconnect' },
  { command: 'reconnect' },
  { command: 'sendCtrlAltDel' },
  { command: 'focus' },
  { command: 'sendKeys', keys: ['Control', 'Alt', 'Delete'] },
  { command: 'paste', text: '' },
  { command: 'paste', text: 'ü\n' },
  { command: 'set', setting: 'scaling', value: 'fill' },
  { command: 'set', setting: 'viewOnly', value: true },
  { command: 'screenshot', id: 7 },
];
for (const command of commands) {
  test(`${JSON.stringify(command)} is a command, and nothing beside it is kept`, () => {
    assert.deepEqual(parseCommand({ ...head, ...command, extra: 1 }), command);
  });
}

const others: unknown[] = [
  null,
  undefined,
  7,
  'disconnect',
  [],
  {},
  { command: 'disconnect' },
  { ...head, version: undefined, command: 'disconnect' },
  { ...head, version: '1', command: 'disconnect' },
  { ...head, version: 2, command: 'disconnect' },
  { ...head, target: 'novnc', command: 'disconnect' },
  head,
  { ...head, command: 'toString' },
  { ...head, command: '__proto__' },
  { ...head, command: ['disconnect'] },
  { ...head, command: 'sendKeys' },
  { ...head, command: 'sendKeys', keys: [] },
  { ...head, command: 'sendKeys', keys: 'Enter' },
  { ...head, command: 'sendKeys', keys: [7] },
  { ...head, command: 'sendKeys', keys: [''] },
  { ...head, command: 'sendKeys', keys: ['x'.repeat(33)] },
  { ...head, command: 'sendKeys', keys: Array(17).fill('a') },
  { ...head, command: 'paste' },
  { ...head, command: 'paste', text: { length: 1 } },
  { ...head, command: 'paste', text: 'x'.repeat(1024 * 1024 + 1) },
  { ...head, command: 'screenshot' },
  { ...head, command: 'screenshot', id: '1' },
  { ...head, command: 'screenshot', id: 1.5 },
  { ...head, command: 'set' },
  { ...head, command: 'set', setting: 'scaling', value: 'huge' },
  { ...head, command: 'set', setting: 'quality', value: 10 },
  { ...head, command: 'set', setting: 'language', value: 'de' },
  { ...head, command: 'set', setting: 'constructor', value: true },
  { ...head, command: 'set', setting: ['scaling'], value: 'fill' },
];
for (const other of others) {
  const shown = JSON.stringify(other)?.slice(0, 100);
  test(`${shown} is no command`, () => assert.equal(parseCommand(other), null));
}

test('nothing that a page can post makes it throw', () => {
  fc.assert(
    fc.property(fc.anything(), fc.anything(), (fields, keys) => {
      parseCommand(fields);
      parseCommand({ ...head, ...(fields as object), command: 'sendKeys', keys });
      parseCommand({ ...head, command: 'set', setting: keys, value: fields });
    }),
  );
});

test('every message says whose it is, and in which version', () => {
  assert.deepEqual(messageOf({ event: 'bell' }), {
    source: 'express-novnc',
    version: 1,
    event: 'bell',
  });
});

test('events go to the page around this one, and to none that may not hear them', () => {
  const allowed = ['https://here.example', 'https://panel.example'];
  assert.deepEqual(recipients(allowed, 'https://panel.example'), ['https://panel.example']);
  assert.deepEqual(recipients(allowed, 'https://evil.example'), []);
  assert.deepEqual(recipients(allowed, 'null'), []);
  assert.deepEqual(recipients(allowed, undefined), allowed);
});
