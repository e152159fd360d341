import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ENDS } from '../../lib/errors.ts';
import { type Listing, novnc } from '../../lib/index.ts';
import { onEveryHost, openConsoles, openHost, recordLog } from '../helpers/hosts.ts';

onEveryHost((kind) => {
  test('the mount lists the consoles that the app names, as relative links', async (t) => {
    const { host } = await openConsoles(t, kind, {
      allow: [],
      resolve: (name) => (name === 'vm 1/ü' ? { path: '/run/x' } : null),
      list: async (req) => [
        { name: 'vm 1/ü', label: `For ${req.ip}`, group: 'Lab', description: 'First' },
        { name: '<b>', state: 'running' },
      ],
    });
    const { status, headers, body } = await host.request('/console/');
    assert.equal(status, 200);
    assert.match(headers['content-type'] ?? '', /^text\/html/);
    assert.match(String(headers['content-security-policy']), /^default-src 'none'/);
    assert.equal(headers['cache-control'], 'no-store');
    assert.ok(body.includes('For 127.0.0.1') && body.includes('Lab') && body.includes('First'));
    assert.ok(!body.includes('<b>'));
    const links = [...body.matchAll(/<a [^>]*href="([^"]+)"/g)].map(([, href]) => href!);
    assert.deepEqual(links, ['./vm%201%2F%C3%BC', './%3Cb%3E']);
    const first = new URL(links[0]!, `${host.origin}/console/`);
    assert.equal((await host.request(first.pathname)).status, 200);
    for (const [, file] of body.matchAll(/ (?:src|href)="(assets\/[^"]+)"/g)) {
      assert.equal((await host.request(`/console/${file}`)).status, 200, file);
    }
  });

  test('what is listed is not admitted by it', async (t) => {
    const list = () => [{ name: '10.0.0.7' }, { name: 'unknown' }];
    const { host } = await openConsoles(t, kind, {
      list,
      resolve: (name) => (name === 'unknown' ? null : undefined),
    });
    assert.equal((await host.request('/console/')).status, 200);
    assert.equal((await host.request('/console/10.0.0.7')).status, 403);
    assert.equal((await host.request('/console/unknown')).status, 404);
  });

  test('a mount without its slash leads to the one with it, relative', async (t) => {
    const { host } = await openConsoles(t, kind, { list: () => [] });
    for (const path of ['/console', '/console?x=1']) {
      const { status, headers } = await host.request(path);
      assert.deepEqual([status, headers.location], [308, './console/'], path);
    }
    const { body } = await host.request('/console/?x=1');
    assert.match(body, /There are no consoles yet\./);
    assert.equal((await host.request('/console/', { method: 'HEAD' })).bytes.length, 0);
  });

  test('without list, and for what else is done to it, the mount is the app’s', async (t) => {
    const { logger } = recordLog();
    const host = await openHost(t, kind, ({ app }) => {
      const plain = novnc({ allow: [], logger });
      const walled = novnc({ allow: [], list: () => [], logger });
      app.use('/plain', plain);
      app.use('/walled', walled);
      app.use((req, res) => void res.status(418).send(req.method));
      return [plain, walled];
    });
    assert.equal((await host.request('/plain/')).status, 418);
    assert.equal((await host.request('/plain')).status, 418);
    assert.equal((await host.request('/walled/')).status, 200);
    assert.equal((await host.request('/walled/', { method: 'POST' })).body, 'POST');
  });

  const failing: [string, () => Listing | Promise<Listing>][] = [
    ['throws', () => JSON.parse('{')],
    ['rejects', () => Promise.reject(new Error('database down'))],
    ['never answers', () => new Promise<Listing>(() => {})],
    ['returns no list', () => 7 as never],
    ['returns a console without a name', () => [{}] as never],
  ];
  for (const [what, list] of failing) {
    test(`a list that ${what} is a 500 of ours, with its reason in the log only`, async (t) => {
      const { host, log } = await openConsoles(t, kind, { list, timeouts: { authorize: 50 } });
      const { status, body } = await host.request('/console/');
      assert.equal(status, 500);
      assert.ok(body.includes(ENDS.INTERNAL.words) && !/database|JSON/.test(body));
      assert.ok(log.some(({ level, fields }) => level === 'error' && fields.detail));
    });
  }

  test('the wall is behind allowedHosts as all is', async (t) => {
    const { host } = await openConsoles(t, kind, { list: () => [], allowedHosts: ['a.example'] });
    assert.equal((await host.request('/console/')).status, 403);
    assert.equal((await host.request('/console/', { headers: { host: 'a.example' } })).status, 200);
  });
});
