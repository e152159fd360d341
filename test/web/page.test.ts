import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Request, Response } from 'express';
import { ConsoleError } from '../../lib/errors.ts';
import type { Options } from '../../lib/options.ts';
import { settle } from '../../lib/settle.ts';
import { type Custody, rightsOf } from '../../lib/target/target.ts';
import { sendPage, sendRefusal } from '../../lib/web/page.ts';

const MANIFEST = {
  script: 'main-1.js',
  style: 'console-1.css',
  first: 'first-1.js',
  icon: 'home-screen-1.png',
  preload: ['desktop-1.js'],
  refused: 'refused-1.js',
  start: 'start-1.js',
  dictionaries: { de: 'de-1.js', fr: 'fr-1.js' },
  wall: { script: 'wall-1.js', style: 'wall-1.css' },
  files: [],
};
const logger = { info() {}, warn() {}, error() {} };

/** A request as far as a page looks at it, of a browser that asks for English or another language. */
function ask(url: string, method = 'GET', language = 'en'): Request {
  const acceptsLanguages = (offered: string[]) => offered.includes(language) && language;
  return { method, url, acceptsLanguages } as unknown as Request;
}

/** A response as far as a page is written to it. */
function respond(locals: Record<string, unknown> = {}) {
  const headers = new Map<string, string>();
  const sent = { status: 0, headers, body: undefined as unknown };
  const res = {
    locals,
    headersSent: false,
    status: (status: number) => {
      sent.status = status;
    },
    setHeader: (name: string, value: string) => void headers.set(name.toLowerCase(), value),
    removeHeader: (name: string) => void headers.delete(name.toLowerCase()),
    type: (type: string) => void headers.set('content-type', type),
    end: (body: unknown) => {
      sent.body = body;
    },
  };
  return { sent, res: res as unknown as Response };
}

async function page(
  name: string,
  label: string,
  locals = {},
  options: Options['page'] = {},
  url = `/${name}`,
  language = 'en',
  custody: Custody = {},
) {
  const { sent, res } = respond(locals);
  const settings = settle({ allow: [], logger, page: options });
  await sendPage(ask(url, 'GET', language), res, settings, MANIFEST, {
    name,
    label,
    rights: rightsOf(custody),
  });
  return { ...sent, body: String(sent.body) };
}

test('the view is given names of files, the relay and the title', async () => {
  const { status, body } = await page('a b/ü:5901', 'Lab');
  assert.equal(status, 200);
  assert.ok(body.includes('data-relay="proxy?target=a%20b%2F%C3%BC%3A5901"'));
  assert.ok(body.includes('src="assets/main-1.js"'));
  assert.ok(body.includes('href="assets/console-1.css"'));
  assert.ok(body.includes('href="assets/desktop-1.js"'));
  assert.ok(body.includes('<script src="assets/first-1.js"'));
  assert.ok(body.includes('<title>Lab</title>'));
});

test('nothing of a name or a label is ever markup', async () => {
  const evil = '</title><script>alert(1)</script>"\' onload=x <%= 7 %> {{7}}';
  const { body } = await page(evil, evil);
  assert.ok(!body.includes('<script>alert'));
  assert.ok(!/"[^"<>]*' onload/.test(body.replace(/&#?\w+;/g, '')));
  assert.ok(body.includes('&lt;%= 7 %&gt;'));
});

test('a nonce of the host is taken where it can be one, and nowhere else', async () => {
  const good = await page('a', 'a', { cspNonce: 'aGVsbG8=' });
  assert.ok(good.body.includes('nonce="aGVsbG8="'));
  assert.match(good.headers.get('content-security-policy')!, /script-src 'self' 'nonce-aGVsbG8='/);
  for (const cspNonce of ["x'; script-src *", 'a b', '', 7, null, () => 'x']) {
    const { body, headers } = await page('a', 'a', { cspNonce });
    assert.doesNotMatch(body, /nonce="[^"]/);
    assert.doesNotMatch(headers.get('content-security-policy')!, /nonce-/);
  }
});

test('the locals of the host steer nothing', async () => {
  const locals = {
    page: { title: 'x' },
    settings: {},
    escapeFn: (text: string) => text,
    cache: false,
  };
  const { body } = await page('a', '<b>', locals);
  assert.ok(body.includes('<title>&lt;b&gt;</title>'));
});

test('a title may be a text, a function, or the label', async () => {
  assert.match((await page('a', 'Lab')).body, /<title>Lab</);
  assert.match((await page('a', 'Lab', {}, { title: 'T' })).body, /<title>T</);
  const title = (label: string) => `${label}!`;
  assert.match((await page('a', 'Lab', {}, { title })).body, /<title>Lab!</);
});

