import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pageTitle } from '../../../public/connection/title.ts';

for (const [name, title] of [
  ['build-7', 'build-7 – VM 42'],
  ['', 'VM 42'],
  [' \n\t ', 'VM 42'],
  ['VM 42', 'VM 42'],
  ['a\nb\u0000c', 'a b c – VM 42'],
  ['\u202Etxt.exe\u202C', 'txt.exe – VM 42'],
  ['\u200Bzero\u2028width', 'zero width – VM 42'],
  ['\uD800half', 'half – VM 42'],
  ['Rechner Süd 机器 🖥', 'Rechner Süd 机器 🖥 – VM 42'],
] as const) {
  test(`pageTitle shows the desktop name ${JSON.stringify(name)} as "${title}"`, () => {
    assert.equal(pageTitle('VM 42', name), title);
  });
}

test('pageTitle stays short, whatever a server calls its desktop', () => {
  assert.ok(pageTitle('VM 42', '🖥'.repeat(1 << 20)).length < 300);
});
