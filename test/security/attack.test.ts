import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Duplex, PassThrough } from 'node:stream';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import express from 'express';
import { novnc, type Options } from '../../lib/index.ts';
import { Host } from './helpers/host.ts';
import { ask, askRaw, fate, knock } from './helpers/knock.ts';
import { frame, RawBrowser, upgradeRequest } from './helpers/raw-browser.ts';
import { openSession } from './helpers/session.ts';
import { BANNER, VncServer } from './helpers/vnc-server.ts';

const ALLOW = ['127.0.0.0/8:1-65535'];
// biome-ignore lint/suspicious/noTemplateCurlyInString: it is what shall not be evaluated
const EVIL = '<img src=x onerror=alert(1)>"\'</title><script>alert(1)</script>${7*7}<%= 7*7 %>';
let host: Host;
let vnc: VncServer;

before(async () => {
  vnc = await VncServer.start();
  host = await Host.start({
    mounts: {
      '/console': { options: { allow: ALLOW } },
      '/slow': { before: 'slow', options: { allow: ALLOW, limits: { sessions: 2, dials: 2 } } },
      '/answer': { before: 'answer', options: { allow: ALLOW } },
      '/named': {
        options: { allow: ALLOW, timeouts: { authorize: 300 } },
        resolve: {
          evil: { host: '127.0.0.1', port: vnc.port, label: EVIL },
          hang: 'hang',
          throw: 'throw',
          wrong: { host: '127.0.0.1' } as never,
          empty: { host: '', port: 5900 },
          both: { host: '127.0.0.1', port: vnc.port, path: '/x' } as never,
        },
      },
      '/false': { options: { allow: ALLOW }, authorize: false },
      '/truthy': { options: { allow: ALLOW }, authorize: 'truthy' },
      '/throws': { options: { allow: ALLOW }, authorize: 'throw' },
      '/hangs': { options: { allow: ALLOW, timeouts: { authorize: 300 } }, authorize: 'hang' },
    },
  });
});
after(async () => {
  await host.stop();
  await vnc.stop();
});
beforeEach(async () => {
  await host.reset();
  vnc.forget();
});

const pathTo = (mount = '/console') => `${mount}/proxy?target=${vnc.name}`;

test('a request behind a refused upgrade is not answered', async () => {
  const second = `GET /health HTTP/1.1\r\nHost: a\r\n\r\n`;
  for (const path of [
    '/console/proxy?target=10.0.0.1:80',
    '/console/proxy?target=%zz',
    '/nothing/proxy?target=a',
  ]) {
    const upgrade = upgradeRequest(path, host.attach.port);
    const { status, body } = await askRaw(host.attach, upgrade + second + second);
    assert.ok([400, 403, 404].includes(status), `${status}`);
    assert.doesNotMatch(body, /well|HTTP\/1/, 'one request, one answer');
  }
  await host.clean();
});

test('a request behind an accepted upgrade is a broken frame', async () => {
  for (const door of host.doors) {
    const { browser, peer } = await openSession(door, vnc, {
      behind: 'GET /health HTTP/1.1\r\nHost: a\r\n\r\n',
    }).catch(() => ({ browser: null, peer: null }));
    if (!browser) continue; // it may break before the VNC server has greeted
    assert.equal(await browser.closed(), 1002, door.kind);
    await peer.hungUp();
    assert.equal(peer.receivedLength, 0);
  }
  await host.clean();
});

test('an upgrade on a connection that has served requests is judged anew', async () => {
  for (const door of host.doors) {
    for (const [target, status] of [
      [vnc.name, 101],
      ['10.0.0.1:80', 403],
    ] as const) {
      const browser = await RawBrowser.connect(door);
      browser.write(`GET /host.js HTTP/1.1\r\nHost: 127.0.0.1:${door.port}\r\n\r\n`);
      await browser.until('the first answer', () => browser.body.includes('host'));
      browser.response = undefined;
      browser.write(upgradeRequest(`/console/proxy?target=${target}`, door.port));
      await browser.answered();
      await browser.until(
        'bytes, a close or an end',
        () => browser.payloadLength > 0 || browser.closing !== undefined || browser.gone,
      );
      const first = browser.response as { status: number } | undefined;
      if (door.kind === 'attach') assert.equal(first?.status, status);
      else assert.equal(browser.closing?.code ?? 101, status === 101 ? 101 : 4403);
      browser.destroy();
    }
  }
  await host.clean();
});

