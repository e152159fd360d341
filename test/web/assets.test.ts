import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Request, Response } from 'express';
import { loadAssets } from '../../lib/web/assets.ts';

/** Asks for a file in the encoding that was agreed on. */
function ask(file: string, agreed: string | false, method = 'GET') {
  const headers: Record<string, unknown> = {};
  let body: Buffer | undefined;
  const req = { method, acceptsEncodings: () => agreed } as unknown as Request;
  const res = {
    setHeader: (name: string, value: unknown) => {
      headers[name] = value;
    },
    end: (bytes?: Buffer) => {
      body = bytes;
    },
  } as unknown as Response;
  const served = loadAssets().serve(file, req, res);
  return { served, headers, body: () => body };
}

test('the manifest names what is there', () => {
  const { manifest } = loadAssets();
  for (const file of [manifest.script, manifest.style, ...manifest.preload]) {
    assert.ok(manifest.files.includes(file), file);
    assert.match(file, /^[\w-]+-[A-Z0-9]{8}\.(js|css)$/);
  }
});

test('the element has a stable name, for pages of any origin, and is kept for minutes only', () => {
  const { served, headers, body } = ask('element.js', 'gzip');
  assert.equal(served, true);
  assert.equal(headers['Cache-Control'], 'public, max-age=300');
  assert.equal(headers['Access-Control-Allow-Origin'], '*');
  assert.equal(headers['Content-Type'], 'text/javascript; charset=utf-8');
  assert.ok(body()!.length < 3 * 1024);
  const { script } = loadAssets().manifest;
  assert.equal(ask(script, 'br').headers['Access-Control-Allow-Origin'], undefined);
});

test('a file is served in the encoding agreed on, smaller than as it is', () => {
  const { script } = loadAssets().manifest;
  const plain = ask(script, 'identity');
  assert.equal(plain.headers['Content-Encoding'], undefined);
  for (const encoding of ['br', 'gzip']) {
    const packed = ask(script, encoding);
    assert.equal(packed.headers['Content-Encoding'], encoding);
    assert.ok(packed.body()!.length < plain.body()!.length);
    assert.equal(packed.headers['Content-Length'], packed.body()!.length);
  }
});

test('where no encoding is agreed on, the file comes as it is', () => {
  const { script } = loadAssets().manifest;
  assert.equal(ask(script, false).headers['Content-Encoding'], undefined);
});

test('what is no file of the page is not served', () => {
  for (const file of [
    '',
    'manifest.json',
    '../package.json',
    '__proto__',
    'constructor',
    'toString',
  ]) {
    const { served, headers } = ask(file, 'br');
    assert.equal(served, false, file);
    assert.deepEqual(headers, {});
  }
});
