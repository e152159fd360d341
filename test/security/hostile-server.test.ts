import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Host } from './helpers/host.ts';
import { fate } from './helpers/knock.ts';
import { frame, RawBrowser } from './helpers/raw-browser.ts';
import { openSession } from './helpers/session.ts';
import { BANNER, VncServer } from './helpers/vnc-server.ts';

const ALLOW = ['127.0.0.0/8:1-65535'];
const MIB = 1024 * 1024;
let host: Host;

/** What an RFB 3.8 server says without a password, up to the desktop's name. */
const SERVER_INIT = Buffer.concat([
  Buffer.from([0x02, 0x80, 0x01, 0xe0]),
  Buffer.from([32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0]),
]);
const CONVERSATION = Buffer.concat([
  Buffer.from(BANNER),
  Buffer.from([1, 1]),
  Buffer.from([0, 0, 0, 0]),
  SERVER_INIT,
  Buffer.from([0, 0, 0, 4]),
  Buffer.from('name'),
]);

before(async () => {
  host = await Host.start({
    mounts: { '/console': { options: { allow: ALLOW, timeouts: { banner: 200 } } } },
  });
});
after(() => host.stop());
beforeEach(() => host.reset());

test('T068 a desktop name of 4 GiB that drips is neither read nor held', async (t) => {
  let drip: NodeJS.Timeout | undefined;
  const vnc = await VncServer.start((peer) => {
    peer.write(CONVERSATION.subarray(0, -8));
    peer.write(Buffer.from([0xff, 0xff, 0xff, 0xff]));
    drip = setInterval(() => peer.write('name'), 5);
  });
  t.after(() => vnc.stop());
  for (const door of host.doors) {
    const { arrayBuffers } = await host.stats();
    const { browser } = await openSession(door, vnc);
    await browser.until('much of the name', () => browser.payloadLength > 400);
    await host.collectGarbage();
    const held = (await host.stats()).arrayBuffers - arrayBuffers;
    assert.ok(held < 256 * 1024, `${held} bytes by ${door.kind}`);
    browser.destroy();
    clearInterval(drip);
  }
  await host.clean();
});

test('T070 what follows the banner passes byte by byte, right or wrong', async (t) => {
  const oddities = [
    Buffer.concat([Buffer.from([255]), Buffer.alloc(255, 1)]),
    Buffer.from([4, 1, 1, 1, 1]),
    Buffer.from([2, 200, 201]),
    Buffer.from([0, 0xff, 0xff, 0xff, 0xff]),
    Buffer.from([1, 2, ...Buffer.alloc(15, 7)]),
    Buffer.from([1, 1, 0, 0, 0, 2]),
    Buffer.from([1, 1, 0xff, 0xff, 0xff, 0xff]),
    randomBytes(1000),
  ];
  let next = Buffer.alloc(0) as Buffer;
  const vnc = await VncServer.start((peer) =>
    peer.write(Buffer.concat([Buffer.from(BANNER), next])),
  );
  t.after(() => vnc.stop());
  for (const door of host.doors) {
    for (const oddity of oddities) {
      next = oddity;
      const { browser } = await openSession(door, vnc);
      await browser.until('all of it', () => browser.payloadLength === 12 + oddity.length);
      assert.deepEqual(browser.payload.subarray(12), oddity);
      browser.destroy();
    }
  }
  await host.clean();
});

test('T071 who says a known banner passes, and who says anything else hears nothing', async (t) => {
  const good = ['003.003', '003.007', '003.008', '003.889', '004.001', '999.999', '000.000'];
  const bad: (string | Buffer)[] = [
    ...['rfb 003.008\n', 'RFB 003.008 ', 'RFB 003.0080', 'RFB 3.8\n     ', 'RFB 003,008\n'],
    ...[
      'HTTP/1.1 400 Bad Request\r\n',
      'SSH-2.0-OpenSSH\r\n',
      '220 mail ESMTP\r\n',
      '-ERR\r\n',
      '\n',
    ],
    ...[
      '+OK redis\r\n',
      ' RFB 003.008\n',
      'RFB 003.008\r',
      '\0',
      'RFBx',
      'RFB -03.008\n',
      'RFB ٠٠٣.٠٠٨\n',
    ],
    Buffer.from([0x15, 3, 1, 0, 2, 2, 40]),
    Buffer.from('RFB 003.008\n', 'utf16le'),
    randomBytes(64).fill(0xff, 0, 1),
  ];
  let says: string | Buffer = '';
  const vnc = await VncServer.start((peer) => peer.write(says));
  t.after(() => vnc.stop());
  for (const door of host.doors) {
    for (const version of good) {
      says = `RFB ${version}\n`;
      vnc.forget();
      const browser = await RawBrowser.open(door, `/console/proxy?target=${vnc.name}`);
      await browser.until(says, () => browser.payload.toString() === says);
      browser.destroy();
    }
    for (const each of bad) {
      says = each;
      vnc.forget();
      const browser = await RawBrowser.open(door, `/console/proxy?target=${vnc.name}`, {
        ...(door.kind === 'attach' && { behind: frame('FLUSHALL\r\n') }),
      });
      browser.write(frame('FLUSHALL\r\n'));
      assert.equal(await browser.closed(), 4502, `${JSON.stringify(each)} by ${door.kind}`);
      const peer = await vnc.next();
      await peer.hungUp();
      assert.equal(peer.receivedLength, 0, `something was said to ${JSON.stringify(each)}`);
      assert.equal(browser.payloadLength, 0, 'and nothing of it was shown');
    }
  }
  await host.clean();
});