test('Connection and Upgrade are read as the lists and in the case that browsers write', async () => {
  for (const door of host.doors) {
    for (const headers of [
      { Connection: 'Upgrade, keep-alive' },
      { Connection: 'keep-alive, Upgrade' },
      { Connection: 'upgrade', Upgrade: 'WebSocket' },
      { Upgrade: 'WEBSOCKET' },
    ]) {
      const { status } = await knock(door, pathTo(), { headers });
      assert.equal(status, 101, `${JSON.stringify(headers)} by ${door.kind}`);
    }
  }
  await host.clean();
});

test('Expect: 100-continue gets one answer', async () => {
  for (const door of host.doors) {
    const browser = await RawBrowser.open(door, pathTo(), { headers: { Expect: '100-continue' } });
    assert.ok(
      [101, 400, 417].includes(browser.response?.status ?? 0),
      `${browser.response?.status}`,
    );
    browser.destroy();
  }
  await host.clean();
});

test('an upgrade by HTTP/1.0 is no WebSocket', async () => {
  const { status } = await knock(host.attach, pathTo(), { version: '1.0' });
  assert.ok([400, 426, 505].includes(status), `${status}`);
  await host.clean();
});

for (const [what, headers] of [
  ['Content-Length', { 'Content-Length': '12' }],
  ['Transfer-Encoding', { 'Transfer-Encoding': 'chunked' }],
] as const) {
  test(`an upgrade with a body by ${what} smuggles nothing to the VNC server`, async () => {
    const browser = await RawBrowser.open(host.attach, pathTo(), {
      headers,
      behind: frame('smuggled').subarray(0, 12),
    });
    if (browser.response?.status === 101) {
      await browser.until(
        'an end or the banner',
        () => browser.payloadLength > 0 || browser.gone || browser.closing !== undefined,
      );
      browser.write(frame('typed'));
      await sleep(50);
    }
    for (const peer of vnc.peers) assert.doesNotMatch(peer.received.toString(), /smug/);
    browser.destroy();
    await host.clean();
  });
}

test('an upgrade whose body never comes does not wait for ever in a body parser', async (t) => {
  const parsing = await Host.start({
    mounts: { '/console': { options: { allow: ALLOW } } },
    bodyParser: true,
    http: { requestTimeout: 1_000, headersTimeout: 500, connectionsCheckingInterval: 100 },
  });
  t.after(() => parsing.stop());
  for (const method of ['GET', 'POST']) {
    const browser = await RawBrowser.connect(parsing.attach);
    browser.write(
      upgradeRequest(pathTo(), parsing.attach.port, { method, headers: { 'Content-Length': '5' } }),
    );
    await browser.until(
      `an answer to ${method}, or the end`,
      () => browser.response !== undefined || browser.gone,
      5_000,
    );
    browser.destroy();
  }
  await parsing.clean();
});

test('a request that offers h2c is answered by the app, body and all', async () => {
  const offer =
    'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n';
  const get = await askRaw(host.attach, `GET /health HTTP/1.1\r\nHost: a\r\n${offer}\r\n`);
  assert.equal(get.body, 'well');
  const post = await askRaw(
    host.attach,
    `POST /echo HTTP/1.1\r\nHost: a\r\n${offer}Content-Length: 5\r\n\r\nhello`,
  );
  assert.equal(post.body, 'echo hello');
  await host.clean();
});

test('a browser that leaves while slow middleware runs costs no place and no dial', async () => {
  const ways: ((browser: RawBrowser) => void)[] = [
    (browser) => browser.reset(),
    (browser) => browser.socket.end(),
  ];
  for (const door of host.doors) {
    for (const leave of ways) {
      const browsers = [];
      for (let at = 0; at < 10; at++) {
        const browser = await RawBrowser.connect(door);
        browser.write(upgradeRequest(pathTo('/slow'), door.port));
        browsers.push(browser);
      }
      await sleep(50);
      for (const browser of browsers) leave(browser);
      await sleep(400);
      for (const browser of browsers) browser.destroy();
      const { dials } = await host.clean();
      assert.deepEqual(dials, [], door.kind);
      const first = await openSession(door, vnc, { mount: '/slow' });
      const second = await openSession(door, vnc, { mount: '/slow' });
      first.browser.destroy();
      second.browser.destroy();
      await host.clean();
      await host.reset();
      vnc.forget();
    }
  }
});

