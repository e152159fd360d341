import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { before, test } from 'node:test';
import { PAGE_SETTINGS } from '../../lib/page-settings.ts';
import type { Dictionary } from '../../public/language/language.ts';
import { languages } from '../../public/language/languages.ts';
import { pageTexts, type Texts, textsOfHtml } from './page-texts.ts';

const NOTHING = {
  title: '',
  relay: '',
  first: '',
  script: '',
  style: '',
  preload: [],
  dictionary: undefined,
  settings: '{}',
  embedders: '',
  clipboard: 'both',
  embedded: false,
  actions: [],
  keys: [],
  nonce: undefined,
};

let texts: Texts;
before(async () => {
  const card = { href: './a', label: 'A', name: 'a', description: 'B', state: 'on', tone: 'good' };
  texts = await pageTexts([
    ['console', NOTHING],
    ['refusal', { ...NOTHING, words: '', status: 404, code: 4404 }],
    ['wall', { ...NOTHING, count: 1, groups: [{ name: 'C', cards: [card] }] }],
    ['wall', { ...NOTHING, count: 0, groups: [] }],
    ['start', { ...NOTHING, allow: ['10.0.0.0/8'], example: '', name: '' }],
  ]);
});

test('the texts of a page are those of its body that people see', () => {
  const html = `<head><title>No</title></head><body class="x"><h1 title="A &amp; b">
    Two
    lines</h1><bdi>No</bdi><svg><use href="#no"/></svg><p translate="no">No</p>one<br>two</body>`;
  assert.deepEqual(textsOfHtml(html), ['A & b', 'Two lines', 'one', 'two']);
});

test('the texts of the views, the scripts and the table of ends are found', () => {
  assert.ok(texts.size > 100);
  assert.match(texts.get('Disconnect') ?? '', /^views\//);
  assert.match(texts.get('The connection was lost.') ?? '', /^public\//);
  assert.match(texts.get('There is no such console.') ?? '', /^lib\//);
  for (const key of ['Ctrl', 'Ctrl+Alt+F1', 'F1']) assert.ok(!texts.has(key), key);
});

test('every language that can be chosen has a dictionary', () => {
  const { among } = PAGE_SETTINGS.language;
  const tags = among.filter((tag) => tag !== 'auto' && tag !== 'en').sort();
  assert.deepEqual(Object.keys(languages).sort(), tags);
  const files = readdirSync(new URL('../../public/languages/', import.meta.url)).sort();
  assert.deepEqual(
    files,
    tags.map((tag) => `${tag}.ts`),
  );
});

for (const [tag, load] of Object.entries(languages)) {
  test(`${tag} has every text, and nothing else`, async () => {
    const { default: dictionary } = await load();
    const missing = [...texts].filter(([text]) => !Object.hasOwn(dictionary, text));
    assert.deepEqual(
      missing.map(([text, where]) => `${where}: ${text}`),
      [],
    );
    assert.deepEqual(
      Object.keys(dictionary).filter((text) => !texts.has(text)),
      [],
    );
  });

  test(`${tag} fills the same names, ends alike, and is nowhere empty`, async () => {
    const { default: dictionary } = await load();
    assert.deepEqual(flawsOf(dictionary), []);
  });
}

test('a name that is lost, an empty text and a lost ellipsis are flaws', () => {
  const flawed = { 'Sent {n}.': 'Gesendet.', Close: ' ', 'Wait…': 'Warten' };
  assert.deepEqual(flawsOf(flawed), Object.keys(flawed));
  assert.deepEqual(flawsOf({ 'Sent {n} of {m}.': '{m} / {n}。', 'Wait…': 'Warten…' }), []);
});

function flawsOf(dictionary: Dictionary): string[] {
  const names = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).sort().join();
  return Object.entries(dictionary)
    .filter(
      ([english, words]) =>
        words.trim() === '' ||
        words !== words.trim() ||
        names(words) !== names(english) ||
        words.endsWith('…') !== english.endsWith('…'),
    )
    .map(([english]) => english);
}
