import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { LiveSession, Target } from '../../lib/index.ts';
import { Browser } from '../helpers/browser.ts';
import { hex } from '../helpers/bytes.ts';
import { Queue } from '../helpers/inbox.ts';
import { lacking } from '../helpers/system.ts';
import {
  cutText,
  extendedCutText,
  key,
  NOVNC_ENCODINGS,
  pointer,
  qemuKey,
  setDesktopSize,
  setEncodings,
  setPixelFormat,
  updateRequest,
  xvp,
} from '../rfb/helpers/browser-says.ts';
import { type EventTester, openEventTester } from './event-tester.ts';
import { eventually } from './eventually.ts';
import { type Host, startHost } from './host-app.ts';
import { startTigerVnc, type XServer } from './x-server.ts';

const BANNER = Buffer.from('RFB 003.008\n');
const A = 0x61;
const B = 0x62;
/** What a picture of everything has in bytes, as none of its encodings is smaller than its pixels. */
const PICTURE = 800 * 600 * 4;
const EVERYTHING = Buffer.from(updateRequest).fill(0, 1, 2);
// Fences would have to be answered.
const ENCODINGS = NOVNC_ENCODINGS.filter((each) => each <= 0 && ![-260, -312, -313].includes(each));

/** All that a viewer could touch, each message by itself. */
const TOUCHES = [
  ...[key(A, true), key(A, false), qemuKey(A, 30, true), qemuKey(A, 30, false)],
  ...[pointer(1, 300, 300), pointer(0, 300, 300), pointer(8, 200, 200), pointer(0, 200, 200)],
  ...[cutText('stolen'), extendedCutText(hex('10000001 789c 0300 0000 0001'))],
  ...[setDesktopSize(), xvp],
];

describe('the rights of a viewer hold against a hostile browser', {
  skip: lacking('Xtigervnc', 'xev', 'xdotool', 'xclip', 'xrandr', 'xsetroot'),
}, () => {
  let server: XServer;
  let host: Host;
  let events: EventTester;
  const targets: Record<string, Target> = {};
  const live = new Queue<LiveSession>('an open session');

  before(async () => {
    server = await startTigerVnc();
    host = await startHost({
      resolve: (name) => targets[name] ?? null,
      on: { open: (session) => live.push(session) },
    });
    events = await openEventTester(server, 'keyboard', 'button');
  });
  after(async () => {
    await host.close();
    await server.stop();
    assert.deepEqual(host.faults, []);
  });

  /** Opens a session, and does what noVNC does at its start. */
  async function open(name: string, rights: Partial<Target>): Promise<[Browser, LiveSession]> {
    targets[name] = { host: '127.0.0.1', port: server.port, ...rights } as Target;
    const url = `ws://127.0.0.1:${host.port}/console/proxy?target=${name}`;
    const browser = new Browser(url, { headers: { origin: host.origin } });
    await browser.read(12);
    browser.send(BANNER);
    await browser.read(2);
    browser.send(hex('01'));
    await browser.read(4);
    browser.send(hex('01'));
    const init = await browser.read(24);
    await browser.read(init.readUInt32BE(20));
    browser.send(setPixelFormat());
    browser.send(setEncodings(...ENCODINGS));
    return [browser, await live.next()];
  }

  /** Waits for an answer of the server's that comes after all that was sent. */
  async function seesPicture(browser: Browser): Promise<void> {
    const before = browser.inbox.length;
    browser.send(EVERYTHING);
    await eventually(
      'bytes of a picture',
      async () => {
        // What the server has to tell of itself answers a request as well as a picture does.
        browser.send(updateRequest);
        return browser.inbox.length - before;
      },
      (length) => length >= PICTURE,
    );
  }

  it('whatever a view-only viewer sends, in whatever pieces, nothing is touched', async () => {
    const [browser] = await open('look', { viewOnly: true });
    await server.run('xdotool', 'mousemove', '100', '100');
    const screens = await server.run('xrandr');
    const all = Buffer.concat(TOUCHES);
    browser.send(all);
    for (const touch of TOUCHES) browser.send(touch);
    for (const byte of all) browser.send(Buffer.of(byte));
    for (let cut = 1; cut < all.length; cut += 7) {
      browser.send(Buffer.concat([updateRequest, all.subarray(0, cut)]));
      browser.send(Buffer.concat([all.subarray(cut), updateRequest]));
    }
    await seesPicture(browser);
    assert.equal(events.seen(), '');
    assert.match(await server.run('xdotool', 'getmouselocation'), /^x:100 y:100 /);
    assert.equal(await server.run('xrandr'), screens);
    await assert.rejects(server.run('xclip', '-o', '-selection', 'clipboard'));
    browser.socket.close();
  });

  it('a change of rights lets keys through, and lets go of what is held when it is taken back', async () => {
    const [browser, session] = await open('changing', { viewOnly: true });
    browser.send(key(A, true));
    await seesPicture(browser);
    session.update({ viewOnly: false });
    browser.send(key(B, true));
    await events.saw('+b');
    session.update({ viewOnly: true });
    await events.saw('+b -b');
    browser.send(Buffer.concat([key(A, true), key(A, false)]));
    await seesPicture(browser);
    assert.equal(events.seen(), '+b -b');
    browser.socket.close();
  });

  it('a viewer who may not resize the desktop leaves it as it is', async () => {
    const [bound] = await open('bound', { resize: false });
    await seesPicture(bound);
    bound.send(setDesktopSize());
    await seesPicture(bound);
    assert.match(await server.run('xrandr'), /current 800 x 600/);
    bound.socket.close();
  });

  it('text goes the way it may go, and no other', async () => {
    for (const clipboard of ['to-server', 'none', 'to-browser', 'both'] as const) {
      const [browser] = await open(clipboard, { clipboard });
      await seesPicture(browser);
      const copied = `copied for ${clipboard}`;
      await server.run(
        'sh',
        '-c',
        `printf '${copied}' | xclip -selection clipboard >/dev/null 2>&1`,
      );
      await seesPicture(browser);
      const heard = (await browser.read(browser.inbox.length)).toString('latin1');
      const mayCopy = clipboard === 'to-browser' || clipboard === 'both';
      if (clipboard === 'to-browser') assert.ok(heard.includes(copied), clipboard);
      if (!mayCopy) assert.ok(!heard.includes(copied), clipboard);
      browser.send(cutText(`pasted by ${clipboard}`));
      await seesPicture(browser);
      const held = await server.run('xclip', '-o', '-selection', 'clipboard');
      const mayPaste = clipboard === 'to-server' || clipboard === 'both';
      assert.equal(held, mayPaste ? `pasted by ${clipboard}` : copied);
      browser.socket.close();
    }
  });
});
