import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';
import { after, before, beforeEach, test } from 'node:test';
import ejs from 'ejs';
import { Host, type LogLine } from './helpers/host.ts';
import { ask, askRaw, fate, knock } from './helpers/knock.ts';
import { RawBrowser, upgradeRequest } from './helpers/raw-browser.ts';
import { VncServer } from './helpers/vnc-server.ts';

const LOOPBACK = ['127.0.0.0/8:1-65535', '[::1]:1-65535'];
let host: Host;
let vnc: VncServer;
let startLog: LogLine[];

before(async () => {
  vnc = await VncServer.start();
  host = await Host.start({
    mounts: {
      '/shut': { options: {} },
      '/any': { options: { allow: ['*'] } },
      '/console': { options: { allow: LOOPBACK } },
      '/all': { options: { allow: ['0.0.0.0/0:1-65535', '[::]/0:1-65535'] } },
      '/named': { options: { allow: ['example.com:1-65535'] } },
    },
    queryParser: 'extended',
    dns: { 'example.com': { v4: ['127.0.0.1'] } },
    http: { maxHeaderSize: 256 * 1024 },
  });
  startLog = await host.log();
});
after(async () => {
  await host.stop();
  await vnc.stop();
});
beforeEach(() => host.reset());

/** Page and upgrade, by both doors, are answered with one status. */
async function everyWay(mount: string, name: string, status: number | number[]): Promise<void> {
  const encoded = encodeURIComponent(name);
  for (const door of host.doors) {
    const page = await ask(door, `${mount}/${encoded}`);
    const socket = await knock(door, `${mount}/proxy?target=${encoded}`);
    const plain = await ask(door, `${mount}/proxy?target=${encoded}`);
    const allowed = [status].flat();
    for (const [way, verdict] of Object.entries({ page, socket, plain })) {
      const shown = `${way} of ${JSON.stringify(name.slice(0, 80))} by ${door.kind}`;
      assert.ok(allowed.includes(verdict.status), `${shown}: ${verdict.status}`);
    }
  }
}

async function nothingAsked(): Promise<void> {
  const { dials, lookups } = await host.alive();
  assert.deepEqual({ dials, lookups }, { dials: [], lookups: [] });
}

test('T001 without allow every console is refused, and a warning at the start names the option', async () => {
  await everyWay('/shut', '10.0.0.5:5900', 403);
  await everyWay('/shut', vnc.name, 403);
  await nothingAsked();
  const warnings = startLog.filter(({ level }) => level === 'warn');
  assert.equal(warnings.length, host.doors.length, 'one for each novnc()');
  assert.match(warnings[0]!.message, /\ballow\b/);
});

test('T002 a spelling of an address that is not canonical is refused', async () => {
  for (const spelling of [
    ...['127.1', '2130706433', '0x7f000001', '0x7f.1', '0177.0.0.1', '017700000001'],
    ...['0', '0x0', '256.1.1.1', '1.2.3', '127.0.0.1.', '127.0.0.01', '0x7f.0.0.0x1'],
  ]) {
    await everyWay('/any', `${spelling}:5900`, 400);
    await everyWay('/all', `${spelling}:5900`, 400);
  }
  await nothingAsked();
});

test('T004 a name of letters that only look like an address is refused', async () => {
  for (const name of [
    '①②⑦.⓪.⓪.①',
    '１２７.０.０.１',
    '127。0。0。1',
    'ﬁ.example',
    'exa\u00admple.com',
    'exa\u200dmple.com',
    '\u200fexample.com',
    'example.com\0.other',
    '127.0.0.1\0',
    'ⅼocalhost',
    'lоcalhost',
  ]) {
    await everyWay('/any', `${name}:5900`, 400);
    await everyWay('/all', `${name}:5900`, 400);
  }
  await nothingAsked();
});

