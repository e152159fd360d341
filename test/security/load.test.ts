import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, before, beforeEach, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Door, Host, health } from './helpers/host.ts';
import { frame, RawBrowser } from './helpers/raw-browser.ts';
import { openSession } from './helpers/session.ts';
import { type VncPeer, VncServer } from './helpers/vnc-server.ts';

const ALLOW = ['127.0.0.0/8:1-65535'];
const MIB = 1024 * 1024;
const KIB = 1024;
const MOUNTS = {
  '/console': { options: { allow: ALLOW, limits: { sessions: 4_000, dials: 4_000 } } },
  '/few': { options: { allow: ALLOW, limits: { sessions: 10, dials: 10 } } },
};
let vnc: VncServer;
let host: Host;

before(async () => {
  vnc = await VncServer.start();
  host = await Host.start({ mounts: MOUNTS });
});
after(async () => {
  await host.stop();
  await vnc.stop();
});
beforeEach(async () => {
  await host.reset();
  vnc.forget();
});

/** Opens many sessions, so many at a time. */
async function openMany(door: Door, count: number, atOnce = 100): Promise<RawBrowser[]> {
  const browsers: RawBrowser[] = [];
  while (browsers.length < count) {
    const batch = Math.min(atOnce, count - browsers.length);
    const opened = await Promise.all(
      Array.from({ length: batch }, async () => {
        const browser = await RawBrowser.open(door, `/console/proxy?target=${vnc.name}`);
        await browser.until(
          'the banner',
          () => browser.payloadLength >= 12 || browser.gone || browser.closing !== undefined,
          20_000,
        );
        return browser;
      }),
    );
    browsers.push(...opened);
  }
  return browsers;
}

/** A test of time or memory, on a machine that others use too: a second try tells noise from a fault. */
function measure(title: string, run: (t: TestContext) => Promise<void>): void {
  test(title, async (t) => {
    try {
      await run(t);
    } catch (error) {
      t.diagnostic(`a second try, after ${error}`);
      await run(t);
    }
  });
}

measure('T103 hundreds of idle sessions cost little memory each', async (t) => {
  const own = await Host.start({ mounts: MOUNTS });
  t.after(() => own.stop());
  // The first hundreds make V8's young generation grow, once for the whole process.
  const browsers = await openMany(own.attach, 400);
  await own.collectGarbage();
  const before = await own.stats();
  browsers.push(...(await openMany(own.attach, 600)));
  await own.collectGarbage();
  const after = await own.stats();
  const grown = after.heapUsed + after.external - before.heapUsed - before.external;
  const each = grown / 600 / KIB;
  assert.ok(each < 40, `${each.toFixed(1)} KiB a session`);
  for (const browser of browsers) browser.destroy();
  await own.clean();
});

test('T105 hundreds of connects at once are served or refused, and the app still answers', async () => {
  for (const door of host.doors) {
    const started = performance.now();
    const opening = openMany(door, 600, 600);
    await health(door);
    const browsers = await opening;
    assert.ok(performance.now() - started < 20_000);
    for (const browser of browsers) {
      assert.ok(browser.payloadLength >= 12 || browser.closing?.code === 4429);
    }
    for (const browser of browsers) browser.destroy();
    await host.clean();
    vnc.forget();
  }
});

test('T106 hundreds of resets at once leave nothing behind', async () => {
  for (const door of host.doors) {
    const browsers = await openMany(door, 600);
    for (const browser of browsers) browser.reset();
    await host.clean();
    vnc.forget();
  }
});

test('T107 large updates arrive whole, and no more than one buffer is held', async () => {
  const update = randomBytes(16 * MIB);
  for (const door of host.doors) {
    await host.collectGarbage();
    const { arrayBuffers } = await host.stats();
    const { browser, peer } = await openSession(door, vnc);
    const hash = createHash('sha256');
    const sent = createHash('sha256');
    browser.onPayload = (part) => hash.update(part);
    for (let round = 0; round < 6; round++) {
      await peer.push(update);
      sent.update(update);
    }
    await browser.until('all', () => browser.payloadLength === 12 + 6 * update.length, 30_000);
    assert.equal(hash.digest('hex'), sent.digest('hex'));
    await host.collectGarbage();
    const held = (await host.stats()).arrayBuffers - arrayBuffers;
    assert.ok(held <= 2 * MIB, `${held} bytes by ${door.kind}`);
    browser.destroy();
  }
  await host.clean();
});

