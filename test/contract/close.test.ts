import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';
import { test } from 'node:test';
import { ENDS } from '../../lib/errors.ts';
import { onEveryHost, openConsoles, refusalFor, refusalOf, relayPath } from '../helpers/hosts.ts';
import { deferred, until, within } from '../helpers/inbox.ts';
import { VncTarget } from '../helpers/vnc-target.ts';

const RESTART = { code: ENDS.SHUTTING_DOWN.closeCode, reason: ENDS.SHUTTING_DOWN.words };

onEveryHost((kind) => {
  test('close ends sessions with 1001, live or dialling, and lets no new one in', async (t) => {
    const live = await VncTarget.open(t);
    const silent = await VncTarget.open(t, { greeting: null });
    const { host, consoles } = await openConsoles(t, kind);
    const first = host.browse(t, relayPath(live.name));
    await first.read(12);
    const second = host.browse(t, relayPath(silent.name));
    await second.opened();
    const servers = [await live.next(), await silent.next()];
    const closing = consoles.close();
    assert.deepEqual(await first.closed(), RESTART);
    assert.deepEqual(await second.closed(), RESTART);
    for (const server of servers) await server.gone(1_000);
    await within(closing, 'the end of close');
    const third = host.browse(t, relayPath(live.name));
    assert.equal(await refusalOf(host, third), refusalFor(host, 'SHUTTING_DOWN'));
    assert.equal((await host.request(relayPath(live.name))).status, 503);
    assert.equal(live.count, 1);
  });

  test('close waits no longer than its timeout for a browser that does not hang up', async (t) => {
    const target = await VncTarget.open(t);
    const { host, consoles } = await openConsoles(t, kind, { timeouts: { close: 60_000 } });
    const raw = await host.raw(t);
    raw.handshake(relayPath(target.name));
    await raw.head();
    await raw.frames(1);
    const start = performance.now();
    await within(consoles.close({ timeout: 50 }), 'the end of close');
    assert.ok(performance.now() - start < 2_000);
    await raw.closed(1_000);
  });

  test('close does not wait for a stream of the host that answers no more', async (t) => {
    const stream = new Duplex({ read() {}, write() {} });
    stream.push('RFB 003.008\n');
    const { host, consoles } = await openConsoles(t, kind, {
      resolve: () => ({ connect: () => stream }),
      timeouts: { close: 60_000 },
    });
    const browser = host.browse(t, relayPath('vm'));
    await browser.read(12);
    browser.send(Buffer.alloc(5_000));
    await until(() => stream.writableLength >= 5_000, 'the bytes');
    await within(consoles.close({ timeout: 60_000 }), 'the end of close');
    assert.deepEqual(await browser.closed(), RESTART);
  });

  test('close with no session, twice, and at once, resolves', async (t) => {
    const target = await VncTarget.open(t);
    const { host, consoles } = await openConsoles(t, kind);
    const browser = host.browse(t, relayPath(target.name));
    await browser.read(12);
    await within(Promise.all([consoles.close(), consoles.close()]), 'two closes');
    await within(consoles.close(), 'a third close');
    await browser.closed();
  });

  test('close out of an event of its own session resolves', async (t) => {
    const target = await VncTarget.open(t);
    const done = deferred<void>();
    const { host, consoles } = await openConsoles(t, kind, {
      on: { close: () => done.resolve(consoles.close()) },
    });
    const browser = host.browse(t, relayPath(target.name));
    await browser.read(12);
    browser.socket.close();
    await within(done.promise, 'close from a listener');
  });

  test('an upgrade that is judged while close runs never becomes a session', async (t) => {
    const target = await VncTarget.open(t);
    const asked = deferred<void>();
    const answer = deferred<boolean>();
    const { host, consoles } = await openConsoles(t, kind, {
      authorize: () => {
        asked.resolve();
        return answer.promise;
      },
    });
    const browser = host.browse(t, relayPath(target.name));
    await asked.promise;
    await consoles.close();
    answer.resolve(true);
    assert.equal(await refusalOf(host, browser), refusalFor(host, 'SHUTTING_DOWN'));
    assert.equal(target.count, 0);
  });
});
