import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ENDS } from '../../lib/errors.ts';
import { ConsoleError, type ConsoleErrorCode } from '../../lib/index.ts';
import {
  onAttachedHosts,
  onEveryHost,
  openConsoles,
  refusalFor,
  refusalOf,
  relayPath,
} from '../helpers/hosts.ts';
import { Queue } from '../helpers/inbox.ts';
import { KEY } from '../helpers/raw-browser.ts';
import { VncTarget } from '../helpers/vnc-target.ts';

const WRONG_NAMES = [
  '127.1',
  '2130706433',
  '0x7f.1',
  '0177.0.0.1',
  '256.1.1.1',
  '①②⑦.⓪.⓪.①',
  'soft\u00adhyphen',
  '[fe80::1%25lo]',
  '[example.com]:5900',
  '::1:5900',
  ':5900',
  'host:',
  'host:0',
  'host:0x170c',
  'host:05900',
  'host:65536',
  'user:secret@127.0.0.1:5900',
  'a b',
  'a/b',
  'a\r\nSet-Cookie: x=1',
  'proxy',
  'assets',
  '..',
  'a'.repeat(64),
  'unix:relative',
  'unix:/run/../etc/passwd',
];

onEveryHost((kind) => {
  test('a name that is no address is refused, as a page and as a socket', async (t) => {
    const { host } = await openConsoles(t, kind, { allow: ['*:1-65535'] });
    for (const name of WRONG_NAMES) {
      const browser = host.browse(t, relayPath(name));
      assert.equal(await refusalOf(host, browser), refusalFor(host, 'NAME_INVALID'), name);
      const verdict = await host.request(relayPath(name));
      assert.equal(verdict.status, 400, name);
    }
  });

  test('a relay without exactly one target is refused', async (t) => {
    const { host } = await openConsoles(t, kind, { allow: ['*:1-65535'] });
    for (const query of [
      'target=',
      'target=a&target=b',
      'target=%zz',
      'target=%c0%ae',
      'x=1&target=%ed%a0%80',
    ]) {
      const browser = host.browse(t, `/console/proxy?${query}`);
      assert.equal(await refusalOf(host, browser), refusalFor(host, 'NAME_INVALID'), query);
    }
    for (const query of ['', '?', '?Target=a', '?target[]=a', '?x=1']) {
      assert.equal((await host.request(`/console/proxy${query}`)).status, 400, query);
    }
  });

  test('a target that no rule covers is refused without a dial', async (t) => {
    const target = await VncTarget.open(t);
    const { host } = await openConsoles(t, kind, { allow: ['10.0.0.0/8:5999', '*.example'] });
    for (const name of [target.name, 'localhost:5901', 'host.test', 'unix:/run/vnc.sock']) {
      const browser = host.browse(t, relayPath(name));
      assert.equal(await refusalOf(host, browser), refusalFor(host, 'TARGET_REFUSED'), name);
      assert.equal((await host.request(relayPath(name))).status, 403, name);
    }
    assert.equal(target.count, 0);
  });

  test('without allow and resolve, every target is refused, and a warning says why', async (t) => {
    const { novnc } = await import('../../lib/index.ts');
    const { recordLog, openHost } = await import('../helpers/hosts.ts');
    const { lines, logger } = recordLog();
    const consoles = novnc({ logger });
    const host = await openHost(t, kind, ({ app }) => {
      app.use('/console', consoles);
      return consoles;
    });
    assert.equal((await host.request('/console/10.0.0.7:5901')).status, 403);
    const browser = host.browse(t, relayPath('10.0.0.7:5901'));
    assert.equal(await refusalOf(host, browser), refusalFor(host, 'TARGET_REFUSED'));
    const warnings = lines.filter(({ level }) => level === 'warn');
    assert.equal(warnings.length, 1);
    assert.match(warnings[0]!.message, /allow.*resolve/);
  });

  test('metadata services and other hidden addresses are refused under *', async (t) => {
    const { host } = await openConsoles(t, kind, { allow: ['*:1-65535'] });
    for (const name of [
      '127.0.0.1',
      '0.0.0.0',
      '169.254.169.254:80',
      '100.100.100.200:80',
      '168.63.129.16:80',
      '224.0.0.1',
      '255.255.255.255',
      '[::1]',
      '[::]',
      '[::ffff:a9fe:a9fe]:80',
      '[fd00:ec2::254]:80',
      '[64:ff9b::7f00:1]',
      '[2002:7f00:1::]',
      '[fe80::1]',
      '[ff02::1]',
    ]) {
      const browser = host.browse(t, relayPath(name));
      assert.equal(await refusalOf(host, browser), refusalFor(host, 'TARGET_REFUSED'), name);
    }
  });

  test('a name whose addresses are hidden ones is refused after the handshake', async (t) => {
    const target = await VncTarget.open(t);
    const { host } = await openConsoles(t, kind, { allow: ['*:1-65535'] });
    const browser = host.browse(t, relayPath(`localhost:${target.port}`));
    const { closeCode, words } = ENDS.TARGET_REFUSED;
    assert.deepEqual(await browser.closed(), { code: closeCode, reason: words });
    assert.equal(target.count, 0);
  });

  test('a name rule for localhost opens localhost', async (t) => {
    const target = await VncTarget.open(t);
    const { host } = await openConsoles(t, kind, { allow: ['localhost:1-65535'] });
    for (const name of ['localhost', 'LOCALHOST', 'localhost.']) {
      await host.browse(t, relayPath(`${name}:${target.port}`)).read(12);
    }
    const literal = host.browse(t, relayPath(target.name));
    assert.equal(await refusalOf(host, literal), refusalFor(host, 'TARGET_REFUSED'));
  });

  test('a page of another origin opens no console', async (t) => {
    const target = await VncTarget.open(t);
    const { host } = await openConsoles(t, kind);
    const { authority } = host;
    const scheme = kind.tls ? 'https' : 'http';
    for (const origin of [
      'http://evil.example',
      `${scheme}://evil.${authority}`,
      `${scheme}://127.0.0.1`,
      `${scheme}://good@${authority}`,
      'null',
      '',
      'garbage',
      `${scheme}://${authority}, http://evil.example`,
      ...(kind.tls ? [`http://${authority}`] : []),
    ]) {
      const browser = host.browse(t, relayPath(target.name), { headers: { Origin: origin } });
      const { status } = await browser.refused();
      assert.ok(status === 403 || status === 401, `${origin}: ${status}`);
    }
    const headers = { Origin: host.origin, 'Sec-Fetch-Site': 'cross-site' };
    const { status } = await host.browse(t, relayPath(target.name), { headers }).refused();
    assert.ok(status === 403 || status === 401, `cross-site: ${status}`);
    assert.equal(target.count, 0);
  });

  test('a page of the same origin, of a listed one, and no page at all open consoles', async (t) => {
    const target = await VncTarget.open(t);
    const { host } = await openConsoles(t, kind, { origins: ['https://panel.example'] });
    for (const headers of [
      { Origin: host.origin },
      { Origin: host.origin.toUpperCase() },
      { Origin: 'https://panel.example' },
      { Origin: 'https://panel.example:443' },
      {},
    ]) {
      await host.browse(t, relayPath(target.name), { headers: { ...headers } }).read(12);
    }
  });

  test('requireOrigin refuses a handshake without Origin', async (t) => {
    const target = await VncTarget.open(t);
    const { host } = await openConsoles(t, kind, { requireOrigin: true });
    const bare = await host.browse(t, relayPath(target.name)).refused();
    assert.ok(bare.status === 403 || bare.status === 401);
    await host.browse(t, relayPath(target.name), { headers: { Origin: host.origin } }).read(12);
  });

  test('a Host outside allowedHosts is refused, as a page and as a socket', async (t) => {
    const target = await VncTarget.open(t);
    const { host } = await openConsoles(t, kind, { allowedHosts: ['panel.example', '::1'] });
    const foreign = host.browse(t, relayPath(target.name));
    assert.equal(await refusalOf(host, foreign), refusalFor(host, 'TARGET_REFUSED'));
    const page = `/console/${target.name}`;
    assert.equal((await host.request(page)).status, 403);
    for (const Host of ['panel.example', 'PANEL.example:8443', '[::1]:3000']) {
      assert.equal((await host.request(page, { headers: { Host } })).status, 200, Host);
      await host.browse(t, relayPath(target.name), { headers: { Host } }).read(12);
    }
    for (const Host of ['panel.example.evil', 'x@panel.example', 'evil"><script>']) {
      const { status, body } = await host.request(page, { headers: { Host } });
      assert.ok(status === 403 || status === 400, Host);
      assert.ok(!body.includes('<script>'));
    }
  });

  test('a forged X-Forwarded-Host counts only from a trusted proxy', async (t) => {
    const target = await VncTarget.open(t);
    const { host } = await openConsoles(t, kind);
    const headers = { Origin: 'https://panel.example', 'X-Forwarded-Host': 'panel.example' };
    const forged = host.browse(t, relayPath(target.name), { headers });
    assert.equal(await refusalOf(host, forged), refusalFor(host, 'ORIGIN_REFUSED'));
    host.app.set('trust proxy', 'loopback');
    await host.browse(t, relayPath(target.name), { headers }).read(12);
    const doubled = { ...headers, 'X-Forwarded-Host': 'panel.example, 127.0.0.1' };
    await host.browse(t, relayPath(target.name), { headers: doubled }).read(12);
    const other = { ...headers, 'X-Forwarded-Host': 'evil.example' };
    const { status } = await host.browse(t, relayPath(target.name), { headers: other }).refused();
    assert.ok(status === 403 || status === 401);
  });

  test('a hook may refuse with any code that has a status', async (t) => {
    let code: ConsoleErrorCode = 'INTERNAL';
    const { host } = await openConsoles(t, kind, {
      resolve: () => {
        throw new ConsoleError(code, 'a secret 10.0.0.7 detail');
      },
    });
    for (const [each, { status }] of Object.entries(ENDS)) {
      if (status === null) continue;
      code = each as ConsoleErrorCode;
      assert.equal(
        await refusalOf(host, host.browse(t, relayPath('vm-1'))),
        refusalFor(host, code),
      );
      const page = await host.request('/console/vm-1');
      assert.equal(page.status, status);
      assert.ok(!page.body.includes('10.0.0.7'));
      assert.equal((await host.request(relayPath('vm-1'))).status, status);
    }
  });

  test('the refuse event tells what and who, and the log keeps secrets to itself', async (t) => {
    const refusals = new Queue<[string, string]>('a refuse event');
    const { host, log } = await openConsoles(t, kind, {
      on: { refuse: (error, req) => refusals.push([error.code, req.ip ?? '']) },
    });
    const browser = host.browse(t, relayPath('user:secret@127.0.0.1'));
    await refusalOf(host, browser);
    assert.deepEqual(await refusals.next(), ['NAME_INVALID', '127.0.0.1']);
    await host.request('/console/user:secret@127.0.0.1');
    assert.deepEqual(await refusals.next(), ['NAME_INVALID', '127.0.0.1']);
    assert.ok(log.length >= 2);
    for (const line of log)
      assert.ok(!JSON.stringify(line).includes('secret'), 'no secret in the log');
  });

  test('a plain GET of the relay gets the verdict that its upgrade would get', async (t) => {
    const target = await VncTarget.open(t);
    const { host } = await openConsoles(t, kind);
    const open = await host.request(relayPath(target.name));
    assert.equal(open.status, 426);
    assert.equal(open.headers.upgrade, 'websocket');
    assert.equal(open.headers['sec-websocket-version'], '13');
    assert.equal(open.headers['cache-control'], 'no-store');
    const head = await host.request(relayPath(target.name), { method: 'HEAD' });
    assert.equal(head.status, 426);
    assert.equal(head.body, '');
    const post = await host.request(relayPath(target.name), { method: 'POST' });
    assert.equal(post.status, 405);
    assert.equal(post.headers.allow, 'GET, HEAD');
    assert.equal(target.count, 0);
  });
});