/** Writes to one browser as fast as the relay takes it. */
function hog(peer: VncPeer): void {
  const block = Buffer.alloc(256 * KIB);
  // An error is told by nextTick: who then wrote again at once would never let it become an end.
  const write = () => {
    if (peer.socket.writable) peer.socket.write(block, (error) => error || setImmediate(write));
  };
  write();
}

measure('T108 one session at full speed leaves the others, and the app, their turn', async () => {
  for (const door of host.doors) {
    const full = await openSession(door, vnc);
    full.browser.onPayload = () => {};
    const others = [];
    for (let at = 0; at < 20; at++) {
      const other = await openSession(door, vnc);
      other.peer.onBytes = (bytes) => other.peer.write(bytes);
      others.push(other);
    }
    await host.reset();
    hog(full.peer);
    const trips: number[] = [];
    for (let round = 0; round < 20; round++) {
      for (const { browser } of others) {
        const started = performance.now();
        const expected = browser.payloadLength + 64;
        browser.write(frame(Buffer.alloc(64)));
        await browser.until('the echo', () => browser.payloadLength >= expected);
        trips.push(performance.now() - started);
      }
      assert.equal(await health(door), 'well');
    }
    const { loopDelay } = await host.stats();
    full.browser.destroy();
    for (const { browser } of others) browser.destroy();
    trips.sort((a, b) => a - b);
    const median = trips[trips.length >> 1]!;
    assert.ok(median < 100, `the median round trip takes ${median} ms by ${door.kind}`);
    assert.ok(loopDelay.p99 < 150, `T132: event loop p99 ${loopDelay.p99} ms by ${door.kind}`);
  }
  await host.clean();
});

measure('T110 sessions that come and go leave no memory and no handle behind', async () => {
  for (const door of host.doors) {
    const cycle = async (count: number) => {
      for (let done = 0; done < count; done += 20) {
        const sessions = await openMany(door, 20, 20);
        for (const browser of sessions) {
          browser.write(frame(Buffer.alloc(1000)));
          browser.reset();
        }
        for (const peer of vnc.peers) await peer.hungUp();
        vnc.forget();
      }
      await host.clean();
      await host.collectGarbage();
      return host.stats();
    };
    await cycle(200);
    const first = await cycle(400);
    const second = await cycle(400);
    const grown = (second.heapUsed - first.heapUsed) / KIB;
    assert.ok(grown < 1_500, `${grown.toFixed(0)} KiB of heap more by ${door.kind}`);
    assert.ok(second.fds <= first.fds + 2);
  }
});

test('T111 no more sessions than the limit in one tick, and every place comes back', async () => {
  for (const door of host.doors) {
    for (let round = 0; round < 3; round++) {
      const browsers = await Promise.all(
        Array.from({ length: 20 }, () => RawBrowser.open(door, `/few/proxy?target=${vnc.name}`)),
      );
      for (const browser of browsers) {
        await browser.until(
          'a verdict',
          () => browser.payloadLength > 0 || browser.closing !== undefined || browser.gone,
        );
      }
      const open = browsers.filter((browser) => browser.payloadLength > 0);
      const refused = browsers.filter(
        (browser) => browser.response?.status === 429 || browser.closing?.code === 4429,
      );
      assert.deepEqual([open.length, refused.length], [10, 10], door.kind);
      for (const browser of browsers) browser.destroy();
      await host.clean();
    }
  }
});

test('T111 places come back whatever way a session or an upgrade ended', async (t) => {
  const silent = await VncServer.start(() => {});
  const own = await Host.start({
    mounts: {
      '/few': {
        options: {
          allow: ALLOW,
          limits: { sessions: 3, dials: 3 },
          timeouts: { banner: 100, close: 50 },
        },
      },
    },
  });
  t.after(async () => {
    await own.stop();
    await silent.stop();
  });
  for (const door of own.doors) {
    for (let round = 0; round < 10; round++) {
      const dialling = await RawBrowser.open(door, `/few/proxy?target=${silent.name}`);
      dialling.reset();
      const wrongKey = await RawBrowser.open(door, `/few/proxy?target=${vnc.name}`, {
        headers: { 'Sec-WebSocket-Key': 'x' },
      });
      wrongKey.destroy();
      const left = await RawBrowser.connect(door);
      left.write(
        `GET /few/proxy?target=${vnc.name} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\n`,
      );
      left.write('Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n');
      left.write('Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n');
      left.reset();
      const stubborn = await RawBrowser.open(door, `/few/proxy?target=${vnc.name}`);
      stubborn.write(frame('x', { opcode: 1 }));
      stubborn.socket.pause();
      await sleep(30);
      stubborn.destroy();
      await own.clean();
    }
    const browsers = [];
    vnc.forget();
    for (let at = 0; at < 3; at++)
      browsers.push((await openSession(door, vnc, { mount: '/few' })).browser);
    for (const browser of browsers) browser.destroy();
    await own.clean();
  }
});

