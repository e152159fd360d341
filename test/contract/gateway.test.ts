import assert from 'node:assert/strict';
import { createDecipheriv } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { type ConsoleErrorCode, ENDS } from '../../lib/errors.ts';
import type { Custody, LiveSession, Options, SessionEnd } from '../../lib/index.ts';
import type { Browser } from '../helpers/browser.ts';
import { hex, noise, sha256 } from '../helpers/bytes.ts';
import { type HostKind, onEveryHost, openConsoles, relayPath } from '../helpers/hosts.ts';
import { Queue } from '../helpers/inbox.ts';
import { BANNER, type VncConnection, VncTarget } from '../helpers/vnc-target.ts';
import { cutText, key, pointer, setEncodings, updateRequest } from '../rfb/helpers/browser-says.ts';
import { bell, rectangle, serverCutText, serverInit, update } from '../rfb/helpers/server-says.ts';

const NONE = hex('01 01');
const VNC = hex('01 02');
const OK = hex('00000000');
const FAILED = hex('00000001 00000000');
const CHALLENGE = Buffer.from([...Array(16).keys()]);
const SHARED = hex('01');

/** Consoles that lead to one VNC server under the name `vm`, and what they tell. */
async function openGateway(
  t: TestContext,
  kind: HostKind,
  custody: Custody,
  options: Options = {},
): Promise<{
  browse(): Browser;
  server(): Promise<VncConnection>;
  live: Queue<LiveSession>;
  ends: Queue<SessionEnd>;
}> {
  const target = await VncTarget.open(t);
  const live = new Queue<LiveSession>('an open session');
  const ends = new Queue<SessionEnd>('the end of a session');
  const { host } = await openConsoles(t, kind, {
    resolve: () => ({ host: '127.0.0.1', port: target.port, ...custody }),
    on: {
      open: (session) => live.push(session),
      close: (_session, end) => ends.push(end),
    },
    ...options,
  });
  return {
    browse: () => host.browse(t, relayPath('vm')),
    server: () => target.next(),
    live,
    ends,
  };
}

/** Goes as far as ServerInit on both sides, with a server that asks nothing. */
async function join(t: TestContext, kind: HostKind, custody: Custody) {
  const gateway = await openGateway(t, kind, custody);
  const browser = gateway.browse();
  const server = await gateway.server();
  await letIn(server);
  await enter(browser);
  browser.send(hex('00'));
  const init = serverInit();
  server.socket.write(init);
  assert.deepEqual(await browser.read(init.length), init);
  return { ...gateway, browser, server };
}

/** The server's part of a handshake without security. */
async function letIn(server: VncConnection): Promise<void> {
  assert.deepEqual(await server.read(12), BANNER);
  server.socket.write(NONE);
  assert.deepEqual(await server.read(1), hex('01'));
  server.socket.write(OK);
}

/** The server's part of VNC authentication, up to its challenge. */
async function challenge(server: VncConnection): Promise<void> {
  assert.deepEqual(await server.read(12), BANNER);
  server.socket.write(VNC);
  assert.deepEqual(await server.read(1), hex('02'));
  server.socket.write(CHALLENGE);
}

/** The browser's part, which is asked for nothing. */
async function enter(browser: Browser): Promise<void> {
  assert.deepEqual(await browser.read(12), BANNER);
  browser.send(BANNER);
  assert.deepEqual(await browser.read(2), NONE);
  browser.send(hex('01'));
  assert.deepEqual(await browser.read(4), OK);
}

async function endsWith(browser: Browser, code: ConsoleErrorCode): Promise<void> {
  const { closeCode, words } = ENDS[code];
  assert.deepEqual(await browser.closed(), { code: closeCode, reason: words });
}

/** VNC's own way with DES: each byte of the key with its bits reversed. */
function decrypt(answer: Buffer, password: string): Buffer {
  const half = Buffer.alloc(8);
  half.write(password, 'latin1');
  for (const [at, byte] of half.entries()) {
    half[at] = Number.parseInt([...byte.toString(2).padStart(8, '0')].reverse().join(''), 2);
  }
  const cipher = createDecipheriv('des-ede3-ecb', Buffer.concat([half, half, half]), null);
  return cipher.setAutoPadding(false).update(answer);
}

