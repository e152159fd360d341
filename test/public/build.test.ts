import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';

const dist = new URL('../../dist/public/', import.meta.url);
const read = (file: string) => readFile(new URL(file, dist));
const manifest: { script: string; style: string; preload: string[]; files: string[] } = JSON.parse(
  String(await read('manifest.json')),
);
const scripts = [manifest.script, ...manifest.preload];

test('the manifest names every file that was built, and each has a hash in its name', async () => {
  const there = await readdir(dist);
  const expected = manifest.files.flatMap((file) => [file, `${file}.br`, `${file}.gz`]);
  assert.deepEqual(there.sort(), [...expected, 'manifest.json'].sort());
  assert.deepEqual([...scripts, manifest.style].sort(), manifest.files);
  for (const file of manifest.files) assert.match(file, /^[a-z]+-[A-Z0-9]{8}\.(js|css)$/);
});

test('the compressed files hold the same bytes', async () => {
  for (const file of manifest.files) {
    const plain = await read(file);
    assert.deepEqual(brotliDecompressSync(await read(`${file}.br`)), plain);
    assert.deepEqual(gunzipSync(await read(`${file}.gz`)), plain);
  }
});

test('a desktop takes at most 5 requests and 75 KiB of compressed scripts', async () => {
  const sizes = await Promise.all(scripts.map(async (file) => (await read(`${file}.gz`)).length));
  const page = 1;
  const style = 1;
  const relay = 1;
  assert.ok(page + style + scripts.length + relay <= 5);
  assert.ok(sizes.reduce((sum, size) => sum + size) <= 75 * 1024);
});

test('the relay is opened by a small script, which does not wait for noVNC', async () => {
  const script = String(await read(manifest.script));
  assert.ok(script.length < 20_000);
  assert.match(script, /new WebSocket/);
  assert.match(script, new RegExp(`import\\("\\./${manifest.preload[0]}"\\)`));
});

test('the script that holds noVNC and pako carries their notices, and the limited probe', async () => {
  const script = String(await read(manifest.preload[0] ?? ''));
  assert.match(script, /\/\*!\s+\* noVNC 1\.7\.0, .+MPL 2\.0/);
  assert.match(script, /github\.com\/novnc\/noVNC\/tree\/v1\.7\.0/);
  assert.match(script, /\/\*!\s+\* pako, .+MIT/);
  assert.match(script, /Promise\.race\(\[/);
  assert.doesNotMatch(script, /\bawait Promise\.race/);
});

test('nothing that was built needs more than the page may do', async () => {
  for (const file of scripts) {
    const script = String(await read(file));
    assert.doesNotMatch(
      script,
      /\beval\(|new Function|innerHTML|insertAdjacentHTML|document\.write/,
    );
    assert.doesNotMatch(script, /location\.(search|hash)|localStorage|sourceMappingURL/);
  }
  assert.doesNotMatch(String(await read(manifest.style)), /@import|url\((?!["']?#)/);
});