test('T129 sessions stalled both ways hold no more than their share', async (t) => {
  const own = await Host.start({ mounts: MOUNTS });
  t.after(() => own.stop());
  const count = 20;
  for (const door of own.doors) {
    vnc.forget();
    await own.collectGarbage();
    const { arrayBuffers } = await own.stats();
    const browsers: RawBrowser[] = [];
    for (let at = 0; at < count; at++) {
      const { browser, peer } = await openSession(door, vnc);
      browsers.push(browser);
      browser.socket.pause();
      peer.socket.pause();
      for (let block = 0; block < 8; block++) {
        peer.write(Buffer.alloc(MIB));
        browser.write(frame(Buffer.alloc(MIB - 1)));
      }
    }
    await sleep(500);
    await own.collectGarbage();
    const held = ((await own.stats()).arrayBuffers - arrayBuffers) / count / MIB;
    assert.ok(held < 3.5, `${held.toFixed(2)} MiB a session by ${door.kind}`);
    for (const browser of browsers) browser.destroy();
    await own.clean();
  }
});

test('T133 nothing of a session that is over is kept', async () => {
  for (const door of host.doors) {
    const { kept } = await host.stats();
    for (const browser of await openMany(door, 200)) browser.destroy();
    await host.clean();
    vnc.forget();
    for (let round = 0; round < 10; round++) await host.collectGarbage();
    const left = (await host.stats()).kept - kept;
    assert.ok(left <= 10, `${left} of 400 by ${door.kind}`);
  }
});

test('T134 a flood of refusals is twenty lines a second and a count', async () => {
  for (const door of host.doors) {
    await host.reset();
    const started = performance.now();
    await Promise.all(
      Array.from({ length: 300 }, async () => {
        const browser = await RawBrowser.open(door, '/few/proxy?target=10.0.0.1:1');
        browser.destroy();
      }),
    );
    await sleep(1_100);
    const last = await RawBrowser.open(door, '/few/proxy?target=10.0.0.1:1');
    await last.until('the end', () => last.gone || last.closing !== undefined);
    last.destroy();
    const seconds = Math.ceil((performance.now() - started) / 1_000) + 1;
    const lines = await host.log();
    assert.ok(lines.length <= 22 * seconds, `${lines.length} lines in ${seconds} s`);
    assert.ok(
      lines.some(({ dropped }) => Number(dropped) > 0),
      'what was left out is counted',
    );
  }
  await host.alive();
});

measure('T135 idle sessions take next to no time', async () => {
  for (const door of host.doors) {
    const browsers = await openMany(door, 300);
    await host.until('all are live', ({ live }) => live === 300);
    const before = await host.stats();
    const started = performance.now();
    await sleep(1_500);
    const { cpu } = await host.stats();
    const part = (cpu - before.cpu) / (performance.now() - started);
    assert.ok(part < 0.1, `${(part * 100).toFixed(1)} % of a core by ${door.kind}`);
    for (const browser of browsers) browser.destroy();
    await host.clean();
    vnc.forget();
  }
});

test('T136 one large message pins no buffer', async (t) => {
  const own = await Host.start({ mounts: MOUNTS });
  t.after(() => own.stop());
  for (const door of own.doors) {
    vnc.forget();
    const browsers = await openMany(door, 300);
    for (const peer of vnc.peers) peer.onBytes = () => {};
    await own.collectGarbage();
    const before = await own.stats();
    const message = frame(Buffer.alloc(64 * KIB));
    for (const browser of browsers) await browser.push(message);
    for (const peer of vnc.peers) {
      await peer.until('the message', () => peer.receivedLength === 64 * KIB, 20_000);
    }
    await own.collectGarbage();
    const held = ((await own.stats()).arrayBuffers - before.arrayBuffers) / 300 / KIB;
    assert.ok(held < 8, `${held.toFixed(1)} KiB a session by ${door.kind}`);
    for (const browser of browsers) browser.destroy();
    await own.clean();
  }
});