test('T005 `*` reaches no metadata service and no address hidden in another', async () => {
  for (const address of [
    '169.254.169.254',
    '[::ffff:a9fe:a9fe]',
    '[::ffff:169.254.169.254]',
    '[fd00:ec2::254]',
    '100.100.100.200',
    '168.63.129.16',
    '192.0.0.192',
    '0.0.0.0',
    '0.1.2.3',
    '127.0.0.1',
    '127.255.255.254',
    '224.0.0.1',
    '239.255.255.255',
    '255.255.255.255',
    '[::]',
    '[::1]',
    '[::7f00:1]',
    '[::127.0.0.1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:0:127.0.0.1]',
    '[64:ff9b::7f00:1]',
    '[64:ff9b:1::7f00:1]',
    '[2002:7f00:1::]',
    '[2001:0:7f00:1::]',
    '[fe80::1]',
    '[ff02::1]',
  ]) {
    await everyWay('/any', `${address}:5900`, 403);
  }
  await nothingAsked();
});

test('T007 an IPv6 zone is refused', async () => {
  for (const name of [
    '[fe80::1%25lo]:5900',
    '[fe80::1%lo]:5900',
    '[::1%25lo]:5900',
    '[::1%lo]:5900',
  ]) {
    await everyWay('/any', name, 400);
    await everyWay('/all', name, 400);
  }
  await nothingAsked();
});

test('T008 misplaced brackets and colons are refused', async () => {
  for (const name of [
    ...['[example.com]:5900', '[[::1]]:5900', '[::1:5900', '::1:5900', '[]:5900', '[::1]5900'],
    ...[':5900', 'host:', '[::1]:', ':', '[', ']', '[127.0.0.1]:5900', 'a:b:5900', '::', '::1'],
    ...[
      'host:05900',
      'host:+5900',
      'host:0x170c',
      'host:5.9e3',
      'host: 5900',
      'host:5900 ',
      'host:0',
    ],
    ...['host:65536', 'host:-1', 'host:５９００', 'host:5900:5900', 'host:59 00'],
  ]) {
    await everyWay('/any', name, 400);
    await everyWay('/all', name, 400);
  }
  await nothingAsked();
});

test('T008 a host alone is a host on the default port', async () => {
  await everyWay('/any', 'host', [200, 426, 101]);
  await host.until('a lookup', ({ lookups }) => lookups.includes('host'));
  await host.clean();
});

test('T009 case and one final dot do not change what a name is', async () => {
  for (const name of ['example.com', 'EXAMPLE.COM', 'example.com.', 'eXample.Com.']) {
    for (const door of host.doors) {
      const browser = await RawBrowser.open(door, `/named/proxy?target=${name}:${vnc.port}`);
      await browser.until(`the banner for ${name}`, () => browser.payloadLength === 12);
      browser.destroy();
    }
  }
  for (const name of [
    'example.com..',
    '.example.com',
    '.',
    '..',
    'example..com',
    'EXAMPLE.COM..',
  ]) {
    await everyWay('/named', `${name}:${vnc.port}`, 400);
  }
  for (const name of ['example.com.evil.test', 'notexample.com', 'sub.example.com']) {
    await everyWay('/named', `${name}:${vnc.port}`, 403);
  }
  const { lookups } = await host.clean();
  assert.deepEqual([...new Set(lookups)], ['example.com']);
});

test('T014 the names of this machine are decided by their addresses', async () => {
  for (const name of ['localhost', 'LOCALHOST', 'localhost.', 'a.localhost']) {
    for (const door of host.doors) {
      const refused = await fate(door, `/any/proxy?target=${name}:5900`);
      assert.equal(refused.closeCode, 4403, `${name} by ${door.kind}`);
    }
  }
  const own = await fate(host.attach, `/any/proxy?target=${hostname()}:5900`);
  assert.ok([4403, 4502, undefined].includes(own.closeCode), `${own.closeCode}`);
  const { dials } = await host.clean();
  assert.deepEqual(dials, []);
  for (const name of ['localhost', 'LOCALHOST.', 'a.localhost']) {
    const browser = await RawBrowser.open(host.attach, `/console/proxy?target=${name}:${vnc.port}`);
    await browser.until('the banner', () => browser.payloadLength === 12);
    browser.destroy();
  }
  await host.clean();
});