test('a broken frame while slow middleware runs ends nothing but its own socket', async () => {
  for (const door of host.doors) {
    for (const broken of [
      frame('x', { rsv: 7 }),
      frame('', { length: 2n ** 63n }),
      Buffer.alloc(100_000, 0xff),
    ]) {
      const browser = await RawBrowser.connect(door);
      browser.write(upgradeRequest(pathTo('/slow'), door.port));
      browser.write(broken);
      await browser.until('the end', () => browser.closing !== undefined || browser.gone);
      browser.destroy();
    }
  }
  await host.clean();
});

test('on express-ws a broken frame to a path nobody serves ends nothing but its own socket', async () => {
  for (const path of [
    '/nothing',
    '/',
    '/console',
    '/health',
    '/console/proxy?target=10.0.0.1:80',
  ]) {
    for (const broken of [
      frame('x', { rsv: 7 }),
      frame('', { length: 2n ** 63n }),
      frame('x', { masked: false }),
    ]) {
      const browser = await RawBrowser.connect(host.expressWs);
      browser.write(upgradeRequest(path, host.expressWs.port));
      browser.write(broken);
      await browser.until('the end', () => browser.closing !== undefined || browser.gone);
      browser.destroy();
    }
  }
  await host.clean();
});

test('a middleware that answers 200 to an upgrade leaves no socket open', async () => {
  const page = await knock(host.attach, pathTo('/answer'));
  assert.equal(page.status, 200);
  const browser = await RawBrowser.open(host.expressWs, pathTo('/answer'));
  await browser.until('the end', () => browser.closing !== undefined || browser.gone, 15_000);
  assert.equal(browser.closing?.code, 1008);
  browser.destroy();
  const { dials } = await host.clean();
  assert.deepEqual(dials, []);
});

test('exactly true opens a console; all else, a throw and silence do not', async () => {
  for (const [mount, status] of [
    ['/false', 403],
    ['/truthy', 403],
    ['/throws', 500],
    ['/hangs', 500],
  ] as const) {
    for (const door of host.doors) {
      assert.equal((await ask(door, `${mount}/${vnc.name}`)).status, status, mount);
      assert.equal((await knock(door, pathTo(mount))).status, status, mount);
    }
  }
  const { dials } = await host.clean();
  assert.deepEqual(dials, []);
});

test('a resolve that knows no name, throws, is silent or returns nonsense opens nothing', async () => {
  for (const [name, status] of [
    ['unknown', 404],
    ['__proto__', 404],
    ['constructor', 404],
    ['toString', 404],
    ['throw', 500],
    ['hang', 500],
    ['wrong', 500],
    ['empty', 500],
    ['both', 500],
  ] as const) {
    for (const door of host.doors) {
      assert.equal((await ask(door, `/named/${name}`)).status, status, name);
      assert.equal((await knock(door, `/named/proxy?target=${name}`)).status, status, name);
    }
  }
  const { dials } = await host.clean();
  assert.deepEqual(dials, []);
});

test('a label of markup stays text in the page', async () => {
  const { status, body, response } = await ask(host.attach, '/named/evil');
  assert.equal(status, 200);
  assert.doesNotMatch(body, /<img src=x|<script>alert|49/);
  assert.doesNotMatch(response!.head, /onerror/);
  assert.match(body, /&lt;img src=x/);
});

test('the page and every refusal carry the headers that guard them', async () => {
  for (const door of host.doors) {
    for (const path of [
      `/console/${vnc.name}`,
      '/console/10.0.0.1:80',
      '/console/%zz',
      '/named/unknown',
      '/throws/127.0.0.1',
    ]) {
      const { response } = await ask(door, path);
      const { headers } = response!;
      assert.match(
        headers['content-security-policy'] ?? '',
        /default-src 'none'.*frame-ancestors 'self'/,
        path,
      );
      assert.doesNotMatch(headers['content-security-policy'] ?? '', /unsafe/);
      assert.equal(headers['x-frame-options'], 'SAMEORIGIN');
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.equal(headers['referrer-policy'], 'no-referrer');
      assert.equal(headers['cache-control'], 'no-store');
    }
  }
});

