import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import ejs from 'ejs';

const HOSTILE = `"><script>alert(1)</script><img src=x onerror='alert(1)'>\${1}<%= 1 %>`;
const PAGE = {
  title: 'VM 42',
  relay: 'proxy?target=vm-42',
  first: 'first-GGGGGGGG.js',
  script: 'main-AAAAAAAA.js',
  style: 'console-BBBBBBBB.css',
  icon: 'home-screen-JJJJJJJJ.png',
  preload: ['desktop-CCCCCCCC.js'],
  dictionary: undefined as string | undefined,
  settings: '{"bell":{"value":false,"force":true}}',
  embedders: '',
  clipboard: 'both',
  embedded: false,
  keys: [{ label: 'Magic SysRq', keys: ['Alt', 'PrintScreen', 'b'] }],
  actions: [{ id: 'power-on', label: 'Power on', icon: 'power', confirm: 'Power on {name}?' }],
  nonce: undefined as string | undefined,
};
const REFUSAL = {
  title: 'VM 42',
  words: 'This console is not available.',
  status: 403,
  code: 4403,
  script: 'refused-DDDDDDDD.js',
  dictionary: undefined as string | undefined,
  settings: '{}',
  embedders: '',
  embedded: false,
  style: PAGE.style,
  nonce: undefined as string | undefined,
};

const WALL = {
  script: 'wall-EEEEEEEE.js',
  style: 'wall-FFFFFFFF.css',
  icon: 'home-screen-JJJJJJJJ.png',
  dictionary: undefined as string | undefined,
  settings: '{}',
  count: 2,
  groups: [
    { name: 'Lab', cards: [card('vm 1', 'Mail', 'Debian', 'running')] },
    { name: '', cards: [card('vm-2', 'vm-2', '', '')] },
  ],
  nonce: undefined as string | undefined,
};

function card(name: string, label: string, description: string, state: string) {
  const href = `./${encodeURIComponent(name)}`;
  return { href, name, label, description, state, tone: 'good' };
}

const START = {
  style: PAGE.style,
  script: 'start-GGGGGGGG.js',
  dictionary: undefined as string | undefined,
  allow: ['10.0.0.0/8', 'unix:/run/vms/*.sock'],
  example: '127.0.0.1:5901',
  name: '',
};

function render(view: string, data: object): Promise<string> {
  const file = fileURLToPath(new URL(`../../views/${view}.ejs`, import.meta.url));
  return ejs.renderFile(file, data, { strict: true, localsName: 'page' });
}

const count = (text: string, what: RegExp) => text.match(what)?.length ?? 0;

