import assert from 'node:assert/strict';
import { test } from 'node:test';
import { directionOf, pickLanguage } from '../../../public/language/pick-language.ts';

const OFFERED = ['en', 'de', 'ja', 'pt-BR', 'zh-CN', 'zh-TW'];

const PICKS: readonly (readonly [wanted: string[], picked: string])[] = [
  [['de'], 'de'],
  [['de-CH', 'fr'], 'de'],
  [['DE-at'], 'de'],
  [['pt'], 'pt-BR'],
  [['pt-PT'], 'pt-BR'],
  [['zh'], 'zh-CN'],
  [['zh-SG'], 'zh-CN'],
  [['zh-Hans-HK'], 'zh-CN'],
  [['zh-HK'], 'zh-TW'],
  [['zh-Hant'], 'zh-TW'],
  [['zh-hant-MO'], 'zh-TW'],
  [['zh-TW'], 'zh-TW'],
  [['en-GB', 'de'], 'en'],
  [['nb'], 'en'],
  [['nb', 'ja-JP', 'en'], 'ja'],
  [['den'], 'en'],
  [[''], 'en'],
  [[], 'en'],
];

for (const [wanted, picked] of PICKS) {
  test(`who wants ${JSON.stringify(wanted)} gets ${picked}`, () => {
    assert.equal(pickLanguage(wanted, OFFERED), picked);
  });
}

test('Arabic and Hebrew are written from the right, English and Armenian from the left', () => {
  const tags = ['ar', 'ar-EG', 'he', 'fa', 'en', 'hy', 'arn'];
  assert.deepEqual(tags.map(directionOf), ['rtl', 'rtl', 'rtl', 'rtl', 'ltr', 'ltr', 'ltr']);
});
