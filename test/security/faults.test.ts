import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Blackhole } from './helpers/blackhole.ts';
import { FaultProxy } from './helpers/fault-proxy.ts';
import { Host } from './helpers/host.ts';
import { fate } from './helpers/knock.ts';
import { closeFrame, frame, RawBrowser } from './helpers/raw-browser.ts';
import { openSession } from './helpers/session.ts';
import { BANNER, VncServer } from './helpers/vnc-server.ts';

const ALLOW = ['127.0.0.0/8:1-65535', '[::1]:1-65535'];
const MIB = 1024 * 1024;
let host: Host;
let vnc: VncServer;

before(async () => {
  vnc = await VncServer.start();
  host = await Host.start({
    mounts: {
      '/console': {
        options: { allow: ALLOW, timeouts: { connect: 1_500, dns: 600, banner: 600 } },
      },
      '/patient': { options: { allow: ALLOW } },
      '/pinged': { options: { allow: ALLOW, timeouts: { ping: 200, stall: 60_000 } } },
      '/stalled': { options: { allow: ALLOW, timeouts: { stall: 500 } } },
    },
    dns: {
      'silent.test': { silent: true },
      'servfail.test': { v4: 'ESERVFAIL', v6: 'ESERVFAIL' },
      'nowhere.test': { v4: 'ENOTFOUND', v6: 'ENOTFOUND' },
      'mixed.test': { v4: ['127.0.0.1'], v6: 'ESERVFAIL' },
      'dual.test': { v4: ['127.0.0.1'], v6: ['::1'] },
      'twins.test': { v4: ['127.0.0.1', '127.0.0.2'] },
      'part.test': { v4: ['127.0.0.1', '198.51.100.1'] },
      'odd.test': { v4: ['not an address', ''], v6: [] },
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

/** A port that nobody listens on. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

test('T083 a refused connection is told at once', async () => {
  const port = await closedPort();
  for (const door of host.doors) {
    const started = performance.now();
    const { closeCode, reason } = await fate(door, `/console/proxy?target=127.0.0.1:${port}`);
    assert.equal(closeCode, 4502);
    assert.equal(reason, 'The VNC server cannot be reached.');
    assert.ok(performance.now() - started < 1_500);
  }
  await host.clean();
});

test('T085 each cause of a failure has its one code and sentence, and no address in it', async (t) => {
  const speaksHttp = await VncServer.start((peer) => peer.write('HTTP/1.1 400 Bad Request\r\n'));
  const hole = await Blackhole.start('127.0.0.3');
  t.after(async () => {
    await speaksHttp.stop();
    await hole.stop();
  });
  const rows: [string, number, string][] = [
    ['nowhere.test:5900', 4502, 'The VNC server was not found by its name.'],
    ['servfail.test:5900', 4502, 'The VNC server was not found by its name.'],
    ['odd.test:5900', 4502, 'The VNC server was not found by its name.'],
    ['silent.test:5900', 4504, 'The VNC server did not answer in time.'],
    [`127.0.0.3:${hole.port}`, 4504, 'The VNC server did not answer in time.'],
    [speaksHttp.name, 4502, 'What answered is not a VNC server.'],
    ['part.test:5900', 4403, 'This console is not available.'],
    [`127.0.0.1:${await closedPort()}`, 4502, 'The VNC server cannot be reached.'],
  ];
  for (const door of host.doors) {
    for (const [name, code, words] of rows) {
      const { closeCode, reason } = await fate(door, `/console/proxy?target=${name}`);
      assert.deepEqual([closeCode, reason], [code, words], `${name} by ${door.kind}`);
    }
  }
  const { dials } = await host.clean();
  assert.ok(
    !dials.some((dial) => dial.includes('198.51')),
    'all addresses are judged before one is dialled',
  );
});

test('T085 names whose DNS is silent delay no other name', async () => {
  const silent = Array.from({ length: 20 }, () =>
    RawBrowser.open(host.attach, '/patient/proxy?target=silent.test:5900'),
  );
  const waiting = await Promise.all(silent);
  const started = performance.now();
  const browser = await RawBrowser.open(
    host.attach,
    `/console/proxy?target=mixed.test:${vnc.port}`,
  );
  await browser.until('the banner', () => browser.payloadLength === 12);
  assert.ok(performance.now() - started < 2_000);
  browser.destroy();
  for (const each of waiting) each.destroy();
  await host.clean();
});

test('T087 a browser that resets in mid-stream frees the VNC server at once', async () => {
  for (const door of host.doors) {
    for (let run = 0; run < 20; run++) {
      const { browser, peer } = await openSession(door, vnc);
      peer.onBytes = () => {};
      for (let at = 0; at < 8; at++) peer.write(Buffer.alloc(MIB));
      browser.write(frame(Buffer.alloc(64 * 1024)));
      await browser.until('some bytes', () => browser.payloadLength > 1000);
      browser.reset();
      await peer.hungUp(2_000);
    }
  }
  const { ends } = await host.clean();
  assert.deepEqual([...new Set(ends)], ['BROWSER_GONE']);
});

test('T088 a server that has said all and hangs up is heard to the end', async () => {
  const bytes = randomBytes(8 * MIB);
  for (const door of host.doors) {
    const { browser, peer } = await openSession(door, vnc);
    const hash = createHash('sha256').update(BANNER);
    // Reads 256 KiB every 40 ms or so.
    let allowance = 256 * 1024;
    browser.onPayload = (part) => {
      hash.update(part);
      allowance -= part.length;
      if (allowance > 0) return;
      allowance = 256 * 1024;
      browser.socket.pause();
      setTimeout(() => browser.socket.resume(), 40);
    };
    peer.socket.end(bytes);
    assert.equal(await browser.closed(20_000), 1000, door.kind);
    assert.equal(browser.payloadLength, 12 + bytes.length);
    assert.equal(hash.digest('hex'), digest(Buffer.concat([Buffer.from(BANNER), bytes])));
  }
  await host.clean();
});

test('T088 a viewer on a slow line who moves the mouse hears the end as well', async () => {
  const bytes = randomBytes(4 * MIB);
  for (const door of host.doors) {
    const { browser, peer } = await openSession(door, vnc);
    // What is in the kernel when the relay is done takes longer to be read than a close may.
    let allowance = 256 * 1024;
    browser.onPayload = (part) => {
      allowance -= part.length;
      if (allowance > 0) return;
      allowance = 256 * 1024;
      browser.socket.pause();
      setTimeout(() => browser.socket.resume(), 200);
      browser.write(frame(Buffer.from([5, 0, 0, 1, 0, 1])));
    };
    peer.onBytes = () => {};
    peer.socket.end(bytes);
    assert.equal(await browser.closed(20_000), 1000, door.kind);
    assert.equal(browser.payloadLength, 12 + bytes.length);
  }
  await host.clean();
});

test('T089 what a browser sent before its close frame still reaches the server', async () => {
  const bytes = randomBytes(MIB);
  for (const door of host.doors) {
    const { browser, peer } = await openSession(door, vnc);
    const hash = createHash('sha256');
    peer.onBytes = (part) => hash.update(part);
    peer.socket.pause();
    for (let at = 0; at < bytes.length; at += 64 * 1024) {
      browser.write(frame(bytes.subarray(at, at + 64 * 1024)));
    }
    browser.write(closeFrame(1000));
    await sleep(100);
    peer.socket.resume();
    await peer.hungUp(15_000);
    assert.equal(peer.receivedLength, bytes.length, door.kind);
    assert.equal(hash.digest('hex'), digest(bytes));
    assert.equal(peer.error, undefined, 'a FIN, no RST');
    browser.destroy();
  }
  await host.clean();
});

test('T090 a hang-up of either side without a word ends both', async () => {
  for (const door of host.doors) {
    const first = await openSession(door, vnc);
    first.browser.socket.end();
    await first.peer.hungUp(2_000);
    await first.browser.hungUp(4_000);

    const second = await openSession(door, vnc);
    second.peer.onBytes = () => {};
    const typing = setInterval(() => second.browser.write(frame(Buffer.alloc(1000))), 5);
    second.peer.socket.end();
    assert.equal(await second.browser.closed(), 1000, door.kind);
    clearInterval(typing);
    await second.peer.hungUp(4_000);
    await second.browser.hungUp(4_000);
  }
  await host.clean();
});

test('T090 a server that hangs up but still listens does not hold the session', async (t) => {
  const halfOpen = await VncServer.start(undefined, { allowHalfOpen: true });
  t.after(() => halfOpen.stop());
  for (const door of host.doors) {
    halfOpen.forget();
    const { browser, peer } = await openSession(door, halfOpen);
    peer.socket.end();
    assert.equal(await browser.closed(), 1000, door.kind);
    await peer.hungUp(4_000);
    peer.socket.destroy();
  }
  await host.clean();
});

test('T091 a browser that answers no ping is gone after two of them', async () => {
  for (const door of host.doors) {
    const deaf = await openSession(door, vnc, { mount: '/pinged' });
    const alive = await openSession(door, vnc, { mount: '/pinged' });
    deaf.browser.answersPings = false;
    const started = performance.now();
    await deaf.peer.hungUp(10_000);
    const took = performance.now() - started;
    assert.ok(took > 200 && took < 3_000, `${took} ms`);
    assert.ok(alive.browser.pings > 0);
    assert.equal(alive.browser.gone, false, 'who answers stays');
    alive.browser.destroy();
    deaf.browser.destroy();
  }
  const { ends } = await host.clean();
  assert.ok(ends.includes('BROWSER_GONE'));
});

test('T091 a stopped browser is found, whichever way the bytes went', async () => {
  for (const door of host.doors) {
    const { browser, peer } = await openSession(door, vnc, { mount: '/stalled' });
    browser.socket.pause();
    for (let at = 0; at < 32; at++) peer.write(Buffer.alloc(MIB));
    await peer.hungUp(10_000);
    browser.destroy();
  }
  const { ends } = await host.clean();
  assert.deepEqual([...new Set(ends)], ['BROWSER_STALLED']);
});

test('T091 a browser that leaves while a stalled server holds it up is found', async (t) => {
  const own = await Host.start({
    mounts: { '/console': { options: { allow: ALLOW, timeouts: { ping: 200 } } } },
  });
  t.after(() => own.stop());
  for (const door of own.doors) {
    for (const leave of ['reset', 'destroy'] as const) {
      vnc.forget();
      const { browser, peer } = await openSession(door, vnc);
      peer.socket.pause();
      const message = frame(Buffer.alloc(64 * 1024));
      for (let at = 0; at < 256; at++) browser.write(message);
      await sleep(300);
      browser[leave]();
      await own.until(`the end of the session (${leave}, ${door.kind})`, ({ live }) => live === 0);
      peer.socket.destroy();
    }
  }
  await own.clean();
});

test('T092 ends at random moments of a busy session let nothing escape', async () => {
  const ways = [
    'RST by the browser',
    'FIN by the browser',
    'close',
    'RST by the server',
    'FIN by the server',
  ];
  const chunk = Buffer.alloc(16 * 1024);
  const message = frame(chunk);
  for (const door of host.doors) {
    await Promise.all(
      Array.from({ length: 8 }, async (_, lane) => {
        for (let run = 0; run < 25; run++) {
          const server = await VncServer.start((peer) => {
            peer.onBytes = () => {};
            peer.write(BANNER);
          });
          const { browser, peer } = await openSession(door, server);
          browser.onPayload = () => {};
          const busy = setInterval(() => {
            browser.write(message);
            peer.write(chunk);
          }, 1);
          await sleep(Math.random() * 20);
          const way = ways[(lane + run) % ways.length];
          if (way === 'RST by the browser') browser.reset();
          else if (way === 'FIN by the browser') browser.socket.end();
          else if (way === 'close') browser.write(closeFrame(1000));
          else if (way === 'RST by the server') peer.reset();
          else peer.socket.end();
          await browser.until(
            `the end by ${way}`,
            () => browser.gone || browser.closing !== undefined,
          );
          await peer.hungUp();
          clearInterval(busy);
          browser.destroy();
          await server.stop();
        }
      }),
    );
    await host.clean();
  }
});

test('T094 a slow reader costs little memory and loses nothing', async () => {
  for (const door of host.doors) {
    await host.collectGarbage();
    const before = await host.stats();
    const { browser, peer } = await openSession(door, vnc, { mount: '/patient' });
    const hash = createHash('sha256');
    const sent = createHash('sha256');
    browser.onPayload = (part) => hash.update(part);
    browser.socket.pause();
    browser.payloadLength = 0;
    for (let at = 0; at < 24; at++) {
      const block = randomBytes(MIB);
      sent.update(block);
      peer.write(block);
    }
    peer.socket.end();
    for (let round = 0; round < 10; round++) {
      browser.socket.resume();
      await sleep(2);
      browser.socket.pause();
      await sleep(40);
    }
    await host.collectGarbage();
    const held = (await host.stats()).arrayBuffers - before.arrayBuffers;
    assert.ok(held < 3 * MIB, `${held} bytes held by ${door.kind}`);
    browser.socket.resume();
    assert.equal(await browser.closed(20_000), 1000);
    assert.equal(browser.payloadLength, 24 * MIB);
    assert.equal(hash.digest('hex'), sent.digest('hex'));
  }
  await host.clean();
});

test('T096 an address that is silent delays the next by a moment only', async (t) => {
  const hole = await Blackhole.start('127.0.0.1');
  const server = await VncServer.start(undefined, { host: '127.0.0.2', port: hole.port });
  const six = await VncServer.start(undefined, { host: '::1', port: hole.port });
  t.after(async () => {
    await hole.stop();
    await server.stop();
    await six.stop();
  });
  for (const door of host.doors) {
    for (const name of ['twins.test', 'dual.test']) {
      const started = performance.now();
      const browser = await RawBrowser.open(door, `/console/proxy?target=${name}:${hole.port}`);
      await browser.until('the banner', () => browser.payloadLength === 12);
      assert.ok(performance.now() - started < 1_200, name);
      browser.destroy();
    }
  }
  await host.clean();
});

test('T097 a refused family falls back to the other, and both refused is a failure', async (t) => {
  const six = await VncServer.start(undefined, { host: '::1' });
  t.after(() => six.stop());
  const port = await closedPort();
  for (const door of host.doors) {
    for (const server of [six, vnc]) {
      const browser = await RawBrowser.open(door, `/console/proxy?target=dual.test:${server.port}`);
      await browser.until('the banner', () => browser.payloadLength === 12);
      browser.destroy();
    }
    const { closeCode } = await fate(door, `/console/proxy?target=dual.test:${port}`);
    assert.equal(closeCode, 4502);
  }
  await host.clean();
});

test('T099 delays, single bytes and lumps on the way lose and mix nothing', async (t) => {
  for (const faults of [{ jitter: 5, piece: 4096 }, { piece: 1 }, { jitter: 2 }]) {
    const size = faults.piece === 1 ? 100_000 : 2 * MIB;
    const toBrowser = randomBytes(size);
    const toServer = randomBytes(size);
    const far = await FaultProxy.start(vnc.port, faults);
    t.after(() => far.stop());
    for (const door of host.doors) {
      const near = await FaultProxy.start(door.port, faults);
      t.after(() => near.stop());
      const browser = await RawBrowser.open(
        { ...door, port: near.port },
        `/patient/proxy?target=127.0.0.1:${far.port}`,
      );
      const peer = await vnc.next();
      const down = createHash('sha256');
      const up = createHash('sha256');
      down.update(browser.payload); // the banner, if it is here already
      browser.onPayload = (part) => down.update(part);
      peer.onBytes = (part) => up.update(part);
      peer.write(toBrowser);
      for (let at = 0; at < size; at += 50_000)
        browser.write(frame(toServer.subarray(at, at + 50_000)));
      await browser.until('all to the browser', () => browser.payloadLength === 12 + size, 30_000);
      await peer.until('all to the server', () => peer.receivedLength === size, 30_000);
      assert.equal(down.digest('hex'), digest(Buffer.concat([Buffer.from(BANNER), toBrowser])));
      assert.equal(up.digest('hex'), digest(toServer));
      browser.destroy();
    }
  }
  await host.clean();
});

const KILLED = `
  const server = require('node:net').createServer((socket) => {
    socket.on('error', () => {});
    socket.write('RFB 003.008\\n');
    const block = Buffer.alloc(65536);
    const more = () => { while (socket.write(block)); };
    socket.on('drain', more);
    more();
  });
  server.listen(0, '127.0.0.1', () => process.send(server.address().port));
`;

test('T100 a VNC server that is killed in mid-transfer ends the session', async () => {
  for (const door of host.doors) {
    for (let run = 0; run < 4; run++) {
      const child = spawn(process.execPath, ['-e', KILLED], {
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      });
      const [port] = await once(child, 'message');
      const browser = await RawBrowser.open(door, `/console/proxy?target=127.0.0.1:${port}`);
      browser.onPayload = () => {};
      await browser.until('some bytes', () => browser.payloadLength > MIB);
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      assert.ok([1000, 4500].includes((await browser.closed()) ?? 0));
      await exited;
    }
  }
  await host.clean();
});

test('T102 with no file descriptors left the host refuses and goes on', async (t) => {
  const poor = await Host.start(
    { mounts: { '/console': { options: { allow: ALLOW, limits: { dials: 1000 } } } } },
    { maxFiles: 128 },
  );
  t.after(() => poor.stop());
  for (const door of poor.doors) {
    const browsers: RawBrowser[] = [];
    for (let at = 0; at < 120; at++) {
      const browser = await RawBrowser.connect(door).catch(() => null);
      if (!browser) continue;
      browsers.push(browser);
      browser.write(requestFor(door.port));
    }
    await sleep(500);
    for (const browser of browsers) browser.destroy();
    await sleep(300);
    await poor.clean();
    vnc.forget();
    const { browser } = await openSession(door, vnc);
    browser.destroy();
    await poor.clean();
  }
});

function requestFor(port: number): string {
  return (
    `GET /console/proxy?target=${vnc.name} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n` +
    'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'
  );
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
