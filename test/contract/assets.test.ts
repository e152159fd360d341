import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { test } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { onEveryHost, openConsoles } from '../helpers/hosts.ts';

const BUILT = new URL('../../dist/public/', import.meta.url);
const manifest: { files: string[] } = JSON.parse(
  readFileSync(new URL('manifest.json', BUILT), 'utf8'),
);

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.png': 'image/png',
};

onEveryHost((kind) => {
  test('each file comes as it was built, for a year, in the form that was asked for', async (t) => {
    const { host } = await openConsoles(t, kind);
    assert.ok(manifest.files.length > 2);
    for (const file of manifest.files) {
      const built = readFileSync(new URL(file, BUILT));
      for (const [accepted, encoding, decode] of [
        ['', undefined, (bytes: Buffer) => bytes],
        ['gzip', 'gzip', gunzipSync],
        ['br, gzip', 'br', brotliDecompressSync],
        ['gzip;q=0.5, br;q=0', 'gzip', gunzipSync],
        ['zstd', undefined, (bytes: Buffer) => bytes],
      ] as const) {
        const headers = { 'Accept-Encoding': accepted };
        const reply = await host.request(`/console/assets/${file}`, { headers });
        assert.equal(reply.status, 200);
        assert.equal(reply.headers['content-encoding'], encoding, accepted);
        assert.deepEqual(decode(reply.bytes), built);
        assert.equal(reply.headers['content-length'], `${reply.bytes.length}`);
        assert.equal(reply.headers['cache-control'], 'public, max-age=31536000, immutable');
        assert.equal(reply.headers['x-content-type-options'], 'nosniff');
        assert.match(reply.headers.vary ?? '', /accept-encoding/i);
        assert.equal(reply.headers['content-type'], TYPES[extname(file)]);
      }
    }
  });

  test('HEAD tells the length and sends nothing', async (t) => {
    const { host } = await openConsoles(t, kind);
    const path = `/console/assets/${manifest.files[0]}`;
    const get = await host.request(path);
    const head = await host.request(path, { method: 'HEAD' });
    assert.equal(head.status, 200);
    assert.equal(head.headers['content-length'], get.headers['content-length']);
    assert.equal(head.bytes.length, 0);
  });

  test('nothing but the built files is served', async (t) => {
    const { host } = await openConsoles(t, kind);
    for (const file of [
      'nothing.js',
      'manifest.json',
      `${manifest.files[0]}.br`,
      `${manifest.files[0]}%00`,
      '..%2f..%2fpackage.json',
      '..%5c..%5cpackage.json',
      '%2e%2e%2fmanifest.json',
      '....',
      '__proto__',
      'constructor',
    ]) {
      const { status, body } = await host.request(`/console/assets/${file}`);
      assert.equal(status, 404, file);
      assert.equal(body.trim(), 'There is no such file.');
    }
    for (const path of ['assets/../package.json', 'assets/a/b', 'assets/', 'assets']) {
      const { status } = await host.request(`/console/${path}`);
      assert.ok(status === 404 || status === 400, path);
    }
  });

  test('a file takes GET and HEAD only', async (t) => {
    const { host } = await openConsoles(t, kind);
    for (const method of ['POST', 'PUT', 'DELETE']) {
      const reply = await host.request(`/console/assets/${manifest.files[0]}`, { method });
      assert.equal(reply.status, 405);
      assert.equal(reply.headers.allow, 'GET, HEAD');
    }
  });
});