test('T015 a name that is too long is refused before DNS', async () => {
  const rows = [254, 256, 257, 300, 8_000].map(
    (length) => `${'a.'.repeat(length).slice(0, length - 1)}a`,
  );
  rows.push('a'.repeat(64), `${'a'.repeat(64)}.example`, `0x${'0'.repeat(240)}7f000001`);
  rows.push('a'.repeat(253), `${'a'.repeat(63)}.${'b'.repeat(300)}`);
  for (const name of rows) await everyWay('/any', `${name}:5900`, [400, 414, 431]);
  for (const length of [70_000, 300_000]) {
    for (const door of host.doors) {
      const verdict = await knock(door, `/any/proxy?target=${'a'.repeat(length)}`);
      assert.ok([400, 414, 431, 0].includes(verdict.status), `${length}: ${verdict.status}`);
    }
  }
  await nothingAsked();
});

test('T016 a password in front of an @ is refused and reaches no log line', async () => {
  for (const name of ['user:secret@127.0.0.1:5900', 'secret@127.0.0.1', 'a%40secret:5900']) {
    await everyWay('/console', name, 400);
  }
  await everyWay('/console', 'a@b:5900', 400);
  await nothingAsked();
  const secrets = (await host.log()).filter((line) => JSON.stringify(line).includes('secret@'));
  assert.deepEqual(secrets, []);
  const coded = (await host.log()).filter((line) => /secret(%40|@)/.test(JSON.stringify(line)));
  assert.deepEqual(coded, []);
});

test('T018 `*` reaches VNC ports only', async () => {
  for (const port of [1, 22, 25, 80, 443, 3306, 5432, 5899, 6000, 6379, 11211, 65535]) {
    await everyWay('/any', `10.0.0.5:${port}`, 403);
    await everyWay('/any', `example.com:${port}`, 403);
  }
  await nothingAsked();
});

test('T019 control characters split no header and no log line', async () => {
  for (const name of [
    ...['\r\n', 'a\r\nSet-Cookie:x=1', 'a\tb', 'a\x7f', '\x1b[2Ja', 'a\nb', 'a\u2028b', 'a\x85b'],
  ]) {
    await everyWay('/any', `${name}:5900`, 400);
    for (const path of ['/any/', '/any/proxy?target=']) {
      const { response, body } = await ask(host.attach, `${path}${encodeURIComponent(name)}`);
      assert.equal(response!.headers['set-cookie'], undefined);
      assert.ok(
        !/(?![\r\n])[\p{Cc}\u2028]/u.test(response!.head + body),
        'no control character comes back',
      );
    }
  }
  for (const line of await host.log()) {
    assert.doesNotMatch(Object.values(line).join(''), /[\p{Cc}\u2028\u2029]/u);
  }
  await nothingAsked();
});

test('T020 a slash or a dot in disguise reaches no other route and no file', async () => {
  for (const path of [
    ...[
      '/any/%2f',
      '/any/..%2f..%2fetc%2fpasswd',
      '/any/%5c..%5c',
      '/any/host%2f5900',
      '/any/%2e%2e',
    ],
    ...[
      '/any/host;5900',
      '/any/host%3f',
      '/any/host%23',
      '/any//host',
      '/any/a/b',
      '/any/a/../../b/c',
    ],
    ...[
      '/any/assets',
      '/any/assets/',
      '/any/assets/..',
      '/any/sessions',
      '/any/link',
      '/any/recordings',
    ],
    ...['/any/%70roxy', '/any/proxy/', '/any/assets/../host', '/any/%61ssets', '/any/screenshot'],
  ]) {
    for (const door of host.doors) {
      const { status, body } = await ask(door, path);
      assert.ok([400, 403, 404].includes(status), `${path} by ${door.kind}: ${status}`);
      assert.doesNotMatch(body, /root:|"name"/);
    }
  }
  for (const name of [
    '..%2f..%2fx',
    '%5c',
    'a;b',
    'a?b',
    'a#b',
    'host/5900',
    'proxy',
    'assets',
    '..',
  ]) {
    await everyWay('/any', name, [400, 404]);
  }
  await nothingAsked();
});

