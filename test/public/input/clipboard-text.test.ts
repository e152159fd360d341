import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  beyondLatin1,
  ClipboardText,
  cutText,
  sizeOf,
  sizeWords,
} from '../../../public/input/clipboard-text.ts';

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

test('a text has the size of its UTF-8', () => {
  assert.equal(sizeOf('aß✓😀'), 1 + 2 + 3 + 4);
});

for (const [bytes, words] of [
  [0, '0 B'],
  [999, '999 B'],
  [1_200, '1.2 KB'],
  [250_000, '250 KB'],
  [1_048_576, '1.0 MB'],
] as const) {
  test(`${bytes} bytes are ${words} to people`, () => {
    assert.equal(sizeWords(bytes), words);
  });
}

test('a text is cut between characters', () => {
  assert.equal(cutText('ab', 5), 'ab');
  assert.equal(cutText('a😀b', 4), 'a');
  assert.equal(cutText('a😀b', 5), 'a😀');
  assert.equal(cutText('ßß', 3), 'ß');
});

test('what Latin-1 does not have is named once, and not all of it', () => {
  assert.deepEqual(beyondLatin1('Grüße\n'), []);
  assert.deepEqual(beyondLatin1('✓ 漢 ✓ 😀'), ['✓', '漢', '😀']);
  assert.equal(beyondLatin1('абвгдежз').length, 5);
});