test('no answer tells an address, an errno or a stack', async () => {
  for (const path of [
    '/throws/127.0.0.1',
    '/named/throw',
    '/console/10.0.0.1:80',
    '/console/%zz',
  ]) {
    const { body } = await ask(host.attach, path);
    assert.doesNotMatch(
      body,
      /10\.0\.0\.1|failed\b.*at |\.ts:|E[A-Z]{5,}|authorize|resolve /,
      path,
    );
    assert.doesNotMatch(
      (await ask(host.attach, path.replace(/\/([^/]+)$/, '/proxy?target=$1'))).body,
      /\.ts:|authorize|10\.0/,
    );
  }
});

/** Serves consoles in this process, where an escape fails the test. */
async function serve(options: Options) {
  const consoles = novnc({ logger: { info() {}, warn() {}, error() {} }, ...options });
  const server = createServer(express().use('/console', consoles));
  consoles.attach(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    door: { kind: 'attach', port, tls: false } as const,
    stop: async () => {
      await consoles.close({ timeout: 100 });
      server.close();
    },
  };
}

test('listeners, loggers and titles that throw end no session', async (t) => {
  const fail = () => {
    throw new Error('the host app fails');
  };
  const { door, stop } = await serve({
    allow: ALLOW,
    on: { open: fail, close: fail, refuse: fail },
    logger: { info: fail, warn: fail, error: fail },
    page: { title: fail },
  });
  t.after(stop);
  const { browser, peer } = await openSession(door, vnc);
  browser.write(frame('typed'));
  await peer.until('what was typed', () => peer.received.toString() === 'typed');
  browser.destroy();
  await peer.hungUp();
  assert.equal((await knock(door, '/console/proxy?target=10.0.0.1:80')).status, 403);
  assert.equal((await ask(door, `/console/${vnc.name}`)).status, 500);
});

const STREAMS: Record<string, () => unknown> = {
  'throws at once': () => {
    throw new Error('no way');
  },
  rejects: async () => {
    throw new Error('no way');
  },
  'rejects with nothing': () => Promise.reject(undefined),
  'returns nothing': () => null,
  'returns a number': () => 5,
  'is destroyed already': () => new PassThrough().destroy(),
  'is destroyed with an error already': () =>
    new PassThrough().on('error', () => {}).destroy(new Error('x')),
  'fails before the banner': () => {
    const stream = new PassThrough();
    setImmediate(() => stream.destroy(new Error('x')));
    return stream;
  },
  'fails after the banner': () => {
    const stream = source(BANNER);
    setTimeout(() => stream.destroy(new Error('x')), 30);
    return stream;
  },
  'ends before the banner': () => source('RFB', null),
  'gives objects': () =>
    new Duplex({
      objectMode: true,
      write: (_c, _e, done) => done(),
      read() {
        this.push({ evil: true });
      },
    }),
  'gives objects after the banner': () => {
    let first = true;
    return new Duplex({
      objectMode: true,
      write: (_c, _e, done) => done(),
      read() {
        if (first) this.push(Buffer.from(BANNER));
        else setTimeout(() => this.destroyed || this.push({ evil: true }), 5);
        first = false;
      },
    });
  },
  'gives text after the banner': () => {
    const stream = source(BANNER);
    setTimeout(() => stream.setEncoding('utf8').push('text'), 20);
    setTimeout(() => stream.push(null), 40);
    return stream;
  },
  'cannot be written': () =>
    new Duplex({
      read() {
        this.push(BANNER);
        this.push(null);
      },
      write: (_c, _e, done) => done(new Error('x')),
    }),
  'is silent': () => new PassThrough(),
  'never comes': () => new Promise(() => {}),
};

for (const [name, open] of Object.entries(STREAMS)) {
  test(`a stream that ${name} is an end and no more`, async (t) => {
    const { door, stop } = await serve({
      resolve: () => ({ connect: open as () => Duplex }),
      timeouts: { connect: 200, banner: 200, idle: 500 },
    });
    t.after(stop);
    const browser = await RawBrowser.open(door, '/console/proxy?target=stream', {
      behind: frame('typed'),
    });
    await browser.until('the end', () => browser.closing !== undefined || browser.gone);
    assert.ok((browser.closing?.code ?? 0) >= 1000);
    browser.destroy();
  });
}