test('T020 a trailing slash leads back to the canonical address, and nowhere else', async () => {
  const { response } = await ask(host.attach, '/any/10.0.0.5:5901/');
  assert.equal(response!.status, 308);
  assert.equal(response!.headers.location, '../10.0.0.5:5901');
  for (const path of ['/any/10.0.0.5:80/', '/any/user@host/', '/any/%2e%2e/', '/any/10.0.0.5//']) {
    const { status, response } = await ask(host.attach, path);
    assert.ok([400, 403, 404].includes(status), `${path}: ${status}`);
    assert.equal(response!.headers.location, undefined);
  }
});

test('T021 broken percent-encoding is 400, as a page and as an upgrade', async () => {
  for (const bad of ['%zz', '%c0%ae', '%ed%a0%80', '%', '%a', '%ff', '%u0041', 'a%']) {
    for (const door of host.doors) {
      assert.equal((await ask(door, `/any/${bad}`)).status, 400, bad);
      assert.equal((await ask(door, `/any/proxy?target=${bad}`)).status, 400, bad);
      assert.equal((await knock(door, `/any/proxy?target=${bad}`)).status, 400, bad);
    }
  }
  await nothingAsked();
});

test('T022 no query makes an array or an object of the target, or reaches a prototype', async (t) => {
  const simple = await Host.start({
    mounts: { '/any': { options: { allow: ['*'] } } },
    queryParser: 'simple',
    http: { maxHeaderSize: 256 * 1024 },
  });
  t.after(() => simple.stop());
  const many = Array.from({ length: 20_000 }, () => 'a[]=').join('&');
  for (const each of [host, simple]) {
    await each.reset();
    for (const door of each.doors) {
      for (const query of [
        'target=127.0.0.1&target=127.0.0.2',
        'target[]=127.0.0.1',
        'target%5B%5D=127.0.0.1',
        'target[host]=127.0.0.1',
        'target',
        'target=',
        'Target=127.0.0.1',
        'xtarget=127.0.0.1',
        'target=&__proto__[x]=1',
        '__proto__[target]=127.0.0.1',
        'target=127.0.0.1%3Ftarget=127.0.0.2',
      ]) {
        assert.equal((await ask(door, `/any/proxy?${query}`)).status, 400, query);
        const { status } = await knock(door, `/any/proxy?${query}`);
        assert.notEqual(status, 101, `${query} by ${door.kind}`);
      }
      for (const query of [
        '__proto__[x]=1',
        'constructor[prototype][x]=1',
        '__proto__.x=1',
        'x[__proto__][x]=1',
        many,
      ]) {
        const started = performance.now();
        assert.equal((await ask(door, `/any/10.0.0.1?${query}`)).status, 200);
        assert.equal((await ask(door, `/any/proxy?target=10.0.0.1&${query}`)).status, 426);
        assert.ok(performance.now() - started < 2_000);
      }
    }
    assert.deepEqual((await each.alive()).dials, []);
  }
});

test('T023 no query steers the template engine', async () => {
  const steered = ejs.render('<%= name %>', { name: '<b>', escapeFn: (text: string) => text });
  assert.equal(steered, '<b>', 'the control: a key of the data does steer EJS in its default mode');
  const plain = (await ask(host.attach, '/any/10.0.0.1')).body;
  for (const query of [
    'settings[view%20options][outputFunctionName]=x;global.pwned=1;s',
    'settings[view%20options][client]=1&settings[view%20options][escapeFunction]=1;global.pwned=1;',
    'escapeFn=1&client=true&debug=1&compileDebug=1&cache=&filename=/etc/passwd&layout=/etc/passwd',
    'localsName=x&delimiter=?&strict=&rmWhitespace=1&page[title]=<b>',
  ]) {
    assert.equal((await ask(host.attach, `/any/10.0.0.1?${query}`)).body, plain, query);
  }
  await host.alive();
});

