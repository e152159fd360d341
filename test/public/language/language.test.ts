import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { say, sourceOf, speak } from '../../../public/language/language.ts';

const GERMAN = { Send: 'Senden', 'Sent {count} of {all}.': '{all}, davon {count} gesendet.' };
const FRENCH = { Send: 'Envoyer', 'Sent {count} of {all}.': '{count} envoyés sur {all}.' };

beforeEach(() => speak({}));

test('English is said as it is written', () => {
  assert.equal(say('Send'), 'Send');
  assert.equal(say('Sent {count} of {all}.', { count: 3, all: 9 }), 'Sent 3 of 9.');
});

test('another language puts the values where it wants them', () => {
  speak(GERMAN);
  assert.equal(say('Send'), 'Senden');
  assert.equal(say('Sent {count} of {all}.', { count: 3, all: 9 }), '9, davon 3 gesendet.');
});

test('what a dictionary lacks is said in English', () => {
  speak(GERMAN);
  assert.equal(say('Receive {n}', { n: 1 }), 'Receive 1');
  assert.equal(say('constructor'), 'constructor');
});

test('a name without a value stays, and a value is not read for names', () => {
  assert.equal(say('Hello {name}, {other}', { name: '{other}' }), 'Hello {other}, {other}');
});

test('what was said leads back to its English, from any language', () => {
  speak(GERMAN);
  const words = say('Sent {count} of {all}.', { count: 3, all: 9 });
  speak(FRENCH);
  const source = sourceOf(words);
  assert.ok(source);
  assert.equal(say(source.text, source.values), '3 envoyés sur 9.');
});

test('English words are known by the dictionary, and names are not', () => {
  speak(GERMAN);
  assert.deepEqual(sourceOf('Send'), { text: 'Send', values: {} });
  assert.equal(sourceOf('VM 42'), null);
  assert.equal(sourceOf('toString'), null);
});

test('what was said long ago is forgotten, and what is said again is not', () => {
  const first = say('Number {n}', { n: 'one' });
  const second = say('Number {n}', { n: 'two' });
  for (let n = 0; n < 998; n++) say('Number {n}', { n });
  say('Number {n}', { n: 'one' });
  say('Number {n}', { n: 'three' });
  assert.notEqual(sourceOf(first), null);
  assert.equal(sourceOf(second), null);
});