test('a refusal says its words and its status, and no detail', async () => {
  const { sent, res } = respond();
  const settings = settle({ allow: [], logger });
  const error = new ConsoleError('TOO_MANY', 'limits.sessions (7) is reached');
  await sendRefusal(ask('/a'), res, settings, MANIFEST, error);
  assert.equal(sent.status, 429);
  const body = String(sent.body);
  assert.ok(body.includes('Too many consoles are open.') && body.includes('429'));
  assert.ok(!body.includes('limits.sessions'));
});

test('the words of the language that the browser asks for come with the page', async () => {
  const dictionary = async (language: string, options: Options['page'] = {}) => {
    const { body } = await page('a', 'a', {}, options, '/a', language);
    return /rel="modulepreload" href="assets\/(de|fr)-1\.js"/.exec(body)?.[1];
  };
  assert.equal(await dictionary('en'), undefined);
  assert.equal(await dictionary('de'), 'de');
  assert.equal(await dictionary('ja'), undefined, 'not offered');
  assert.equal(await dictionary('de', { settings: { language: 'fr' } }), 'fr', 'the host chose');
  assert.equal(await dictionary('de', { settings: { language: 'en' } }), undefined);
});

test('what the relay holds a viewer to anyway, the page does not offer', async () => {
  const of = async (custody: Custody, settings: NonNullable<Options['page']>['settings'] = {}) => {
    const { body } = await page('a', 'a', {}, { settings }, '/a', 'en', custody);
    return body.slice(0, body.indexOf('<head>')).replaceAll('&#34;', '"');
  };
  assert.match(await of({}), /data-settings="{}"/);
  assert.doesNotMatch(await of({}), /data-clipboard/);
  const forced = '"viewOnly":{"value":true,"force":true}';
  assert.ok((await of({ viewOnly: true }, { viewOnly: false })).includes(forced));
  assert.ok((await of({ shared: true })).includes('"shared":{"value":true,"force":true}'));
  assert.match(await of({ clipboard: 'to-browser' }), /data-clipboard="to-browser"/);
});

test('HEAD gets no body', async () => {
  const { sent, res } = respond();
  const settings = settle({ allow: [], logger });
  await sendPage(ask('/a', 'HEAD'), res, settings, MANIFEST, {
    name: 'a',
    label: 'a',
    rights: rightsOf({}),
  });
  assert.equal(sent.status, 200);
  assert.equal(sent.body, undefined);
});

test('embed is the one word of a query that the page knows', async () => {
  for (const query of ['?embed', '?embed=', '?embed=1', '?a=b&embed', '?embed&a']) {
    assert.match(
      (await page('a', 'a', {}, {}, `/a${query}`)).body,
      /<html[^>]* data-embed[ >]/,
      query,
    );
  }
  for (const query of ['', '?', '?a=embed', '?embedded', '?xembed', '?x=embed&y']) {
    const { body } = await page('a', 'a', {}, {}, `/a${query}`);
    assert.doesNotMatch(body, /<html[^>]* data-embed[ >]/, query);
  }
});

test('listed origins may frame the page, and the script is told who they are', async () => {
  const embed = { origins: ['https://a.example', 'https://b.example:8443'] };
  const { body, headers } = await page('a', 'a', {}, { embed });
  assert.match(
    headers.get('content-security-policy')!,
    /frame-ancestors 'self' https:\/\/a\.example https:\/\/b\.example:8443(;|$)/,
  );
  assert.equal(headers.has('x-frame-options'), false);
  assert.match(body, / data-embedders="https:\/\/a\.example https:\/\/b\.example:8443"/);
  const none = await page('a', 'a');
  assert.match(none.headers.get('content-security-policy')!, /frame-ancestors 'self'(;|$)/);
  assert.equal(none.headers.get('x-frame-options'), 'SAMEORIGIN');
  assert.doesNotMatch(none.body, /data-embedders/);
});

test('the actions of the host are buttons, and all of their texts are text', async () => {
  const evil = '"><script>alert(1)</script>';
  const actions = [
    { id: 'up', label: 'Power on', confirm: 'Power on {name}?', icon: 'power', run: () => {} },
    { id: 'evil', label: evil, confirm: evil, run: () => {} },
  ];
  const { body } = await page('a', 'a', {}, { actions });
  assert.match(body, /<button[^>]* data-action="up" data-confirm="Power on \{name\}\?"/);
  assert.match(body, /href="#icon-power"\/><\/svg><span>Power on</);
  assert.match(body, /data-action="evil"/);
  assert.ok(!body.includes('<script>alert'));
});