test('T024 no request is sent away to another host', async (t) => {
  const root = await Host.start({ mounts: { '/': { options: { allow: ['*'] } } } });
  t.after(() => root.stop());
  for (const target of [
    ...['//evil.example/%2F..', '///evil.example/%2F..', '/\\evil', '/\\evil/', '//evil.example/'],
    ...['http://evil.example/', 'http://evil.example/x/', '/%5cevil.example/', '/%2fevil.example/'],
    ...[
      '/evil.example/..',
      '/evil.example/%2e%2e',
      '/%2e%2e/',
      '/evil.example/',
      '/.//evil.example/',
    ],
    ...['/http:/', '/http:%2f%2fevil.example/', '/javascript:alert(1)/', '//evil.example:80/..'],
    ...['/evil.example:5901/?//evil', '/\tevil.example/', '/%09/evil.example/', '/@evil.example/'],
  ]) {
    for (const door of root.doors) {
      const { response } = await ask(door, target);
      const location = response?.headers.location;
      if (location === undefined) continue;
      const led = new URL(location, new URL(target, 'http://own.test/folder/'));
      assert.match(location, /^\.\.\/[^/\\]*$/, `${target} leads to ${location}`);
      assert.ok(['own.test', new URL(target, 'http://own.test').host].includes(led.host));
    }
  }
  await root.alive();
});

test('T025 assets are the files of the built page and no others', async () => {
  const folder = new URL('../../dist/public/', import.meta.url);
  const { files } = JSON.parse(readFileSync(new URL('manifest.json', folder), 'utf8'));
  for (const file of files) {
    assert.equal((await ask(host.attach, `/any/assets/${file}`)).status, 200, file);
  }
  for (const file of [
    ...readdirSync(folder).filter((each) => !files.includes(each)),
    ...['..%2f..%2fpackage.json', '%2e%2e/', '....//', '%5c..', 'core/rfb.js%00.html', '.git'],
    ...['package.json', '', '.', '..', '../manifest.json', `${files[0]}%00`, `${files[0]}/`],
    ...[
      `%2e/${files[0]}`,
      `x/../${files[0]}`,
      `${files[0]}.map`,
      'constructor',
      '__proto__',
      'get',
    ],
    ...[files[0].toUpperCase(), encodeURIComponent(files[0]).replace('-', '%2d')],
  ]) {
    for (const door of host.doors) {
      const { status, body } = await ask(door, `/any/assets/${file}`);
      assert.ok([400, 403, 404].includes(status), `${file}: ${status}`);
      assert.doesNotMatch(body, /"files"|"dependencies"/);
    }
  }
  await host.alive();
});

test('T026 a Host header is reflected nowhere', async () => {
  const lines = (hosts: string[]) =>
    `GET /any/10.0.0.1 HTTP/1.1\r\n${hosts.map((each) => `Host: ${each}\r\n`).join('')}Connection: close\r\n\r\n`;
  for (const hosts of [
    [],
    ['evil-a', 'evil-b'],
    ['evil"><script>alert(1)</script>'],
    ['evil'.repeat(2048)],
  ]) {
    const { status, body, response } = await askRaw(host.attach, lines(hosts));
    assert.ok([200, 400].includes(status), `${status}`);
    assert.doesNotMatch(body + response!.head, /evil/);
  }
  for (const each of ['evil"><script>alert(1)</script>', 'evil'.repeat(2048), '\x01']) {
    const { status, body } = await knock(host.attach, '/any/proxy?target=10.0.0.1:80', {
      headers: { Host: each, Origin: 'http://evil.example' },
    });
    assert.ok([400, 403].includes(status), `${status}`);
    assert.doesNotMatch(body, /evil/);
  }
  await nothingAsked();
});

test('T027 only GET and HEAD are answered, and no body comes back', async () => {
  const files = readdirSync(new URL('../../dist/public/', import.meta.url));
  const script = files.find((file) => file.endsWith('.js'));
  for (const method of [
    'POST',
    'PUT',
    'DELETE',
    'TRACE',
    'OPTIONS',
    'PATCH',
    'CONNECT',
    'PROPFIND',
  ]) {
    for (const path of ['/any/10.0.0.1', `/any/assets/${script}`, '/any/proxy?target=10.0.0.1']) {
      const { status, body, response } = await askRaw(
        host.attach,
        `${method} ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Echo: echoed\r\n` +
          'Content-Length: 6\r\n\r\nechoed',
      );
      assert.ok([400, 404, 405, 0].includes(status), `${method} ${path}: ${status}`);
      assert.doesNotMatch(body + (response?.head ?? ''), /echoed/);
    }
  }
  for (const path of ['/any/10.0.0.1', `/any/assets/${script}`, '/any/proxy?target=10.0.0.1']) {
    const { body } = await ask(host.attach, path, { method: 'HEAD' });
    assert.equal(body, '', `HEAD ${path}`);
  }
  await nothingAsked();
});