/** A stream that gives these pieces and takes everything. */
function source(...pieces: (string | null)[]): Duplex {
  return new Duplex({
    read() {
      if (pieces.length > 0) this.push(pieces.shift() ?? null);
    },
    write: (_chunk, _encoding, done) => done(),
  });
}

test('a console of one mount is not opened by the rules of another', async () => {
  for (const door of host.doors) {
    for (const path of [
      `/false/../console/proxy?target=${vnc.name}`,
      `/console/..%2ffalse/proxy?target=${vnc.name}`,
      `/false/proxy/?target=${vnc.name}`,
      `/false//proxy?target=${vnc.name}`,
      `/FALSE/proxy?target=${vnc.name}`,
      `/false/proxy?x=/console/proxy&target=${vnc.name}`,
      `/false/proxy#/console/proxy?target=${vnc.name}`,
      `http://127.0.0.1/false/proxy?target=${vnc.name}`,
      `/false/%70roxy?target=${vnc.name}`,
      `/false/proxy/.websocket?target=${vnc.name}`,
      `/false/.websocket/proxy?target=${vnc.name}`,
      `/false/proxy/.websocket/.websocket?target=${vnc.name}`,
    ]) {
      const browser = await RawBrowser.open(door, path);
      await browser.until('an end', () => browser.closing !== undefined || browser.gone);
      assert.equal(browser.payloadLength, 0, `${path} by ${door.kind}`);
      browser.destroy();
    }
  }
  const { dials } = await host.clean();
  assert.deepEqual(dials, []);
});

test('a failed dial leaves the next session untouched', async () => {
  for (const door of host.doors) {
    await fate(door, '/console/proxy?target=127.0.0.1:1');
    const { browser, peer } = await openSession(door, vnc);
    peer.write('words');
    await browser.until('words', () => browser.payload.includes('words'));
    browser.destroy();
  }
  await host.clean();
});

test('a flood of pings from a browser that reads nothing holds little memory', async () => {
  const pings = Buffer.concat(
    Array.from({ length: 4_000 }, () => frame(Buffer.alloc(125), { opcode: 9 })),
  );
  for (const door of host.doors) {
    await host.collectGarbage();
    const { arrayBuffers, rss } = await host.stats();
    const { browser, peer } = await openSession(door, vnc);
    browser.answersPings = false;
    browser.socket.pause();
    let sent = 0;
    const flood = () => {
      if (!browser.socket.destroyed && sent++ < 120) browser.socket.write(pings, flood);
    };
    flood();
    await sleep(1_500);
    await host.collectGarbage();
    const after = await host.stats();
    assert.ok(
      after.arrayBuffers - arrayBuffers < 8 * 1024 * 1024,
      `${after.arrayBuffers - arrayBuffers} bytes by ${door.kind}`,
    );
    assert.ok(
      after.rss - rss < 100 * 1024 * 1024,
      `${after.rss - rss} bytes of RSS by ${door.kind}`,
    );
    browser.destroy();
    await peer.hungUp();
    vnc.forget();
  }
  await host.clean();
});

test('pings and pongs between fragments leave the bytes in order', async () => {
  for (const door of host.doors) {
    const { browser, peer } = await openSession(door, vnc);
    const pieces: Buffer[] = [];
    let expected = '';
    for (let at = 0; at < 500; at++) {
      const text = `<${at}>`;
      expected += text;
      pieces.push(frame(text.slice(0, 2), { fin: false }), frame('pong', { opcode: 10 }));
      pieces.push(frame('', { fin: false, opcode: 0 }), frame('pong', { opcode: 10 }));
      // ws ends who asks for more pongs than it can send.
      if (at % 50 === 0) pieces.push(frame('ping', { opcode: 9 }));
      pieces.push(frame(text.slice(2), { opcode: 0, bits: 64 }));
    }
    const all = Buffer.concat(pieces);
    for (let at = 0; at < all.length; at += 37) browser.write(all.subarray(at, at + 37));
    await peer.until('all of it', () => peer.receivedLength >= expected.length);
    assert.equal(peer.received.toString(), expected, door.kind);
    browser.destroy();
    await peer.hungUp();
    vnc.forget();
  }
  await host.clean();
});
