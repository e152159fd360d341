import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';
import { test } from 'node:test';
import { ENDS } from '../../lib/errors.ts';
import { onEveryHost, openConsoles, refusalFor, refusalOf, relayPath } from '../helpers/hosts.ts';
import { Queue, turn, within } from '../helpers/inbox.ts';
import { VncTarget } from '../helpers/vnc-target.ts';

onEveryHost((kind) => {
  test('limits.sessions refuses one too many, and a place comes back', async (t) => {
    const target = await VncTarget.open(t);
    const ended = new Queue<string>('a close event');
    const { host } = await openConsoles(t, kind, {
      limits: { sessions: 2 },
      on: { close: (_session, { error }) => ended.push(error.code) },
    });
    const first = host.browse(t, relayPath(target.name));
    await first.read(12);
    await host.browse(t, relayPath(target.name)).read(12);
    const third = host.browse(t, relayPath(target.name));
    assert.equal(await refusalOf(host, third), refusalFor(host, 'TOO_MANY'));
    assert.equal((await host.request(relayPath(target.name))).status, 429);
    first.socket.close();
    await first.closed();
    await ended.next();
    let status = 429;
    while (status === 429) status = (await host.request(relayPath(target.name))).status;
    assert.equal(status, 426);
    await host.browse(t, relayPath(target.name)).read(12);
  });

  test('many upgrades at once never pass the limit', async (t) => {
    const target = await VncTarget.open(t);
    const { host } = await openConsoles(t, kind, { limits: { sessions: 5 } });
    const browsers = Array.from({ length: 20 }, () => host.browse(t, relayPath(target.name)));
    const outcomes = await Promise.all(
      browsers.map((browser) =>
        Promise.race([
          browser.read(12).then(() => 'live'),
          refusalOf(host, browser).catch(() => new Promise<never>(() => {})),
        ]),
      ),
    );
    assert.equal(outcomes.filter((outcome) => outcome === 'live').length, 5);
    const refusal = refusalFor(host, 'TOO_MANY');
    assert.equal(outcomes.filter((outcome) => outcome === refusal).length, 15);
    assert.equal(target.count, 5);
  });

  test('limits.dials counts those whose server has not greeted', async (t) => {
    const target = await VncTarget.open(t, { greeting: null });
    const { host } = await openConsoles(t, kind, { limits: { dials: 1 } });
    const first = host.browse(t, relayPath(target.name));
    await first.opened();
    const server = await target.next();
    const second = host.browse(t, relayPath(target.name));
    assert.equal(await refusalOf(host, second), refusalFor(host, 'TOO_MANY'));
    server.socket.write('RFB 003.008\n');
    await first.read(12);
    const third = host.browse(t, relayPath(target.name));
    await third.opened();
    await target.next();
    third.socket.close();
    await third.closed();
    await (await openAgain(third)).opened();

    async function openAgain(left: typeof third) {
      await left.closed();
      for (let turns = 0; turns < 20; turns++) await turn();
      return host.browse(t, relayPath(target.name));
    }
  });

  test('a connection that is not answered in time ends with 4504', async (t) => {
    const signals = new Queue<AbortSignal>('a call of connect');
    const { host } = await openConsoles(t, kind, {
      resolve: () => ({
        connect: (signal) => {
          signals.push(signal);
          return new Promise<never>(() => {});
        },
      }),
      timeouts: { connect: 40 },
    });
    const browser = host.browse(t, relayPath('vm-1'));
    const { closeCode: code, words: reason } = ENDS.TIMEOUT;
    assert.deepEqual(await browser.closed(), { code, reason });
    assert.equal((await signals.next()).aborted, true);
  });

  test('a server that does not greet in time ends with 4504', async (t) => {
    for (const greeting of [null, Buffer.from('RFB 003.')]) {
      const target = await VncTarget.open(t, { greeting });
      const { host } = await openConsoles(t, kind, { timeouts: { banner: 40 } });
      const browser = host.browse(t, relayPath(target.name));
      const { closeCode: code, words: reason } = ENDS.TIMEOUT;
      assert.deepEqual(await browser.closed(), { code, reason });
      await (await target.next()).gone(1_000);
    }
  });

  test('a viewer who sends nothing for timeouts.idle is seen off with 4408', async (t) => {
    const target = await VncTarget.open(t);
    const { host } = await openConsoles(t, kind, { timeouts: { idle: 80 } });
    const browser = host.browse(t, relayPath(target.name));
    const server = await target.next();
    // The server's own bytes do not count as use.
    const timer = setInterval(() => server.socket.write('x'), 10);
    t.after(() => clearInterval(timer));
    const { closeCode: code, words: reason } = ENDS.IDLE;
    assert.deepEqual(await browser.closed(), { code, reason });
    await server.gone(1_000);
  });

  test('a viewer who sends something stays, whatever timeouts.idle', async (t) => {
    const target = await VncTarget.open(t);
    const { host } = await openConsoles(t, kind, { timeouts: { idle: 1_000 } });
    const browser = host.browse(t, relayPath(target.name));
    await browser.read(12);
    const server = await target.next();
    const start = performance.now();
    while (performance.now() - start < 1_300) {
      browser.send(Buffer.from('x'));
      await server.read(1);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.equal(browser.farewell, null);
  });

  test('timeouts.session ends a session, busy or not, with 4440', async (t) => {
    const target = await VncTarget.open(t);
    const { host } = await openConsoles(t, kind, { timeouts: { session: 80 } });
    const browser = host.browse(t, relayPath(target.name));
    await browser.opened();
    const timer = setInterval(() => browser.send(Buffer.from('x')), 10);
    t.after(() => clearInterval(timer));
    const { closeCode: code, words: reason } = ENDS.MAX_DURATION;
    assert.deepEqual(await browser.closed(), { code, reason });
    clearInterval(timer);
    await (await target.next()).gone(1_000);
  });

  test('a browser that stops reading for timeouts.stall is seen off, and its server too', async (t) => {
    const target = await VncTarget.open(t, {
      script: ({ socket }) => void socket.write(Buffer.alloc(40 * 1024 * 1024)),
    });
    const ended = new Queue<string>('a close event');
    const { host } = await openConsoles(t, kind, {
      timeouts: { stall: 100, close: 20 },
      on: { close: (_session, { error }) => ended.push(error.code) },
    });
    const browser = host.browse(t, relayPath(target.name));
    await browser.read(12);
    browser.socket.pause();
    assert.equal(await ended.next(), 'BROWSER_STALLED');
    await (await target.next()).gone(1_000);
  });

  test('a browser that answers no ping is gone', async (t) => {
    const target = await VncTarget.open(t);
    const ended = new Queue<string>('a close event');
    const { host } = await openConsoles(t, kind, {
      timeouts: { ping: 40 },
      on: { close: (_session, { error }) => ended.push(error.code) },
    });
    const browser = host.browse(t, relayPath(target.name), { autoPong: false });
    await browser.read(12);
    assert.equal(await ended.next(), 'BROWSER_GONE');
    await (await target.next()).gone(1_000);
    await browser.closed(1_000);
  });

  test('a browser that answers pings stays, though the server is silent', async (t) => {
    const target = await VncTarget.open(t);
    const { host } = await openConsoles(t, kind, { timeouts: { ping: 100 } });
    const browser = host.browse(t, relayPath(target.name));
    await browser.read(12);
    let pings = 0;
    const many = new Promise<void>((resolve) => {
      browser.socket.on('ping', () => ++pings === 5 && resolve());
    });
    await within(many, 'five pings');
    assert.equal(browser.farewell, null);
    (await target.next()).socket.write('x');
    await browser.read(1);
  });

  test('what connect opened lives on after timeouts.connect', async (t) => {
    const far = new Queue<Duplex>('a stream');
    const aborted = new Queue<string>('an abort');
    const { host } = await openConsoles(t, kind, {
      resolve: () => ({
        connect: (signal) => {
          const [near, other] = pair();
          signal.addEventListener('abort', () => {
            aborted.push('abort');
            near.destroy();
          });
          other.write('RFB 003.008\n');
          far.push(other);
          return near;
        },
      }),
      timeouts: { connect: 50 },
    });
    const browser = host.browse(t, relayPath('vm-1'));
    await browser.read(12);
    await assert.rejects(aborted.next(150), /not within/);
    (await far.next()).write('still here');
    assert.equal((await browser.read(10)).toString(), 'still here');
  });
});

/** Two streams, each of which reads what is written to the other. */
function pair(): [Duplex, Duplex] {
  const make = (other: () => Duplex) =>
    new Duplex({
      read() {},
      write(chunk, _encoding, done) {
        other().push(chunk);
        done();
      },
      final(done) {
        other().push(null);
        done();
      },
    });
  const near: Duplex = make(() => far);
  const far: Duplex = make(() => near);
  return [near, far];
}
