import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import cluster from 'node:cluster';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import express from 'express';
import { type Consoles, novnc } from '../../lib/index.ts';
import { CERTIFICATE } from '../helpers/certificate.ts';
import { Host } from './helpers/host.ts';
import { ask, fate, knock } from './helpers/knock.ts';
import { RawBrowser } from './helpers/raw-browser.ts';
import { openSession } from './helpers/session.ts';
import { VncServer } from './helpers/vnc-server.ts';

const ALLOW = ['127.0.0.0/8:1-65535'];
const silentLog = { info() {}, warn() {}, error() {} };
let vnc: VncServer;

before(async () => {
  vnc = await VncServer.start();
});
after(() => vnc.stop());
beforeEach(() => vnc.forget());

function startHost(): Promise<Host> {
  return Host.start({ mounts: { '/console': { options: { allow: ALLOW } } } });
}

test('T114 server.close() alone lets live sessions go on and harms nothing', async (t) => {
  const host = await startHost();
  t.after(() => host.stop());
  const sessions = [];
  for (const door of host.doors) sessions.push(await openSession(door, vnc));
  await host.closeServers();
  for (const { browser, peer } of sessions) {
    peer.write('still here');
    await browser.until('what the server says', () => browser.payload.includes('still here'));
    browser.destroy();
  }
  const stats = await host.until('the end of the sessions', ({ live }) => live === 0);
  assert.deepEqual([stats.uncaught, stats.rejections, stats.warnings], [[], [], []]);
});

test('T115 close() ends what lives and what is still dialled, and can be called again', async (t) => {
  const silent = await VncServer.start(() => {});
  const host = await startHost();
  t.after(async () => {
    await host.stop();
    await silent.stop();
  });
  for (const door of host.doors) {
    const live = await openSession(door, vnc);
    const dialling = await RawBrowser.open(door, `/console/proxy?target=${silent.name}`);
    const stubborn = await openSession(door, vnc);
    stubborn.browser.socket.pause();
    const closed = Promise.all([host.close(400), host.close(400)]);
    assert.equal(await live.browser.closed(), 1001);
    assert.equal(await dialling.closed(), 1001);
    await closed;
    await live.peer.hungUp();
    await stubborn.peer.hungUp();
    stubborn.browser.destroy();
    await host.close(400);
    break;
  }
  for (const door of host.doors) {
    const late = await knock(door, `/console/proxy?target=${vnc.name}`);
    assert.ok(late.status === 503 || late.closeCode === 1001, `${late.status} ${late.closeCode}`);
    assert.equal((await ask(door, `/console/${vnc.name}`)).status, 200, 'the page is still shown');
  }
  await host.clean();
});

