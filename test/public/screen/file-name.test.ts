import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileName } from '../../../public/screen/file-name.ts';

const TIME = new Date(2026, 10, 3, 4, 5);

for (const { label, name } of [
  { label: 'vm-42', name: 'vm-42 2026-11-03 04.05.png' },
  { label: 'Büro Süd', name: 'Büro Süd 2026-11-03 04.05.png' },
  { label: '127.0.0.1:5901', name: '127.0.0.1-5901 2026-11-03 04.05.png' },
  { label: '../../etc', name: '..-..-etc 2026-11-03 04.05.png' },
  { label: 'a\u202egnp.exe', name: 'a-gnp.exe 2026-11-03 04.05.png' },
  { label: '', name: 'console 2026-11-03 04.05.png' },
]) {
  test(`a file of ${JSON.stringify(label)} is called ${name}`, () => {
    assert.equal(fileName(label, TIME, 'png'), name);
  });
}