test('T071 an incomplete or silent banner ends in time, a slow one is waited for', async (t) => {
  let script: string[] = [];
  const vnc = await VncServer.start((peer) => {
    void (async () => {
      for (const piece of script) {
        peer.write(piece);
        await sleep(5);
      }
    })();
  });
  t.after(() => vnc.stop());
  for (const door of host.doors) {
    for (const short of [[], ['R'], ['RFB 003.008'], [...'RFB 003.00']]) {
      script = short;
      const started = performance.now();
      const { closeCode } = await fate(door, `/console/proxy?target=${vnc.name}`);
      assert.equal(closeCode, 4504, `${short}`);
      assert.ok(performance.now() - started < 3_000);
    }
    script = BANNER.split(/(?<=[. ])/);
    vnc.forget();
    const { browser } = await openSession(door, vnc);
    browser.destroy();
  }
  const { dials } = await host.clean();
  assert.ok(dials.length > 0);
});

test('T072 a flood in place of a banner is held by nobody', async (t) => {
  const flood = Buffer.alloc(MIB, 'R');
  const vnc = await VncServer.start((peer) => {
    for (let at = 0; at < 128; at++) peer.write(flood);
  });
  t.after(() => vnc.stop());
  for (const door of host.doors) {
    const { closeCode } = await fate(door, `/console/proxy?target=${vnc.name}`);
    assert.equal(closeCode, 4502);
    await host.collectGarbage();
    const { arrayBuffers } = await host.stats();
    assert.ok(arrayBuffers < 16 * MIB, `${arrayBuffers}`);
  }
  await host.clean();
});

test('T073 updates without end to a reading browser leave the memory flat', async (t) => {
  const block = randomBytes(MIB);
  let going = true;
  const vnc = await VncServer.start((peer) => {
    void (async () => {
      await peer.push(Buffer.from(BANNER));
      while (going && !peer.socket.destroyed) await peer.push(block);
    })().catch(() => {});
  });
  t.after(async () => {
    going = false;
    await vnc.stop();
  });
  for (const door of host.doors) {
    const browser = await RawBrowser.open(door, `/console/proxy?target=${vnc.name}`);
    browser.onPayload = () => {};
    await browser.until('64 MiB', () => browser.payloadLength > 64 * MIB, 30_000);
    await host.collectGarbage();
    const { rss } = await host.stats();
    await browser.until('512 MiB', () => browser.payloadLength > 512 * MIB, 30_000);
    await host.collectGarbage();
    const grown = (await host.stats()).rss - rss;
    assert.ok(grown < 24 * MIB, `${Math.round(grown / MIB)} MiB by ${door.kind}`);
    browser.destroy();
  }
  await host.clean();
});

test('T074 a clipboard of 2 GiB announced is no matter to the relay', async (t) => {
  const cut = Buffer.from([3, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff]);
  const vnc = await VncServer.start((peer) => {
    peer.write(CONVERSATION);
    peer.write(cut);
  });
  t.after(() => vnc.stop());
  for (const door of host.doors) {
    const { arrayBuffers } = await host.stats();
    const { browser } = await openSession(door, vnc);
    await browser.until('the clipboard', () => browser.payloadLength === CONVERSATION.length + 8);
    const held = (await host.stats()).arrayBuffers - arrayBuffers;
    assert.ok(held < MIB);
    browser.destroy();
  }
  await host.clean();
});

const splits = Array.from({ length: CONVERSATION.length }, (_, at) => at);

test('T077 a server that stalls after any byte of its greeting ends in time', async (t) => {
  let length = 0;
  const vnc = await VncServer.start((peer) => peer.write(CONVERSATION.subarray(0, length)));
  t.after(() => vnc.stop());
  for (const door of host.doors) {
    for (length = 0; length < BANNER.length; length += 2) {
      const { closeCode } = await fate(door, `/console/proxy?target=${vnc.name}`);
      assert.equal(closeCode, 4504, `after ${length} bytes by ${door.kind}`);
    }
    await Promise.all(vnc.peers.map((peer) => peer.hungUp()));
    vnc.forget();
  }
  await host.clean();
});

