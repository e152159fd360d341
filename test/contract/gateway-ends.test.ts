import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type ConsoleErrorCode, ENDS } from '../../lib/errors.ts';
import type { LiveSession, Options, SessionEnd, Target } from '../../lib/index.ts';
import { noise, sha256 } from '../helpers/bytes.ts';
import { CERTIFICATE } from '../helpers/certificate.ts';
import { type HostKind, onEveryHost, openConsoles, relayPath } from '../helpers/hosts.ts';
import { Queue, within } from '../helpers/inbox.ts';
import { enter, openVncServer, SIGN_IN_LENGTH, type SignIn } from '../helpers/vnc-sign-in.ts';
import { VncTarget } from '../helpers/vnc-target.ts';
import * as says from '../rfb/helpers/browser-says.ts';
import { rectangle, serverCutText, update } from '../rfb/helpers/server-says.ts';

const PASSWORD = 'hunter2';
const KEPT = { credentials: { password: PASSWORD } };
const PIN = new X509Certificate(CERTIFICATE.cert).fingerprint256;

function farewell(code: ConsoleErrorCode) {
  const { closeCode, words } = ENDS[code];
  return { code: closeCode, reason: words };
}

/** Consoles for one VNC server of the tests, by the name `vm`. */
async function open(
  t: TestContext,
  kind: HostKind,
  custody: Partial<Target>,
  options: Options & { port: number },
) {
  const { port, ...others } = options;
  const ends = new Queue<SessionEnd>('the close event of a session');
  const live = new Queue<LiveSession>('the open event of a session');
  const { host, consoles, log } = await openConsoles(t, kind, {
    resolve: () => ({ host: '127.0.0.1', port, ...custody }) as Target,
    on: { open: (session) => live.push(session), close: (_session, end) => ends.push(end) },
    ...others,
  });
  return { host, consoles, log, ends, live, browse: () => host.browse(t, relayPath('vm')) };
}

/** The same, with a VNC server that asks for a password. */
async function openWithServer(
  t: TestContext,
  kind: HostKind,
  custody: Partial<Target>,
  how: Partial<SignIn> = {},
  options: Options = {},
) {
  const server = await openVncServer(t, { password: PASSWORD, ...how });
  return { ...server, ...(await open(t, kind, custody, { ...options, port: server.target.port })) };
}

/** How a server may stop in the middle of its handshake, and what that may be called. */
const STOPS: [string, (socket: Socket) => void, ConsoleErrorCode[]][] = [
  ['stalls', () => {}, ['TIMEOUT']],
  ['hangs up', (socket) => void socket.end(), ['SERVER_LOST']],
  // A reset can overtake the news of the connection.
  ['resets', (socket) => void socket.resetAndDestroy(), ['SERVER_LOST', 'CONNECT_REFUSED']],
];

onEveryHost((kind) => {
  test('credentials of a vault, asked inside TLS, open a console whose server is pinned', async (t) => {
    const tls = { fingerprint256: PIN };
    const credentials = async () => ({ password: PASSWORD });
    const custody = { credentials, tls, viewOnly: true };
    const { browse, next, ends } = await openWithServer(t, kind, custody, { tls: true });
    const browser = browse();
    const desktop = await next();
    await enter(browser, desktop);
    const picture = update([rectangle(0, 640, 480, noise(640 * 480 * 4))]);
    desktop.socket.write(picture);
    assert.equal(sha256(await browser.read(picture.length)), sha256(picture));
    browser.send(Buffer.concat([says.key(65, true), says.updateRequest]));
    assert.deepEqual(await desktop.inbox.read(10), says.updateRequest);
    desktop.socket.end();
    assert.deepEqual(await browser.closed(), farewell('SERVER_CLOSED'));
    assert.equal((await ends.next()).toServer, 1 + 10);
  });

  test('a certificate that is not the one that is pinned ends with 4526', async (t) => {
    const tls = { fingerprint256: 'ab'.repeat(32) };
    const { browse, target, ends } = await openWithServer(t, kind, { ...KEPT, tls }, { tls: true });
    assert.deepEqual(await browse().closed(), farewell('CERTIFICATE_UNTRUSTED'));
    assert.equal((await ends.next()).error.code, 'CERTIFICATE_UNTRUSTED');
    await (await target.next()).gone();
  });

  test('a server that agrees to TLS and has none is not waited for long', async (t) => {
    const custody = { ...KEPT, tls: { fingerprint256: PIN } };
    const said = Buffer.from('RFB 003.008\n\x01\x13\0\x02\0\x01\0\0\x01\x05\x01', 'latin1');
    const target = await VncTarget.open(t, { greeting: said.subarray(0, 12) });
    const timeouts = { handshake: 300 };
    const { browse } = await open(t, kind, custody, { port: target.port, timeouts });
    const browser = browse();
    const server = await target.next();
    await server.read(12);
    server.socket.write(said.subarray(12));
    assert.deepEqual(await browser.closed(), farewell('TIMEOUT'));
    await server.gone();
  });

  for (const [how, atCut, codes] of STOPS) {
    test(`a server that ${how} after any byte of its sign-in leaves nothing behind`, async (t) => {
      let cut = 0;
      const script = { password: PASSWORD, atCut, nextCut: () => cut++ };
      const { target } = await openVncServer(t, script);
      const timeouts = how === 'stalls' ? { banner: 300, handshake: 300 } : {};
      const options = { port: target.port, timeouts };
      const { browse, ends, consoles } = await open(t, kind, KEPT, options);
      const browsers = Array.from({ length: SIGN_IN_LENGTH }, browse);
      for (const browser of browsers) {
        const { code } = await browser.closed();
        assert.ok(
          codes.some((each) => ENDS[each].closeCode === code),
          `it ends with ${code}`,
        );
        assert.ok(codes.includes((await ends.next()).error.code));
        await (await target.next()).gone();
      }
      // What is still there now would be waited for.
      await within(consoles.close({ timeout: 60_000 }), 'the end of all consoles', 2_000);
    });
  }

  test('rights change while a console is open', async (t) => {
    const { browse, next, live } = await openWithServer(t, kind, { ...KEPT, viewOnly: false });
    const browser = browse();
    const desktop = await next();
    await enter(browser, desktop);
    const session = await live.next();
    browser.send(says.key(65, true));
    await desktop.inbox.read(8);
    session.update({ viewOnly: true, clipboard: 'none' });
    assert.deepEqual(await desktop.inbox.read(8), says.key(65, false));
    browser.send(Buffer.concat([says.key(66, true), says.updateRequest]));
    assert.deepEqual(await desktop.inbox.read(10), says.updateRequest);
    desktop.socket.write(Buffer.concat([serverCutText('secret'), Buffer.of(2)]));
    assert.deepEqual(await browser.read(1), Buffer.of(2));
    session.update({ viewOnly: false });
    browser.send(says.key(66, true));
    assert.deepEqual(await desktop.inbox.read(8), says.key(66, true));
  });

  test('a close of the consoles ends what is being signed in to, and waits for nothing', async (t) => {
    let told: AbortSignal | undefined;
    const credentials = (signal: AbortSignal) => {
      told = signal;
      return new Promise<never>(() => {});
    };
    const { browse, target, consoles } = await openWithServer(t, kind, { credentials });
    const browser = browse();
    await browser.read(12);
    const server = await target.next();
    await within(consoles.close({ timeout: 60_000 }), 'the end of all consoles', 2_000);
    assert.deepEqual(await browser.closed(), farewell('SHUTTING_DOWN'));
    await server.gone(1_000);
    assert.equal(told?.aborted, true);
  });
});