test('the console page has every element that the script looks up, once', async () => {
  const html = await render('console', PAGE);
  const elements = new URL('../../public/elements.ts', import.meta.url);
  const ids = [...(await readFile(elements, 'utf8')).matchAll(/find\('([\w-]+)'/g)];
  assert.ok(ids.length > 10);
  for (const [, id] of ids) assert.equal(count(html, new RegExp(` id="${id}"`, 'g')), 1, id);
});

test('the console page draws only icons that there are', async () => {
  const html = await render('console', PAGE);
  for (const [, id] of html.matchAll(/<use href="#([\w-]+)"/g)) {
    assert.equal(count(html, new RegExp(`<symbol id="${id}"`, 'g')), 1, id);
  }
});

for (const [view, data] of [
  ['console', PAGE],
  ['refusal', REFUSAL],
] as const) {
  test(`the ${view} page has no inline script or style, and no address but relative ones`, async () => {
    const html = await render(view, data);
    assert.doesNotMatch(html, / style=| on[a-z]+=|<style/);
    for (const [script] of html.matchAll(/<script[^>]*>[^<]*/g))
      assert.match(script, / src=".+">$/);
    for (const [, url] of html.matchAll(/ (?:src|href)="([^"]*)"/g)) {
      assert.match(
        url ?? '',
        /^(assets\/[\w-]+\.(js|css|png)|#[\w-]+|data:,|data:image\/svg\+xml,.+)$/,
      );
    }
  });

  test(`the ${view} page writes what it is given as text`, async () => {
    const html = await render(view, { ...data, title: HOSTILE, relay: HOSTILE, words: HOSTILE });
    assert.doesNotMatch(html, /alert\(1\)<|<img|"><script>/);
    assert.equal(count(html, /<script/g), view === 'console' ? 2 : 1);
  });

  test(`the ${view} page gives the host's nonce to all that it loads`, async () => {
    const html = await render(view, { ...data, nonce: 'n0nce' });
    const loads = count(html, /<script|<link rel="(stylesheet|modulepreload)"/g);
    assert.equal(count(html, / nonce="n0nce"/g), loads);
    assert.doesNotMatch(await render(view, data), / nonce="[^"]/);
  });
}

test('the console page tells the script where the relay is, and nothing else', async () => {
  const html = await render('console', PAGE);
  assert.match(
    html,
    /<html lang="en" data-state="connecting" data-relay="proxy\?target=vm-42" data-settings="\{&#34;/,
  );
});

test('the console page opens the relay before it waits for its style or is read any further', async () => {
  const html = await render('console', PAGE);
  const first = html.indexOf('<script src="assets/first-');
  assert.ok(first > 0 && first < html.indexOf('<link rel="stylesheet"'));
  assert.doesNotMatch(await render('console', { ...PAGE, first: '' }), /<script src/);
});

test('every button of the console page says what it does, and what kind it is', async () => {
  const html = await render('console', PAGE);
  for (const [button, attributes, content] of html.matchAll(
    /<button([^>]*)>([\s\S]*?)<\/button>/g,
  )) {
    assert.match(attributes ?? '', / type="(button|submit)"/, button);
    assert.notEqual(content?.replace(/<[^>]+>/g, '').trim(), '', button);
  }
});

test('the start page asks for an address by a form, and has nothing inline', async () => {
  const html = await render('start', START);
  assert.match(html, /<form action="" method="get">\s*<input name="name" dir="ltr" value=""/);
  assert.doesNotMatch(html, / style=| on[a-z]+=|<style|<script(?! type="module" src="assets\/)/);
  for (const [, url] of html.matchAll(/ (?:src|href)="([^"]*)"/g)) {
    assert.match(
      url ?? '',
      /^(assets\/[\w-]+\.(js|css|png)|#[\w-]+|data:,|data:image\/svg\+xml,.+)$/,
    );
  }
});

test('the start page writes what it is given as text', async () => {
  const html = await render('start', { ...START, name: HOSTILE, allow: [HOSTILE] });
  assert.doesNotMatch(html, /<img|value="">|"><script>/);
  assert.equal(count(html, /<script/g), 1);
});

test('the start page tells what may be opened', async () => {
  const html = await render('start', START);
  for (const rule of START.allow) assert.ok(html.includes(`>${rule}</li>`), rule);
});

for (const [view, data] of [
  ['console', PAGE],
  ['refusal', REFUSAL],
  ['wall', WALL],
  ['start', START],
] as const) {
  test(`the ${view} page keeps its words back only for who will read others, and fetches those`, async () => {
    const english = await render(view, data);
    assert.doesNotMatch(english, /data-unspoken|assets\/de-/);
    const german = await render(view, { ...data, dictionary: 'de-HHHHHHHH.js' });
    assert.match(german, /^<!doctype html>\n<html lang="en"[^>]* data-unspoken/);
    assert.match(german, /<link rel="modulepreload" href="assets\/de-HHHHHHHH\.js"/);
  });

  test(`the ${view} page does not show itself before its colours are known`, async () => {
    assert.match(
      await render(view, { ...data, first: 'first-IIIIIIII.js' }),
      view === 'console'
        ? /<script src="assets\/first-[^>]*><\/script>\s+<link rel="stylesheet"/
        : /<script type="module"[^>]* blocking="render"/,
    );
  });
}

test('the refusal page says what was refused and why', async () => {
  const html = await render('refusal', REFUSAL);
  assert.match(html, /<title>VM 42<\/title>/);
  assert.match(html, /<h1 id="cause">This console is not available\.<\/h1>/);
});

test('the wall has a link for each console, relative, and all it is given is text', async () => {
  const evil = {
    ...WALL,
    groups: [{ name: HOSTILE, cards: [card('a', HOSTILE, HOSTILE, HOSTILE)] }],
  };
  for (const page of [WALL, evil]) {
    const html = await render('wall', page);
    assert.doesNotMatch(html, / style=|<style|alert\(1\)<|<img/);
    assert.equal(count(html, /<script/g), 1);
    for (const [, url] of html.matchAll(/ (?:src|href)="([^"]*)"/g)) {
      assert.match(
        url ?? '',
        /^(assets\/[\w-]+\.(js|css|png)|#[\w-]+|data:image\/svg\+xml,.+|\.\/[\w%-]+)$/,
      );
    }
  }
  const html = await render('wall', { ...WALL, nonce: 'n0nce' });
  assert.equal(count(html, / nonce="n0nce"/g), 2);
  assert.deepEqual(
    [...html.matchAll(/ href="(\.\/[^"]+)"/g)].map(([, href]) => href),
    ['./vm%201', './vm-2'],
  );
});

test('the wall says when there is nothing to show, and then has nothing to search', async () => {
  const html = await render('wall', { ...WALL, count: 0, groups: [] });
  assert.match(html, /There are no consoles yet\./);
  assert.doesNotMatch(html, /id="search"/);
});
