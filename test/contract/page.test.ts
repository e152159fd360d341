import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ENDS } from '../../lib/errors.ts';
import type { PageView } from '../../lib/index.ts';
import { onEveryHost, openConsoles } from '../helpers/hosts.ts';

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; " +
  "require-trusted-types-for 'script'; trusted-types 'none'";

onEveryHost((kind) => {
  test('the page says where its relay and its files are, relative and without a leading slash', async (t) => {
    const { host } = await openConsoles(t, kind);
    const { status, headers, body } = await host.request('/console/127.0.0.1:5905');
    assert.equal(status, 200);
    assert.match(headers['content-type'] ?? '', /^text\/html; charset=utf-8$/i);
    assert.match(body, /^<!doctype html>/i);
    assert.match(body, /data-relay="proxy\?target=127\.0\.0\.1%3A5905"/);
    assert.match(body, /<title>127\.0\.0\.1:5905<\/title>/);
    const links = [...body.matchAll(/(?:src|href)="([^"#]+)"/g)].map(([, link]) => link!);
    assert.ok(
      links.some((link) => link.endsWith('.js')) && links.some((link) => link.endsWith('.css')),
    );
    for (const link of links) {
      if (link.startsWith('data:')) continue;
      assert.match(link, /^assets\/[\w-]+\.(js|css|png)$/);
      assert.equal((await host.request(`/console/${link}`)).status, 200, link);
    }
    assert.ok(!/["'=]\/?console\//.test(body), 'the mount path is nowhere in the page');
  });

  test('the page is guarded by its headers, and a refusal as well', async (t) => {
    const { host } = await openConsoles(t, kind);
    for (const name of ['127.0.0.1:5905', '10.0.0.7']) {
      const { headers } = await host.request(`/console/${name}`);
      assert.equal(headers['content-security-policy'], POLICY);
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.equal(headers['x-frame-options'], 'SAMEORIGIN');
      assert.equal(headers['referrer-policy'], 'no-referrer');
      assert.equal(headers['cache-control'], 'no-store');
      assert.equal(headers['set-cookie'], undefined);
    }
  });

  test('a refusal is a page with its words, its status, and nothing of the name', async (t) => {
    const { host } = await openConsoles(t, kind, {
      resolve: (name) => (name === 'unknown' ? null : undefined),
    });
    const cases = [
      ['not%20an%20address', ENDS.NAME_INVALID],
      ['%zz', ENDS.NAME_INVALID],
      ['%c0%ae', ENDS.NAME_INVALID],
      ['%0d%0aSet-Cookie:x=1', ENDS.NAME_INVALID],
      ['%3Cscript%3Ealert(1)%3C%2Fscript%3E', ENDS.NAME_INVALID],
      ['10.0.0.7', ENDS.TARGET_REFUSED],
      ['unknown', ENDS.TARGET_UNKNOWN],
    ] as const;
    for (const [segment, { status, words }] of cases) {
      const reply = await host.request(`/console/${segment}`);
      assert.equal(reply.status, status, segment);
      assert.match(reply.headers['content-type'] ?? '', /^text\/html/);
      assert.ok(reply.body.includes(words), segment);
      assert.ok(!reply.body.includes('<script>alert'));
      assert.ok(!reply.body.includes('10.0.0.7'));
    }
  });

  test('HEAD answers like GET, without a body', async (t) => {
    const { host } = await openConsoles(t, kind);
    for (const path of ['/console/127.0.0.1:5905', '/console/10.0.0.7']) {
      const get = await host.request(path);
      const head = await host.request(path, { method: 'HEAD' });
      assert.equal(head.status, get.status);
      assert.equal(head.headers['content-type'], get.headers['content-type']);
      assert.equal(head.bytes.length, 0);
    }
  });

  test('what else is done to a page is left to the app', async (t) => {
    const { host } = await openConsoles(t, kind);
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      const { status } = await host.request('/console/127.0.0.1:5905', { method });
      assert.equal(status, 404, method);
    }
    for (const path of ['/console', '/console/', '/console/a/b', '/elsewhere']) {
      assert.equal((await host.request(path)).status, 404, path);
    }
  });

  test('a trailing slash leads to the one address without, relative to the page', async (t) => {
    const { host } = await openConsoles(t, kind);
    const { status, headers } = await host.request('/console/127.0.0.1:5905/');
    assert.equal(status, 308);
    assert.equal(headers.location, '../127.0.0.1:5905');
    const there = new URL(headers.location, `${host.origin}/console/127.0.0.1:5905/`);
    assert.equal(there.pathname, '/console/127.0.0.1:5905');
    assert.equal((await host.request('/console/10.0.0.7/')).status, 403);
    for (const path of [
      '//evil.example/%2F..',
      '/console//evil.example/',
      '/console/%2f%2fevil.example/',
    ]) {
      const { headers } = await host.request(path);
      assert.doesNotMatch(headers.location ?? '', /^(\/\/|https?:|\/\\)/, path);
    }
  });

  test('a name is decoded once, and written escaped', async (t) => {
    const names: string[] = [];
    const { host } = await openConsoles(t, kind, {
      resolve: (name) => {
        names.push(name);
        return { path: '/run/x' };
      },
    });
    const given = [
      'vm 1',
      'ü',
      'a/b',
      'a%20b',
      '<b>"\'&',
      '[::1]:5905',
      'a?b#c',
      '日本語',
      'a+b',
      ';,:@&=$',
    ];
    for (const name of given) {
      const { status, body } = await host.request(`/console/${encodeURIComponent(name)}`);
      assert.equal(status, 200, name);
      const relay = /data-relay="([^"]*)"/.exec(body)?.[1]?.replaceAll('&#39;', "'");
      assert.equal(relay, `proxy?target=${encodeURIComponent(name)}`);
      assert.ok(!body.includes('<b>'));
    }
    assert.deepEqual(names, given);
  });

  test('every name of an address leads to the same console', async (t) => {
    const { host } = await openConsoles(t, kind, {
      allow: ['127.0.0.1', '::1', 'unix:/run/vms/*.sock'],
    });
    for (const segment of [
      '127.0.0.1',
      '127.0.0.1:5901',
      '127%2e0.0.1%3A5901',
      '[::1]',
      '%5B::1%5D:5901',
      '[0:0::1]',
      'unix:%2Frun%2Fvms%2Fa.sock',
      'unix:%252Frun%252Fvms%252Fa.sock',
    ]) {
      assert.equal((await host.request(`/console/${segment}`)).status, 200, segment);
    }
    for (const segment of ['127.0.0.1:6000', 'unix:%2Frun%2Fvms%2F..%2Fa.sock', '[::2]']) {
      assert.ok([400, 403].includes((await host.request(`/console/${segment}`)).status), segment);
    }
  });

  test('page.title is a text, or made of the label', async (t) => {
    const resolve = () => ({ path: '/run/x', label: 'Lab <1>' });
    const fixed = await openConsoles(t, kind, { resolve, page: { title: 'Consoles' } });
    assert.match((await fixed.host.request('/console/a')).body, /<title>Consoles<\/title>/);
    const made = await openConsoles(t, kind, {
      resolve,
      page: { title: (label, req) => `${label} for ${req.ip}` },
    });
    assert.match(
      (await made.host.request('/console/a')).body,
      /<title>Lab &lt;1&gt; for 127\.0\.0\.1<\/title>/,
    );
  });

  test('page.view may be a function, and may answer by itself', async (t) => {
    const views: PageView[] = [];
    const { host } = await openConsoles(t, kind, {
      page: {
        view: async (page, req, res) => {
          views.push(page);
          if (req.query.own === undefined) return `<p>${page.relay}</p>`;
          res.status(202).send('my own');
          return '';
        },
      },
    });
    const made = await host.request('/console/127.0.0.1');
    assert.equal(made.body, '<p>proxy?target=127.0.0.1</p>');
    assert.equal(made.headers['content-security-policy'], POLICY);
    const own = await host.request('/console/127.0.0.1?own');
    assert.deepEqual([own.status, own.body], [202, 'my own']);
    const [view] = views;
    assert.equal(view?.title, '127.0.0.1');
    assert.match(view.script, /\.js$/);
    assert.match(view.style, /\.css$/);
  });

  test('a view that fails is a 500 of ours, and the next request lives', async (t) => {
    const { host, log } = await openConsoles(t, kind, {
      page: {
        view: () => {
          throw new Error('no template');
        },
      },
    });
    const { status, body } = await host.request('/console/127.0.0.1');
    assert.equal(status, 500);
    assert.ok(body.includes(ENDS.INTERNAL.words) && !body.includes('template'));
    assert.ok(
      log.some(({ level, fields }) => level === 'error' && /no template/.test(`${fields.detail}`)),
    );
    const missing = await openConsoles(t, kind, { page: { view: '/nowhere/console.ejs' } });
    assert.equal((await missing.host.request('/console/127.0.0.1')).status, 500);
    assert.equal((await missing.host.request('/console/10.0.0.7')).status, 403);
  });

  test('page.headers replace ours by name, and null leaves one out', async (t) => {
    const { host } = await openConsoles(t, kind, {
      page: {
        headers: {
          'x-frame-options': null,
          'Content-Security-Policy': 'frame-ancestors https://panel.example',
          'X-Own': 'yes',
        },
      },
    });
    for (const name of ['127.0.0.1', '10.0.0.7']) {
      const { headers } = await host.request(`/console/${name}`);
      assert.equal(headers['x-frame-options'], undefined);
      assert.equal(headers['content-security-policy'], 'frame-ancestors https://panel.example');
      assert.equal(headers['x-own'], 'yes');
      assert.equal(headers['x-content-type-options'], 'nosniff');
    }
  });

  test('query parameters and their shapes change nothing', async (t) => {
    const { host } = await openConsoles(t, kind);
    host.app.set('query parser', 'extended');
    const plain = (await host.request('/console/127.0.0.1')).body;
    for (const query of [
      'host=evil&port=1&path=x&password=p&autoconnect=1',
      'settings[view%20options][outputFunctionName]=x;throw%201;s',
      'settings[view%20options][client]=1&settings[view%20options][escapeFunction]=1',
      '__proto__[x]=1&constructor[prototype][x]=1',
      'cache=1&filename=x&layout=y&escapeFn=z',
    ]) {
      assert.equal((await host.request(`/console/127.0.0.1?${query}`)).body, plain, query);
    }
    assert.equal(({} as { x?: unknown }).x, undefined);
  });
});
