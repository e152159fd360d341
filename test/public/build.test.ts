import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { transform } from 'esbuild';
import type { Manifest } from '../../lib/web/assets.ts';
import { languages } from '../../public/language/languages.ts';

const dist = new URL('../../dist/public/', import.meta.url);
const read = (file: string) => readFile(new URL(file, dist));
const manifest: Manifest = JSON.parse(String(await read('manifest.json')));
const scripts = [manifest.first, manifest.script, ...manifest.preload];
const desktop = scripts.find((file) => file.startsWith('desktop-')) ?? '';

test('the manifest names every file that was built, and each has a hash in its name', async () => {
  const there = await readdir(dist);
  const expected = manifest.files.flatMap((file) => [file, `${file}.br`, `${file}.gz`]);
  assert.deepEqual(there.sort(), [...expected, 'manifest.json'].sort());
  for (const file of [...scripts, manifest.style]) assert.ok(manifest.files.includes(file), file);
  for (const file of manifest.files) assert.match(file, /^[\w-]+-[A-Z0-9]{8}\.(js|css|png)$/);
});

test('the compressed files hold the same bytes', async () => {
  for (const file of manifest.files) {
    const plain = await read(file);
    assert.deepEqual(brotliDecompressSync(await read(`${file}.br`)), plain);
    assert.deepEqual(gunzipSync(await read(`${file}.gz`)), plain);
  }
});

test('a desktop takes at most 6 requests, 95 KiB of compressed scripts and 12 KiB of styles', async () => {
  const weigh = async (file: string) => (await read(`${file}.gz`)).length;
  const sizes = await Promise.all(scripts.map(weigh));
  const page = 1;
  const style = 1;
  const relay = 1;
  assert.ok(page + style + scripts.length + relay <= 6);
  assert.ok(sizes.reduce((sum, size) => sum + size) <= 95 * 1024);
  assert.ok((await weigh(manifest.style)) <= 12 * 1024);
});

test('no dictionary loads before somebody reads in its language', () => {
  const tags = new Set(Object.keys(languages));
  const tagOf = (file: string) => file.replace(/-[A-Z0-9]{8}\.js$/, '');
  assert.deepEqual(
    manifest.preload.filter((file) => tags.has(tagOf(file))),
    [],
  );
  assert.deepEqual(new Set(Object.keys(manifest.dictionaries)), tags);
  for (const [tag, file] of Object.entries(manifest.dictionaries)) {
    assert.equal(tagOf(file), tag);
    assert.ok(manifest.files.includes(file), file);
  }
  // All pages share them. (A few languages have a keyboard layout of the same name.)
  for (const tag of ['cs', 'ja', 'pt-BR', 'ru', 'zh-TW'])
    assert.equal(manifest.files.filter((file) => tagOf(file) === tag).length, 1, tag);
});

test('the relay is opened by a tiny script, which waits for nothing and asks for nothing', async () => {
  const script = String(await read(manifest.first));
  assert.ok(script.length < 6_500);
  assert.match(script, /new WebSocket/);
  assert.doesNotMatch(script, /\b(import|export|await)\b/);
});

test('what the page does for itself does not wait for noVNC', async () => {
  const script = String(await read(manifest.script));
  assert.ok(script.length < 80_000);
  assert.ok(script.includes(`import("./${desktop}")`));
});

test('the script that holds noVNC and pako carries their notices, and the probe put off', async () => {
  const script = String(await read(desktop));
  assert.match(script, /\/\*!\s+\* noVNC 1\.7\.0, .+MPL 2\.0/);
  assert.match(script, /github\.com\/novnc\/noVNC\/tree\/v1\.7\.0/);
  assert.match(script, /\/\*!\s+\* pako, .+MIT/);
  // A module that waits for something has no such format; the page would wait along.
  await transform(script, { format: 'iife' });
});

test('nothing that was built needs more than the page may do', async () => {
  for (const file of manifest.files.filter((name) => name.endsWith('.js'))) {
    const script = String(await read(file));
    assert.doesNotMatch(
      script,
      /\beval\(|new Function|innerHTML|insertAdjacentHTML|document\.write/,
    );
    assert.doesNotMatch(script, /sourceMappingURL/);
    if (!scripts.includes(file)) continue;
    assert.doesNotMatch(script, /location\.search/);
    // What settings are asked for is read there once, and nothing else.
    assert.ok([...script.matchAll(/location\.hash/g)].length <= 1, file);
  }
  assert.doesNotMatch(String(await read(manifest.style)), /@import|url\((?!["']?#)/);
});