test('T028 a wrong handshake is told what is wrong, by status', async () => {
  const key = 'dGhlIHNhbXBsZSBub25jZQ==';
  const rows: Record<string, Record<string, string | string[] | null>> = {
    'no key': { 'Sec-WebSocket-Key': null },
    'a key of 15 bytes': { 'Sec-WebSocket-Key': Buffer.alloc(15).toString('base64') },
    'a key of 17 bytes': { 'Sec-WebSocket-Key': Buffer.alloc(17).toString('base64') },
    'two keys': { 'Sec-WebSocket-Key': [key, key] },
    'an empty key': { 'Sec-WebSocket-Key': '' },
    'version 8': { 'Sec-WebSocket-Version': '8' },
    'version 12': { 'Sec-WebSocket-Version': '12' },
    'version 13 twice': { 'Sec-WebSocket-Version': ['13', '13'] },
    'version 013': { 'Sec-WebSocket-Version': '013' },
    'no version': { 'Sec-WebSocket-Version': null },
    h2c: { Upgrade: 'h2c' },
    'a list of protocols': { Upgrade: 'proto1, websocket' },
    'Connection: close': { Connection: 'close' },
    'no Upgrade': { Upgrade: null },
  };
  for (const [row, headers] of Object.entries(rows)) {
    for (const door of host.doors) {
      // ws 7, which express-ws brings, takes more versions than the standard's.
      if (row.startsWith('version') && door.kind === 'express-ws') continue;
      const path = `/console/proxy?target=${vnc.name}`;
      const { status, response } = await knock(door, path, {
        headers: { Connection: 'Upgrade, close', ...headers },
      });
      assert.ok([400, 426].includes(status), `${row} by ${door.kind}: ${status}`);
      if (status === 426) {
        assert.match(response!.headers['sec-websocket-version'] ?? '', /13/, row);
        assert.match(response!.headers.upgrade ?? '', /websocket/i, row);
      }
    }
  }
  const { status } = await knock(host.attach, `/console/proxy?target=${vnc.name}`, {
    headers: { 'Sec-WebSocket-Key': null },
  });
  assert.equal(status, 400, 'a missing key is 400, which HAProxy tells from a 426');
  for (const method of ['POST', 'PUT', 'HEAD', 'DELETE']) {
    const wrong = await knock(host.attach, `/console/proxy?target=${vnc.name}`, { method });
    assert.ok([400, 405, 426].includes(wrong.status), `${method}: ${wrong.status}`);
  }
  await nothingAsked();
});

test('T029 too many headers, or too large ones, are refused', async (t) => {
  const strict = await Host.start({ mounts: { '/any': { options: { allow: ['*'] } } } });
  t.after(() => strict.stop());
  for (const door of strict.doors) {
    const many = Object.fromEntries(Array.from({ length: 2_000 }, (_, at) => [`x${at}`, '1']));
    const crowd = await knock(door, '/any/proxy?target=10.0.0.5:80', { headers: many });
    assert.ok([400, 403, 431].includes(crowd.status), `${crowd.status}`);
    const large = await knock(door, '/any/proxy?target=10.0.0.5:80', {
      headers: { 'X-Large': 'x'.repeat(20 * 1024) },
    });
    assert.equal(large.status, 431);
    const drip = await RawBrowser.connect(door);
    drip.write(upgradeRequest('/any/proxy?target=10.0.0.5:80', door.port).slice(0, -2));
    for (let sent = 0; sent < 1024 && !drip.response && !drip.gone; sent++) {
      await drip.push(Buffer.from(`x${sent}: ${'x'.repeat(1000)}\r\n`)).catch(() => {});
    }
    await drip.answered();
    assert.ok([431, undefined].includes(drip.response?.status));
    drip.destroy();
  }
  const { dials } = await strict.clean();
  assert.deepEqual(dials, []);
});