onEveryHost((kind) => {
  test('credentials of the target sign in, and the browser is asked for nothing', async (t) => {
    let asked = 0;
    const { browse, server, ends } = await openGateway(t, kind, {
      credentials: async () => {
        asked++;
        return { password: 'hunter2' };
      },
    });
    const browser = browse();
    const vnc = await server();
    await challenge(vnc);
    assert.deepEqual(decrypt(await vnc.read(16), 'hunter2'), CHALLENGE);
    vnc.socket.write(OK);
    await enter(browser);
    browser.send(hex('00'));
    assert.deepEqual(await vnc.read(1), hex('00'));
    assert.equal(asked, 1);
    browser.socket.close();
    assert.equal((await ends.next()).error.code, 'BROWSER_CLOSED');
    await vnc.gone();
  });

  test('a browser is not told that it is in before the server has let the relay in', async (t) => {
    const { browse, server } = await openGateway(t, kind, { credentials: { password: 'a' } });
    const browser = browse();
    const vnc = await server();
    await browser.read(12);
    browser.send(BANNER);
    await challenge(vnc);
    await vnc.read(16);
    assert.equal(browser.inbox.length, 0);
    vnc.socket.write(FAILED);
    await endsWith(browser, 'LOGIN_FAILED');
    assert.equal(browser.inbox.length, 0);
    await vnc.gone();
  });

  test('a viewer without stored credentials answers the challenge of the server itself', async (t) => {
    for (const [result, code] of [
      [OK, null],
      [FAILED, 'LOGIN_FAILED'],
    ] as const) {
      const { browse, server } = await openGateway(t, kind, { shared: true });
      const browser = browse();
      const vnc = await server();
      await browser.read(12);
      browser.send(BANNER);
      await challenge(vnc);
      assert.deepEqual(await browser.read(2), VNC);
      browser.send(hex('02'));
      assert.deepEqual(await browser.read(16), CHALLENGE);
      browser.send(noise(16));
      assert.deepEqual(await vnc.read(16), noise(16));
      vnc.socket.write(result);
      if (code !== null) {
        assert.deepEqual(await browser.read(4), hex('00000001'));
        await endsWith(browser, code);
      } else {
        assert.deepEqual(await browser.read(4), OK);
        browser.send(hex('00'));
        assert.deepEqual(await vnc.read(1), SHARED);
      }
    }
  });

  const vaults: [string, Custody['credentials'], RegExp][] = [
    ['hangs', () => new Promise(() => {}), /within 50 ms/],
    ['throws', () => Promise.reject(new Error('hunter2 is wrong')), /failed/],
    ['returns no object', (() => 'hunter2') as never, /must be an object/],
    ['returns another kind of password', (() => ({ password: 7 })) as never, /password/],
  ];
  for (const [what, credentials, detail] of vaults) {
    test(`a vault that ${what} ends the session, and tells no secret`, async (t) => {
      const { browse, server, ends } = await openGateway(
        t,
        kind,
        { credentials: credentials! },
        { timeouts: { authorize: 50 } },
      );
      const browser = browse();
      const vnc = await server();
      await endsWith(browser, 'INTERNAL');
      const { error } = await ends.next();
      assert.match(error.message, detail);
      assert.doesNotMatch(error.message, /hunter2/);
      await vnc.gone();
    });
  }

  test('a server that offers nothing usable, or is silent, or leaves, ends it as it is', async (t) => {
    const cases: [Custody, (vnc: VncConnection) => void, ConsoleErrorCode][] = [
      [{ tls: {} }, ({ socket }) => void socket.write(NONE), 'SECURITY_UNSUPPORTED'],
      [{ viewOnly: true }, ({ socket }) => void socket.write(hex('01 05')), 'SECURITY_UNSUPPORTED'],
      [{ viewOnly: true }, ({ socket }) => void socket.write(hex('00 00000000')), 'SERVER_REFUSED'],
      [{ viewOnly: true }, () => {}, 'TIMEOUT'],
      [{ viewOnly: true }, ({ socket }) => void socket.end(NONE), 'SERVER_LOST'],
      [{ viewOnly: true }, ({ socket }) => void socket.resetAndDestroy(), 'SERVER_LOST'],
    ];
    for (const [custody, act, code] of cases) {
      const { browse, server } = await openGateway(t, kind, custody, {
        ...(code === 'TIMEOUT' && { timeouts: { handshake: 100 } }),
      });
      const browser = browse();
      const vnc = await server();
      await vnc.read(12);
      act(vnc);
      await endsWith(browser, code);
      await vnc.gone();
    }
  });

  test('a viewer who never answers does not keep the server waiting for ever', async (t) => {
    const { browse, server, ends } = await openGateway(
      t,
      kind,
      { shared: true },
      { timeouts: { signIn: 100, handshake: 5_000 } },
    );
    const browser = browse();
    const vnc = await server();
    await browser.read(12);
    browser.send(BANNER);
    await vnc.read(12);
    vnc.socket.write(Buffer.concat([VNC, CHALLENGE]));
    await browser.read(2);
    await endsWith(browser, 'IDLE');
    assert.match((await ends.next()).error.message, /no credentials from the viewer within 100 ms/);
    await vnc.gone();
  });

  test('a viewer who leaves in the middle of the handshake lets the server go', async (t) => {
    const { browse, server, ends } = await openGateway(t, kind, { credentials: { password: 'a' } });
    const browser = browse();
    const vnc = await server();
    await vnc.read(12);
    vnc.socket.write(VNC);
    await vnc.read(1);
    browser.socket.terminate();
    assert.match((await ends.next()).error.code, /^BROWSER_/);
    await vnc.gone();
  });

  test('a view-only viewer moves nothing, until the host changes that', async (t) => {
    const { browser, server, live } = await join(t, kind, { viewOnly: true });
    assert.deepEqual(await server.read(1), SHARED);
    const touches = [key(97, true), key(97, false), pointer(1), pointer(0), cutText('secret')];
    browser.send(Buffer.concat([...touches, updateRequest, ...touches]));
    assert.deepEqual(await server.read(10), updateRequest);
    const session = await live.next();
    session.update({ viewOnly: false });
    browser.send(key(97, true));
    assert.deepEqual(await server.read(8), key(97, true));
    session.update({ viewOnly: true });
    assert.deepEqual(await server.read(8), key(97, false));
    browser.send(Buffer.concat([...touches, updateRequest]));
    assert.deepEqual(await server.read(10), updateRequest);
    assert.throws(() => session.update({ viewOnly: 'no' as never }), /neither true nor false/);
  });

  test('what is copied on the server stays there, and every pixel comes', async (t) => {
    const { browser, server } = await join(t, kind, { clipboard: 'to-server' });
    await server.read(1);
    const picture = update([rectangle(0, 64, 64, noise(64 * 64 * 4))]);
    for (let round = 0; round < 50; round++) {
      server.socket.write(Buffer.concat([serverCutText('secret'), picture, serverCutText('x')]));
    }
    server.socket.write(bell);
    const expected = Buffer.concat([...Array.from({ length: 50 }, () => picture), bell]);
    assert.equal(sha256(await browser.read(expected.length)), sha256(expected));
    assert.equal(browser.inbox.length, 0);
  });

  test('a paste of megabytes passes a server that reads slowly, and updates come meanwhile', async (t) => {
    const { browser, server } = await join(t, kind, { credentials: {} });
    await server.read(1);
    server.socket.pause();
    const paste = cutText(noise(4 * 1024 * 1024));
    for (let at = 0; at < paste.length; at += 500_000) {
      browser.send(paste.subarray(at, at + 500_000));
    }
    server.socket.write(bell);
    assert.deepEqual(await browser.read(1), bell);
    server.socket.resume();
    assert.equal(sha256(await server.read(paste.length, 20_000)), sha256(paste));
  });

  test('a message that there is not ends the session before it goes on', async (t) => {
    const { browser, server } = await join(t, kind, { viewOnly: true });
    await server.read(1);
    browser.send(Buffer.concat([setEncodings(0), hex('77')]));
    await endsWith(browser, 'BROWSER_PROTOCOL');
    await server.gone();
  });

  test('a server that cannot be followed ends a session whose rule needs it to be', async (t) => {
    const { browser, server } = await join(t, kind, { clipboard: 'none' });
    await server.read(1);
    server.socket.write(hex('77'));
    await endsWith(browser, 'SERVER_PROTOCOL');
    await server.gone();
  });
});