onAttachedHosts((kind) => {
  const wrongHandshakes: [string, Record<string, string | null>, RegExp, string?][] = [
    ['no key', { 'Sec-WebSocket-Key': null }, /^HTTP\/1\.1 400 /],
    ['a short key', { 'Sec-WebSocket-Key': 'c2hvcnQ=' }, /^HTTP\/1\.1 400 /],
    ['a key twice', { 'Sec-WebSocket-Key': `${KEY}, ${KEY}` }, /^HTTP\/1\.1 400 /],
    ['no version', { 'Sec-WebSocket-Version': null }, /^HTTP\/1\.1 426 /],
    ['version 8', { 'Sec-WebSocket-Version': '8' }, /^HTTP\/1\.1 426 [\s\S]*Version: 13/i],
    ['POST', {}, /^HTTP\/1\.1 40[05] /, 'POST'],
    ['another protocol', { Upgrade: 'h2c' }, /^HTTP\/1\.1 426 /],
    ['two protocols', { Upgrade: 'h2c, websocket' }, /^HTTP\/1\.1 426 /],
    ['no upgrade at all', { Connection: 'close' }, /^HTTP\/1\.1 426 /],
  ];
  for (const [title, fields, answer, method] of wrongHandshakes) {
    test(`a handshake with ${title} is answered as HTTP and dials nothing`, async (t) => {
      const target = await VncTarget.open(t);
      const { host } = await openConsoles(t, kind);
      const raw = await host.raw(t);
      raw.handshake(relayPath(target.name), fields, method);
      assert.match(await raw.head(), answer);
      await raw.closed();
      assert.equal(target.count, 0);
    });
  }

  test('a cross-site page is refused even with the right Origin', async (t) => {
    const { host } = await openConsoles(t, kind);
    const headers = { Origin: 'http://127.0.0.1:1', 'Sec-Fetch-Site': 'cross-site' };
    const { status, body } = await host.browse(t, relayPath('127.0.0.1'), { headers }).refused();
    assert.equal(status, 403);
    assert.equal(body.trim(), ENDS.ORIGIN_REFUSED.words);
  });

  test('a refusal is one whole HTTP answer, and the connection ends', async (t) => {
    const { host } = await openConsoles(t, kind);
    const raw = await host.raw(t);
    raw.handshake(relayPath('not an address'));
    const head = await raw.head();
    assert.match(head, /^HTTP\/1\.1 400 Bad Request\r\n/);
    assert.match(head, /\r\nconnection: close\r\n/i);
    assert.match((await raw.rest()).toString(), /That is not a console address\./);
  });
});