test('T030 of the subprotocols only `binary` is ever chosen', async () => {
  const thousand = Array.from({ length: 1_000 }, (_, at) => `p${at}`).join(', ');
  const rows: [string | string[], string | undefined][] = [
    ['binary', 'binary'],
    ['base64, binary', 'binary'],
    ['base64', undefined],
    [thousand, undefined],
    [`${thousand}, binary`, 'binary'],
    [['base64', 'binary'], 'binary'],
    ['BINARY', undefined],
  ];
  for (const door of host.doors) {
    for (const [offer, chosen] of rows) {
      const started = performance.now();
      const browser = await RawBrowser.open(door, `/console/proxy?target=${vnc.name}`, {
        headers: { 'Sec-WebSocket-Protocol': offer },
      });
      assert.equal(browser.response?.status, 101);
      assert.equal(browser.response?.headers['sec-websocket-protocol'], chosen);
      assert.ok(performance.now() - started < 1_000);
      browser.destroy();
    }
    for (const offer of [
      `a${' '.repeat(50_000)}b`,
      'binary, binary',
      'bin\xe4ry',
      ',',
      '',
      'a b',
      '"binary"',
    ]) {
      const started = performance.now();
      const browser = await RawBrowser.open(door, `/console/proxy?target=${vnc.name}`, {
        headers: { 'Sec-WebSocket-Protocol': offer },
      });
      const chosen = browser.response?.headers['sec-websocket-protocol'];
      assert.ok(chosen === undefined || chosen === 'binary');
      assert.ok([101, 400].includes(browser.response?.status ?? 0), `${browser.response?.status}`);
      assert.ok(performance.now() - started < 1_000, 'the offer was read in time');
      browser.destroy();
    }
  }
  await host.clean();
});

test('T031 no extension is ever negotiated', async () => {
  for (const door of host.doors) {
    for (const offer of [
      'permessage-deflate',
      'permessage-deflate; client_max_window_bits=99; server_no_context_takeover=1',
      'permessage-deflate; client_max_window_bits; client_max_window_bits',
      '__proto__',
      'constructor; __proto__=1',
      'permessage-deflate; __proto__=1',
      '"',
      ';',
      '=;=,=',
      Array.from({ length: 1_000 }, () => 'permessage-deflate').join(', '),
    ]) {
      const browser = await RawBrowser.open(door, `/console/proxy?target=${vnc.name}`, {
        headers: { 'Sec-WebSocket-Extensions': offer },
      });
      assert.ok([101, 400].includes(browser.response?.status ?? 0), offer.slice(0, 60));
      assert.equal(browser.response?.headers['sec-websocket-extensions'], undefined);
      browser.destroy();
    }
  }
  await host.clean();
});

test('T034 the relay is never led to itself', async () => {
  const lan = Object.values(networkInterfaces())
    .flat()
    .flatMap((each) => (each && !each.scopeid ? [each] : []))
    .map(({ address, family }) => (family === 'IPv6' ? `[${address}]` : address));
  for (const door of host.doors) {
    for (const own of ['127.0.0.1', '127.0.0.2', '0.0.0.0', '[::]', '[::1]', 'localhost', ...lan]) {
      const mount = own === 'localhost' ? '/console' : '/all';
      const { closeCode } = await fate(door, `${mount}/proxy?target=${own}:${door.port}`);
      assert.equal(closeCode, 4403, `${own} by ${door.kind}`);
    }
    for (const own of ['[::ffff:127.0.0.1]', '[::ffff:7f00:1]']) {
      const { closeCode } = await fate(door, `/all/proxy?target=${own}:${door.port}`);
      assert.equal(closeCode, 4403, `${own} by ${door.kind}`);
    }
  }
  const { dials } = await host.clean();
  assert.deepEqual(dials, []);
});
