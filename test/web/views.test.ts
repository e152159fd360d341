import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { settle } from '../../lib/settle.ts';
import { createRender } from '../../lib/web/views.ts';

const REFUSAL = { title: 'T', words: 'No <b>.', status: 403, code: 4403, style: 's', script: 'x' };

function folder(t: TestContext, files: Record<string, string>): string {
  const path = mkdtempSync(join(tmpdir(), 'express-novnc-views-'));
  t.after(() => rmSync(path, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return path;
}

test('without a folder all views are ours', () => {
  const html = createRender(undefined)('refusal', REFUSAL);
  assert.match(html, /^<!doctype html>/);
  assert.ok(html.includes('No &lt;b&gt;.') && html.includes('icon-unplugged'));
});

test('a view of the host takes the place of ours by name, and all others stay', (t) => {
  const own = folder(t, { 'favicon.ejs': '<link rel="icon" href="<%= page.title %>.png">' });
  const html = createRender(own)('refusal', REFUSAL);
  assert.ok(html.includes('<link rel="icon" href="T.png">'));
  assert.ok(html.includes('<symbol id="icon-unplugged"'));
  assert.ok(!createRender(undefined)('refusal', REFUSAL).includes('T.png'));
});

test('a view of the host includes ours, its own others, and what it gives them', (t) => {
  const own = folder(t, {
    'refusal.ejs': "<%- include('icons') %>|<%- include('./mine.ejs', { more: 7 }) %>",
    'mine.ejs': '<%= page.title %> <%= page.more %>',
  });
  const html = createRender(own)('refusal', REFUSAL);
  assert.ok(html.includes('<symbol') && html.endsWith('|T 7'));
});

test('a view of the host can put something around ours of its name', (t) => {
  const own = folder(t, { 'refusal.ejs': "<%- include('ours/refusal') %><!-- after -->" });
  const html = createRender(own)('refusal', REFUSAL);
  assert.match(html, /^<!doctype html>[\s\S]+<\/html>\s*<!-- after -->$/);
});

test('two hosts of one process each get their own', (t) => {
  const one = createRender(folder(t, { 'favicon.ejs': 'ONE' }));
  const two = createRender(folder(t, { 'favicon.ejs': 'TWO' }));
  for (const _ of [1, 2]) {
    assert.ok(one('refusal', REFUSAL).includes('ONE'));
    assert.ok(two('refusal', REFUSAL).includes('TWO'));
  }
});

test('a view that does not exist is an error', () => {
  assert.throws(() => createRender(undefined)('nowhere', {}), { code: 'ENOENT' });
});

test('a console page has the toolbar of the host, in all that is ours', (t) => {
  const own = folder(t, { 'toolbar.ejs': '<header id="mine"><%= page.title %></header>' });
  const { page } = settle({ allow: [], page: { views: own } });
  const html = page.render('console', { title: 'VM 42', preload: [], actions: [], keys: [] });
  assert.ok(html.includes('<header id="mine">VM 42</header>'));
  assert.ok(html.includes('id="screen"') && html.includes('<symbol id="icon-screen"'));
  assert.ok(!html.includes('id="ctrl-alt-del"'));
});
