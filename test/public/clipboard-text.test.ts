import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClipboardText } from '../../public/clipboard-text.ts';

test('text from the console is shown, and replaced by the next', () => {
  const content = new ClipboardText();
  assert.equal(content.receive('one'), 'shown');
  assert.equal(content.receive('two'), 'shown');
  assert.equal(content.value, 'two');
});

test('an empty text from the console wipes nothing', () => {
  const content = new ClipboardText();
  content.receive('one');
  assert.equal(content.receive(''), 'nothing');
  assert.equal(content.value, 'one');
});

test('text from the console does not take the place of what a person writes, until asked for', () => {
  const content = new ClipboardText();
  content.write('mine');
  assert.equal(content.receive('theirs'), 'held');
  assert.equal(content.receive('theirs, later'), 'held');
  assert.deepEqual([content.value, content.held], ['mine', 'theirs, later']);
  content.showHeld();
  assert.deepEqual([content.value, content.held], ['theirs, later', null]);
  assert.equal(content.receive('and more'), 'shown');
});

for (const [what, act] of [
  ['was sent', (content: ClipboardText) => content.markSent()],
  ['was taken out again', (content: ClipboardText) => content.write('')],
] as const) {
  test(`text from the console is shown once what a person wrote ${what}`, () => {
    const content = new ClipboardText();
    content.write('mine');
    act(content);
    assert.equal(content.receive('theirs'), 'shown');
    assert.equal(content.value, 'theirs');
  });
}

test('the same text as the person wrote is nothing to hold back', () => {
  const content = new ClipboardText();
  content.write('mine');
  assert.equal(content.receive('mine'), 'shown');
  assert.equal(content.held, null);
});
