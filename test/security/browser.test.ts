import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Browser, chromium, type Page } from 'playwright-core';
import { Host } from './helpers/host.ts';
import { BANNER, type VncPeer, VncServer } from './helpers/vnc-server.ts';

const CHROMIUM = '/usr/bin/chromium';
const isThere = existsSync(CHROMIUM);
const skip = isThere ? false : `there is no Chromium at ${CHROMIUM}`;
if (!isThere) console.warn(`SKIPPED: the browser cases of the security suite: ${skip}`);
// biome-ignore lint/suspicious/noTemplateCurlyInString: it is what shall not be evaluated
const EVIL_NAME = '<img src=x onerror=alert(1)></title><script>alert(1)</script>\u202e${alert(1)}';

let host: Host;
let vnc: VncServer;
let browser: Browser;
let foreign: { origin: string; body: string; stop(): void };
let script: (peer: VncPeer) => void = () => {};

before(async () => {
  assert.ok(isThere || process.env.CI !== 'true', 'CI has to run the browser cases');
  if (!isThere) return;
  vnc = await VncServer.start((peer) => script(peer));
  host = await Host.start({
    mounts: {
      '/console': {
        options: {
          allow: ['127.0.0.0/8:1-65535'],
          timeouts: { ping: 300, banner: 2_000 },
          page: { settings: { reconnect: false } },
        },
        resolve: {
          evil: { host: '127.0.0.1', port: vnc.port, label: EVIL_NAME },
          [vnc.name]: 'undefined',
        },
      },
    },
  });
  foreign = await startForeignSite();
  browser = await launch();
});
after(async () => {
  if (!isThere) return;
  await browser.close();
  foreign.stop();
  await host.stop();
  await vnc.stop();
});
beforeEach(async () => {
  if (!isThere) return;
  script = () => {};
  await host.reset();
  vnc.forget();
});

function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
    ],
  });
}