test('T078 a server that hangs up after any byte of the handshake ends the session at once', async (t) => {
  let length = 0;
  let abrupt = false;
  const vnc = await VncServer.start((peer) => {
    peer.socket.write(CONVERSATION.subarray(0, length), () => {
      if (!abrupt) peer.socket.end();
      // A reset overtakes what the relay has not read yet: give it the time.
      else setTimeout(() => peer.reset(), 20);
    });
  });
  t.after(() => vnc.stop());
  for (const door of host.doors) {
    for (abrupt of [false, true]) {
      for (length of splits) {
        const started = performance.now();
        const { closeCode } = await fate(door, `/console/proxy?target=${vnc.name}`);
        const isWhole = length >= BANNER.length;
        // libuv may see data and RST in one poll, and then reports the end of a stream, or no connection.
        const expected = abrupt
          ? [4500, 4502, ...(isWhole ? [1000] : [])]
          : [isWhole ? 1000 : 4500];
        assert.ok(
          expected.includes(closeCode ?? 0),
          `${closeCode} after ${length} bytes, ${abrupt ? 'RST' : 'FIN'}, by ${door.kind}`,
        );
        assert.ok(performance.now() - started < 2_000);
      }
    }
  }
  await host.clean();
});

test('T078 a hang-up with the whole conversation still on its way delivers it first', async (t) => {
  const vnc = await VncServer.start((peer) => peer.socket.end(CONVERSATION));
  t.after(() => vnc.stop());
  for (const door of host.doors) {
    const browser = await RawBrowser.open(door, `/console/proxy?target=${vnc.name}`);
    assert.equal(await browser.closed(), 1000);
    assert.deepEqual(browser.payload, CONVERSATION);
  }
  await host.clean();
});

test('T079 random servers make nothing throw, and what passes is what was said', async (t) => {
  let says = Buffer.alloc(0) as Buffer;
  let pieces: number[] = [];
  const vnc = await VncServer.start((peer) => {
    void (async () => {
      let at = 0;
      for (const piece of pieces) {
        await peer.push(says.subarray(at, at + piece));
        at += piece;
        await new Promise(setImmediate);
      }
      peer.socket.end(says.subarray(at));
    })().catch(() => {});
  });
  t.after(() => vnc.stop());
  for (const door of host.doors) {
    for (let run = 0; run < 150; run++) {
      const tail = randomBytes(Math.floor(Math.random() * 300));
      says = Buffer.concat([Buffer.from(run % 3 === 2 ? 'RFB ' : BANNER), tail]);
      if (run % 3 === 1) says[Math.floor(Math.random() * 12)] = Math.floor(Math.random() * 256);
      pieces = Array.from({ length: 5 }, () => Math.floor(Math.random() * 9));
      const browser = await RawBrowser.open(door, `/console/proxy?target=${vnc.name}`);
      const code = await browser.closed();
      const isVnc = /^RFB \d{3}\.\d{3}\n/.test(says.toString('latin1'));
      assert.equal(code === 1000, isVnc, `${code}: ${says.toString('hex', 0, 20)}`);
      assert.deepEqual(browser.payload, isVnc ? says : Buffer.alloc(0));
    }
  }
  await host.clean();
});

test('T081 two sessions at once to one hostile server share nothing', async (t) => {
  const vnc = await VncServer.start();
  t.after(() => vnc.stop());
  for (const door of host.doors) {
    vnc.forget();
    const one = await openSession(door, vnc);
    const two = await openSession(door, vnc);
    const ones = randomBytes(3 * MIB);
    const twos = randomBytes(3 * MIB);
    for (let at = 0; at < ones.length; at += 1000) {
      one.peer.write(ones.subarray(at, at + 1000));
      two.peer.write(twos.subarray(at, at + 1000));
    }
    const all = (browser: RawBrowser) =>
      browser.until('3 MiB', () => browser.payloadLength === 12 + 3 * MIB, 20_000);
    await Promise.all([all(one.browser), all(two.browser)]);
    assert.equal(digest(one.browser.payload.subarray(12)), digest(ones));
    assert.equal(digest(two.browser.payload.subarray(12)), digest(twos));
    one.browser.write(frame('one'));
    two.browser.write(frame('two'));
    await one.peer.until('one', () => one.peer.received.toString() === 'one');
    await two.peer.until('two', () => two.peer.received.toString() === 'two');
    one.peer.reset();
    assert.equal(await one.browser.closed(), 4500);
    two.peer.write('still here');
    await two.browser.until('the other', () => two.browser.payload.includes('still here'));
    two.browser.destroy();
  }
  await host.clean();
});

test('T082 a server that sends one byte at a time is relayed byte-exact and pins little', async (t) => {
  const vnc = await VncServer.start();
  t.after(() => vnc.stop());
  const bytes = randomBytes(40_000);
  for (const door of host.doors) {
    vnc.forget();
    const { arrayBuffers } = await host.stats();
    const { browser, peer } = await openSession(door, vnc);
    for (let at = 0; at < bytes.length; at++) {
      peer.write(bytes.subarray(at, at + 1));
      if (at % 50 === 0) await new Promise(setImmediate);
    }
    await browser.until('all', () => browser.payloadLength === 12 + bytes.length, 20_000);
    assert.equal(digest(browser.payload.subarray(12)), digest(bytes));
    await host.collectGarbage();
    const held = (await host.stats()).arrayBuffers - arrayBuffers;
    assert.ok(held < 256 * 1024, `${held} bytes by ${door.kind}`);
    browser.destroy();
  }
  await host.clean();
});

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