test('T115 close() before anything was served, and in a listener, resolves', async () => {
  const fresh = novnc({ allow: ALLOW, logger: silentLog });
  await fresh.close();
  await fresh.close({ timeout: 1 });
  const server = createServer();
  let closing: Promise<void> | undefined;
  const consoles: Consoles = novnc({
    allow: ALLOW,
    logger: silentLog,
    on: {
      open: () => {
        closing = consoles.close({ timeout: 200 });
      },
      close: () => void consoles.close(),
    },
  });
  server.on('request', express().use('/console', consoles));
  consoles.attach(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { closeCode } = await fate(
    { kind: 'attach', port, tls: false },
    `/console/proxy?target=${vnc.name}`,
  );
  assert.equal(closeCode, 1001);
  await closing;
  server.close();
});

test('T116 when the host is killed the VNC server is let go', async () => {
  const host = await startHost();
  const sessions = [];
  for (const door of host.doors) sessions.push(await openSession(door, vnc));
  host.kill('SIGKILL');
  for (const { browser, peer } of sessions) {
    await peer.hungUp(5_000);
    await browser.hungUp(5_000);
  }
});

test('T118 a console attached and detached many times leaves no listener', async (t) => {
  const host = await startHost();
  t.after(() => host.stop());
  const { listeners } = await host.stats();
  await host.attachAgain(100);
  assert.deepEqual((await host.stats()).listeners, listeners);
  const { browser } = await openSession(host.attach, vnc);
  browser.destroy();
  await host.clean();
});

test('T120 two mounts on one app each keep their own rules', async (t) => {
  const host = await Host.start({
    mounts: {
      '/a': { options: { allow: [`127.0.0.1:${vnc.port}`] } },
      '/b': { options: { allow: ['127.0.0.2:1-65535'], limits: { sessions: 1 } } },
      '/b/inner': { options: { allow: ALLOW } },
    },
  });
  t.after(() => host.stop());
  for (const door of host.doors) {
    assert.equal((await knock(door, `/a/proxy?target=${vnc.name}`)).status, 101);
    assert.equal((await knock(door, `/b/proxy?target=${vnc.name}`)).status, 403);
    assert.equal((await knock(door, `/b/inner/proxy?target=${vnc.name}`)).status, 101);
    const page = await ask(door, `/b/inner/${vnc.name}`);
    assert.equal(page.status, 200);
    assert.doesNotMatch(page.body, /(src|href)="\//, 'every address is relative');
  }
  await host.clean();
});

test('T121 an https server is attached to like any other', async (t) => {
  const host = await Host.start({
    mounts: { '/console': { options: { allow: ALLOW } } },
    tls: true,
  });
  t.after(() => host.stop());
  for (const door of host.doors) {
    const { browser, peer } = await openSession(door, vnc);
    peer.write(Buffer.alloc(4 * 1024 * 1024, 'x'));
    await browser.until('4 MiB', () => browser.payloadLength === 12 + 4 * 1024 * 1024, 20_000);
    browser.destroy();
    await peer.hungUp();
  }
  await host.clean();
});

test('T121 an HTTP/2 server that takes HTTP/1 upgrades serves consoles', async (t) => {
  const app = express();
  const consoles = novnc({ allow: ALLOW, logger: silentLog });
  app.use('/console', consoles);
  const server = createSecureServer({ allowHTTP1: true, ...CERTIFICATE }, app as never);
  consoles.attach(server as never);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(async () => {
    await consoles.close({ timeout: 100 });
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const { browser } = await openSession({ kind: 'attach', port, tls: true }, vnc);
  browser.destroy();
});

const QUIET_EXIT = `
  import { createServer } from 'node:http';
  import express from 'express';
  import { novnc } from ${JSON.stringify(new URL('../../lib/index.ts', import.meta.url).href)};
  const prototypes = () => [express.Router, express.Router.prototype, express.application, createServer]
    .map((each) => Object.keys(each ?? {}).join()).join('|');
  const before = prototypes();
  const consoles = novnc({ allow: ['127.0.0.1'], logger: { info() {}, warn() {}, error() {} } });
  const server = createServer(express().use(consoles));
  const detach = consoles.attach(server);
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  if (process.argv[1] === 'close') await consoles.close();
  detach();
  await new Promise((done) => server.close(done));
  await new Promise((done) => setTimeout(done, 50));
  if (prototypes() !== before) throw new Error('a prototype was changed');
  const left = process.getActiveResourcesInfo().filter((name) => !/^(PipeWrap|TTYWrap)$/.test(name));
  if (left.length > 0) throw new Error(left.join());
`;

for (const way of ['close', 'no close']) {
  test(`T122 after ${way} nothing of ours keeps the process`, async () => {
    const root = fileURLToPath(new URL('../..', import.meta.url));
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', QUIET_EXIT, way],
      { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] },
    );
    const timer = setTimeout(() => child.kill(), 10_000);
    const [code] = await once(child, 'exit');
    clearTimeout(timer);
    assert.equal(code, 0);
  });
}

test('T122 after close no timer and no socket is left in the host', async (t) => {
  const host = await startHost();
  t.after(() => host.stop());
  const { resources } = await host.stats();
  for (const door of host.doors) await openSession(door, vnc);
  await host.close(300);
  await host.clean();
  // The host checks its own connections by a timer that holds nothing up.
  const left = (await host.stats()).resources;
  assert.equal(left.Timeout ?? 0, resources.Timeout ?? 0);
  assert.equal(left.TCPSocketWrap ?? 0, 0);
});

test('T124 any worker of a cluster serves any console', async (t) => {
  cluster.setupPrimary({
    exec: fileURLToPath(new URL('helpers/cluster-worker.ts', import.meta.url)),
    execArgv: ['--import', 'tsx'],
  });
  const workers = [cluster.fork(), cluster.fork()];
  t.after(() => {
    for (const worker of workers) worker.kill('SIGKILL');
  });
  const [address] = await Promise.all(
    workers.map(async (worker) => (await once(worker, 'listening'))[0] as AddressInfo),
  );
  const door = { kind: 'attach', port: address!.port, tls: false } as const;
  for (let run = 0; run < 10; run++) {
    assert.equal((await ask(door, `/console/${vnc.name}`)).status, 200);
    const { browser } = await openSession(door, vnc);
    browser.destroy();
  }
});

test('T125 an upgrade that races close() is served or refused, never left half open', async () => {
  const app = express();
  for (let run = 0; run < 200; run++) {
    vnc.forget();
    const server = createServer(app);
    const consoles = novnc({ allow: ALLOW, logger: silentLog });
    const app2 = express().use('/console', consoles);
    server.removeAllListeners('request');
    server.on('request', app2);
    const detach = consoles.attach(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const verdicts = Promise.all(
      Array.from({ length: 3 }, () =>
        fate({ kind: 'attach', port, tls: false }, `/console/proxy?target=${vnc.name}`),
      ),
    );
    for (let turn = 0; turn < run % 12; turn++) await new Promise(setImmediate);
    await consoles.close({ timeout: 500 });
    for (const { status, closeCode } of await verdicts) {
      assert.ok(status === 503 || closeCode === 1001, `${status} ${closeCode}`);
    }
    await Promise.all(vnc.peers.map((peer) => peer.hungUp()));
    detach();
    server.close();
  }
});

test('T126 the package runs no scripts at install and asks for a ws that bounds its buffers', () => {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  for (const name of ['preinstall', 'install', 'postinstall', 'prepare', 'prepublish']) {
    assert.equal(manifest.scripts[name], undefined);
  }
  assert.match(manifest.dependencies.ws, /^\^8\.(2[3-9]|[3-9]\d)\./);
  assert.deepEqual(Object.keys(manifest.dependencies).sort(), ['ejs', 'ws']);
});