/** A site of another origin, that shows what a test puts into `body`. */
async function startForeignSite() {
  const server = createServer((_req, res) => {
    res.setHeader('Content-Type', 'text/html').end(`<!doctype html><body>${site.body}</body>`);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const site = {
    origin: `http://localhost:${port}`,
    body: '',
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
  return site;
}

/** Opens a page that keeps account of what must not happen. */
async function openPage(url: string) {
  const context = await browser.newContext();
  const page = await context.newPage();
  const seen = {
    dialogs: 0,
    errors: [] as string[],
    requests: [] as string[],
    violations: [] as string[],
  };
  page.on('dialog', (dialog) => {
    seen.dialogs++;
    void dialog.dismiss();
  });
  page.on('pageerror', (error) => seen.errors.push(String(error)));
  page.on('request', (request) => seen.requests.push(request.url()));
  page.on('websocket', (socket) => seen.requests.push(socket.url()));
  await page.exposeFunction('reportViolation', (what: string) => seen.violations.push(what));
  await page.addInitScript(() => {
    const report = (globalThis as unknown as { reportViolation(what: string): void })
      .reportViolation;
    document.addEventListener('securitypolicyviolation', (event) => {
      report(`${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  await page.goto(url);
  return { page, seen, close: () => context.close() };
}

const origin = () => `http://127.0.0.1:${host.attach.port}`;

/** Plays the server's part of RFB 3.8 up to ServerInit, and then `next`. */
function serve(name: Buffer | string, size: [number, number], next: (peer: VncPeer) => void) {
  return (peer: VncPeer) => {
    peer.write(BANNER);
    const steps: [number, () => void][] = [
      [12, () => peer.write(Buffer.from([1, 1]))],
      [13, () => peer.write(Buffer.alloc(4))],
      [14, () => peer.write(serverInit(Buffer.from(name as string), size))],
      [15, () => next(peer)],
    ];
    peer.onBytes = () => {
      while (steps.length > 0 && peer.receivedLength >= steps[0]![0]) steps.shift()![1]();
    };
  };
}

function serverInit(name: Buffer, [width, height]: [number, number]): Buffer {
  const head = Buffer.alloc(24);
  head.writeUInt16BE(width, 0);
  head.writeUInt16BE(height, 2);
  head.set([32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0], 4);
  head.writeUInt32BE(name.length, 20);
  return Buffer.concat([head, name]);
}

function state(page: Page, wanted: string): Promise<unknown> {
  return page.waitForFunction((each) => document.documentElement.dataset.state === each, wanted, {
    timeout: 15_000,
  });
}

function harmless(seen: {
  dialogs: number;
  errors: string[];
  requests: string[];
  violations: string[];
}): void {
  assert.equal(seen.dialogs, 0);
  assert.deepEqual(seen.errors, []);
  assert.deepEqual(seen.violations, []);
  const ours = new RegExp(`^(http|ws)://127\\.0\\.0\\.1:${host.attach.port}/|^data:|^blob:`);
  assert.deepEqual(
    seen.requests.filter((url) => !ours.test(url)),
    [],
  );
}

test('T045 a page of another origin cannot open a console, the console page can', {
  skip,
}, async () => {
  script = (peer) => peer.write(BANNER);
  for (const door of host.doors) {
    foreign.body = '<p>foreign</p>';
    const { page, close } = await openPage(foreign.origin);
    const outcome = await page.evaluate(
      (url) =>
        new Promise<string>((done) => {
          const socket = new WebSocket(url);
          socket.onmessage = () => done('bytes');
          socket.onclose = (event) => done(`closed ${event.code}`);
        }),
      `ws://127.0.0.1:${door.port}/console/proxy?target=${vnc.name}`,
    );
    assert.match(outcome, /^closed (1006|4403)$/, door.kind);
    await close();
  }
  assert.deepEqual((await host.alive()).dials, []);
  for (const door of host.doors) {
    const { close } = await openPage(`http://127.0.0.1:${door.port}/console/${vnc.name}`);
    const peer = await vnc.next(15_000);
    await peer.until('the browser speaks', () => peer.receivedLength >= 12, 15_000);
    await close();
  }
  await host.clean();
});

test('T047 a foreign page cannot frame the console', { skip }, async () => {
  script = (peer) => peer.write(BANNER);
  for (const path of [vnc.name, 'unknown', '%zz']) {
    foreign.body = `<iframe src="${origin()}/console/${path}"></iframe>`;
    const { page, close } = await openPage(foreign.origin);
    await page.waitForLoadState('load');
    const [, frame] = page.frames();
    const content = await frame!.content().catch(() => '');
    assert.doesNotMatch(content, /data-state|console address|no such console/i, path);
    await close();
  }
  await sleep(100);
  assert.deepEqual((await host.clean()).dials, []);
});

test('T048 no parameter of the address steers the page', { skip }, async () => {
  script = serve('desktop', [64, 48], () => {});
  const steering =
    'host=evil.example&port=1&path=evil&encrypt=1&password=hunter2&autoconnect=1&target=10.0.0.1' +
    '&relay=ws://evil.example/&token=x&resize=remote&logging=debug';
  const { page, seen, close } = await openPage(
    `${origin()}/console/${vnc.name}?${steering}#${steering}`,
  );
  await state(page, 'connected');
  const sockets = seen.requests.filter((url) => url.startsWith('ws:'));
  assert.deepEqual(sockets, [
    `ws://127.0.0.1:${host.attach.port}/console/proxy?target=${encodeURIComponent(vnc.name)}`,
  ]);
  assert.doesNotMatch(await page.content(), /hunter2|evil/);
  harmless(seen);
  await close();
  await host.clean();
});

test('T067 the names that server and app give a desktop stay text', { skip }, async () => {
  const names = [
    EVIL_NAME,
    'x'.repeat(1024 * 1024),
    '\0\x1b[2J\r\n',
    Buffer.from([0xff, 0xfe, 0xc3]),
  ];
  const { page, seen, close } = await openPage('about:blank');
  for (const name of names) {
    script = serve(name, [64, 48], () => {});
    await page.goto(`${origin()}/console/evil`);
    await state(page, 'connected');
    assert.equal(await page.locator('img[src="x"]').count(), 0);
    assert.ok((await page.title()).includes('<img src=x') || name !== EVIL_NAME);
  }
  harmless(seen);
  await close();
  await host.clean();
});

const RECTANGLE = (encoding: number, size: [number, number], data: Buffer) => {
  const head = Buffer.alloc(16);
  head.writeUInt16BE(1, 2);
  head.writeUInt16BE(size[0], 8);
  head.writeUInt16BE(size[1], 10);
  head.writeInt32BE(encoding, 12);
  return Buffer.concat([head, data]);
};

test('T075 a framebuffer of any size leaves the tab and the relay alive', { skip }, async () => {
  const { page, seen, close } = await openPage('about:blank');
  for (const size of [
    [65535, 65535],
    [0, 0],
    [1, 65535],
  ] as [number, number][]) {
    script = serve('desktop', size, (peer) => {
      for (let at = 0; at < 50; at++) {
        peer.write(RECTANGLE(-223, at % 2 === 0 ? [65535, 65535] : [1, 1], Buffer.alloc(0)));
      }
    });
    await page.goto(`${origin()}/console/${vnc.name}`);
    await page.waitForFunction(
      () => ['connected', 'ended'].includes(document.documentElement.dataset.state ?? ''),
      undefined,
      { timeout: 15_000 },
    );
    assert.equal(await page.evaluate(() => 1 + 1), 2, 'the tab answers');
  }
  assert.deepEqual(seen.violations, []);
  await close();
  await host.clean();
});

test('T076 a corrupt picture ends the console with a message, not the page', { skip }, async () => {
  const junk = Buffer.alloc(64, 0xa5);
  const long = Buffer.alloc(4);
  long.writeUInt32BE(junk.length);
  const { page, seen, close } = await openPage('about:blank');
  for (const [what, bytes] of [
    ['zlib', RECTANGLE(6, [16, 16], Buffer.concat([long, junk]))],
    ['tight', RECTANGLE(7, [16, 16], Buffer.concat([Buffer.from([0x00, 64]), junk]))],
    ['ZRLE', RECTANGLE(16, [16, 16], Buffer.concat([long, junk]))],
    ['JPEG', RECTANGLE(7, [16, 16], Buffer.concat([Buffer.from([0x90, 64]), junk]))],
    ['hextile', RECTANGLE(5, [16, 16], Buffer.from([0xff]))],
    ['an unknown encoding', RECTANGLE(12345, [16, 16], junk)],
    ['an unknown message', Buffer.from([99, 99, 99, 99])],
    ['a clipboard of 2 GiB', Buffer.from([3, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 1, 2, 3])],
  ] as const) {
    script = serve('desktop', [64, 48], (peer) => peer.socket.end(bytes));
    await page.goto(`${origin()}/console/${vnc.name}`);
    await state(page, 'ended');
    assert.deepEqual(seen.errors, [], what);
    assert.notEqual((await page.locator('#cause').textContent())?.trim(), '', what);
  }
  harmless(seen);
  await close();
  await host.clean();
});

test('T101 a browser that is killed is found out', { skip }, async () => {
  script = serve('desktop', [64, 48], () => {});
  const server = await chromium.launchServer({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  const doomed = await chromium.connect(server.wsEndpoint());
  const page = await doomed.newPage();
  await page.goto(`${origin()}/console/${vnc.name}`);
  await state(page, 'connected');
  const peer = await vnc.next();
  await server.kill();
  await peer.hungUp(10_000);
  await host.clean();
});

test('T116 when the host is killed the page says that it is over', { skip }, async () => {
  script = serve('desktop', [64, 48], () => {});
  const mortal = await Host.start({
    mounts: {
      '/console': {
        options: {
          allow: ['127.0.0.0/8:1-65535'],
          page: { settings: { reconnect: false } },
        },
      },
    },
  });
  const { page, seen, close } = await openPage(
    `http://127.0.0.1:${mortal.attach.port}/console/${vnc.name}`,
  );
  await state(page, 'connected');
  mortal.kill('SIGKILL');
  await state(page, 'ended');
  assert.deepEqual(seen.errors, []);
  await close();
});
