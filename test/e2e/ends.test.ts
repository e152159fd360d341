import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { after, before, describe } from 'node:test';
import { ENDS } from '../../lib/errors.ts';
import { lacking } from '../helpers/system.ts';
import type { Tab } from './browser.ts';
import { doorsOf, inEachBrowser, it } from './each-browser.ts';
import { eventually } from './eventually.ts';
import { startFakeServer, startSshServer } from './fake-server.ts';
import { MANUAL } from './host-app.ts';
import { openLine } from './line.ts';
import { openStage, type Stage } from './stage.ts';
import { freePort, startTigerVnc, type XServer } from './x-server.ts';

const skip = lacking(...(['chromium', 'Xtigervnc', 'xclock', 'xwd'] as const));

inEachBrowser('the end of a console is told in words', { skip }, (browser) => {
  let stage: Stage;
  let tiger: XServer;

  before(async () => {
    stage = await openStage(browser);
    tiger = await stage.keep(startTigerVnc());
    tiger.start('xclock', '-geometry', '300x300+50+50');
  });
  after(() => stage.close());

  for (const door of doorsOf(browser)) {
    describe(`through ${door}`, () => {
      it('when the VNC server stops', () =>
        stage.withTab(async (tab) => {
          const host = await stage.startHost({ door, ...MANUAL });
          const server = await stage.keep(startTigerVnc());
          await tab.open(host.url(server.port));
          await server.stop();
          await endsWith(tab, ENDS.SERVER_CLOSED);
        }));

      it('when the VNC server is killed', () =>
        stage.withTab(async (tab) => {
          const host = await stage.startHost({ door, ...MANUAL });
          const server = await stage.keep(startTigerVnc());
          await tab.open(host.url(server.port));
          await server.kill();
          // The kernel says goodbye for it, or it resets the connection if there was more to read.
          const { words } = await tab.ending();
          assert.ok([ENDS.SERVER_CLOSED.words, ENDS.SERVER_LOST.words].some((w) => w === words));
        }));

      it('when nobody listens on the port', () =>
        stage.withTab(async (tab) => {
          const host = await stage.startHost({ door });
          await tab.open(host.url(await freePort()), 'ended');
          await endsWith(tab, ENDS.CONNECT_REFUSED);
        }));

      it('when the name has no address', () =>
        stage.withTab(async (tab) => {
          const host = await stage.startHost({ door, allow: ['*.invalid:5901'] });
          await tab.open(host.url('nowhere.invalid:5901'), 'ended');
          await endsWith(tab, ENDS.HOST_NOT_FOUND);
        }));

      it('when what answers is no VNC server', () =>
        stage.withTab(async (tab) => {
          const host = await stage.startHost({ door });
          const target = await stage.keep(startSshServer());
          await tab.open(host.url(target.port), 'ended');
          await endsWith(tab, ENDS.NOT_VNC);
        }));

      it('when nothing is said in time', () =>
        stage.withTab(async (tab) => {
          const host = await stage.startHost({ door, timeouts: { banner: 300 } });
          const target = await stage.keep(startFakeServer(() => {}));
          await tab.open(host.url(target.port), 'ended');
          await endsWith(tab, ENDS.TIMEOUT);
        }));

      it('when the app shuts its consoles down', () =>
        stage.withTab(async (tab) => {
          const host = await stage.startHost({ door, ...MANUAL });
          await tab.open(host.url(tiger.port));
          await host.consoles.close();
          await endsWith(tab, ENDS.SHUTTING_DOWN);
        }));

      it('when the app crashes', () =>
        stage.withTab(async (tab) => {
          const host = await stage.startHost({ door, ...MANUAL });
          await tab.open(host.url(tiger.port));
          await host.crash();
          await endsWith(tab, { closeCode: 1006, words: 'The connection was lost.' });
          // And again, while nobody is there to ask.
          await reconnect(tab);
          await endsWith(tab, {
            closeCode: 1006,
            words: 'The console server could not be reached.',
          });
        }));

      it('when the time is over', () =>
        stage.withTab(async (tab) => {
          const host = await stage.startHost({ door, timeouts: { session: 1_000 } });
          await tab.open(host.url(tiger.port), 'ended');
          await endsWith(tab, ENDS.MAX_DURATION);
        }));

      it('when the login has run out, which refuses the socket', () =>
        stage.withTab(async (tab) => {
          let signedIn = true;
          const host = await stage.startHost({
            door,
            before: [
              (_req, res, next) => {
                if (signedIn) next();
                else res.status(401).send('Who are you?');
              },
            ],
          });
          await tab.open(host.url(tiger.port));
          await disconnect(tab);
          signedIn = false;
          await reconnect(tab);
          const { code, words } = await tab.ending();
          assert.deepEqual([code, words], ['4401', 'Your sign-in has ended.']);
          await tab.page.getByRole('button', { name: 'Reload' }).waitFor();
        }));

      it('when a login page is what answers the socket', () =>
        stage.withTab(async (tab) => {
          let signedIn = true;
          const host = await stage.startHost({
            door,
            before: [(_req, res, next) => (signedIn ? next() : res.redirect('/login'))],
          });
          await tab.open(host.url(tiger.port));
          await disconnect(tab);
          signedIn = false;
          await reconnect(tab);
          assert.equal((await tab.ending()).words, 'Your sign-in has ended.');
        }));

      it('when the console may not be opened any longer', () =>
        stage.withTab(async (tab) => {
          let allowed = true;
          const host = await stage.startHost({ door, authorize: () => allowed });
          await tab.open(host.url(tiger.port));
          await disconnect(tab);
          allowed = false;
          await reconnect(tab);
          await endsWith(tab, ENDS.TARGET_REFUSED);
        }));

      it('when too many are open', () =>
        stage.withTab(async (tab) => {
          const host = await stage.startHost({ door, limits: { sessions: 1 } });
          await tab.open(host.url(tiger.port));
          await stage.withTab(async (second) => {
            await second.open(host.url(tiger.port), 'ended');
            await endsWith(second, ENDS.TOO_MANY);
          });
        }));

      it('when the viewer does not wait for a VNC server that says nothing', () =>
        stage.withTab(async (tab) => {
          const host = await stage.startHost({ door });
          const server = await stage.keep(startTigerVnc());
          server.freeze();
          await tab.open(host.url(server.port), 'connecting');
          await tab.page.locator('#cancel').click();
          assert.equal((await tab.ending()).code, 'closed');
          server.thaw();
          await reconnect(tab);
          await tab.reaches('connected');
        }));

      it('and another one can be opened after it', () =>
        stage.withTab(async (tab) => {
          const host = await stage.startHost({ door });
          await tab.open(host.url(tiger.port));
          await disconnect(tab);
          const { code, words } = await tab.ending();
          assert.deepEqual([code, words], ['closed', 'You closed this console.']);
          await reconnect(tab);
          await tab.reaches('connected');
          await tab.shows(tiger);
          assert.equal(await tab.page.locator('html').getAttribute('data-end-code'), null);
          await tab.page.mouse.move(...(await tab.at(10, 10)));
          assert.equal(await tab.page.locator('#screen canvas').count(), 1);
        }));
    });
  }

  it('when the VNC server has had enough of who signs in wrongly', () =>
    stage.withTab(async (tab) => {
      const host = await stage.startHost();
      const server = await stage.keep(startTigerVnc({ password: 'secret' }));
      const refused = async () => {
        const { words, detail } = await tab.ending();
        assert.equal(words, ENDS.SERVER_REFUSED.words);
        assert.match(detail, /Too many security failures/);
      };
      // It counts all who leave without having signed in.
      for (let count = 0; count < 8; count++) await knock(server.port);
      await tab.open(host.url(server.port), 'ended');
      await refused();
      assert.match(host.ends[0]?.error.message ?? '', /Too many security failures/);
      // Now noVNC is there to hear it.
      await tab.page.getByRole('button', { name: 'Try again' }).click();
      await eventually('another session', () => host.ends.length === 2);
      await refused();
    }));

  it('when it is closing already before noVNC is there', () =>
    stage.withTab(async (tab) => {
      const host = await stage.startHost();
      const line = await stage.keep(openLine(host.port));
      const server = await stage.keep(
        startFakeServer(async (socket) => {
          socket.write('RFB 003.008\n');
          await once(socket, 'data');
          // The page's part of the closing handshake gets lost, so that it takes seconds.
          line.mute();
          socket.end();
        }),
      );
      await tab.page.addInitScript(() => {
        window.WebSocket = new Proxy(WebSocket, {
          construct(Real, [url]) {
            const socket = new Real(url);
            Object.assign(window, { socket });
            return socket;
          },
        });
      });
      await tab.page.route(/assets\/desktop-.*\.js/, async (route) => {
        const isClosing = () => tab.page.evaluate('window.socket?.readyState === 2');
        await eventually('a socket that is closing', isClosing);
        // On a connection of its own: the others are mute by now.
        await route.continue({ url: route.request().url().replace(line.origin, host.origin) });
      });
      await tab.open(host.url(server.port).replace(host.origin, line.origin), 'ended');
      await endsWith(tab, ENDS.SERVER_CLOSED);
    }));

  it('when the viewer does not wait to hear why it was refused', () =>
    stage.withTab(async (tab) => {
      let allowed = true;
      let answer: (() => void) | null = null;
      const host = await stage.startHost({
        authorize: () => allowed,
        before: [
          ({ path, headers }, _res, next) => {
            if (allowed || path !== '/proxy' || headers.upgrade) next();
            else answer = next;
          },
        ],
      });
      await tab.open(host.url(tiger.port));
      await disconnect(tab);
      allowed = false;
      await reconnect(tab);
      await eventually('the question why', () => answer !== null);
      await disconnect(tab);
      assert.equal((await tab.ending()).code, 'closed');
      const answered = tab.page.waitForResponse(/\/proxy\?/);
      answer!();
      await (await answered).finished();
      assert.equal((await tab.ending()).code, 'closed');
    }));

  describe('on a page of its own', () => {
    it('when the console is not allowed', () => refusedPage('10.9.9.9:5901', ENDS.TARGET_REFUSED));
    it('when the address is none', () => refusedPage('not an address', ENDS.NAME_INVALID));
    it('when the app knows no such console', () => refusedPage('vm-13', ENDS.TARGET_UNKNOWN));

    async function refusedPage(
      name: string,
      { status, words }: { status: number; words: string },
    ): Promise<void> {
      const host = await stage.startHost({
        resolve: (asked) => (asked.startsWith('vm-') ? null : undefined),
      });
      await stage.withTab(async (tab) => {
        const response = await tab.page.goto(host.url(name));
        assert.equal(response?.status(), status);
        await tab.reaches('ended');
        await tab.page.getByRole('heading', { name: words }).waitFor();
        assert.equal(await tab.page.title(), words);
        assert.deepEqual(
          tab.requests.filter((url) => url.startsWith('ws')),
          [],
        );
      });
    }
  });
});

async function endsWith(
  tab: Tab,
  { closeCode, words }: { closeCode: number; words: string },
): Promise<void> {
  const ending = await tab.ending();
  assert.deepEqual([ending.code, ending.words], [`${closeCode}`, words]);
}

/** Connects, and leaves when the server has said something. */
async function knock(port: number): Promise<void> {
  const socket = createConnection(port, '127.0.0.1');
  await once(socket, 'data');
  socket.destroy();
  await once(socket, 'close');
}

function disconnect(tab: Tab): Promise<void> {
  return tab.page.getByRole('button', { name: 'Disconnect' }).click();
}

function reconnect(tab: Tab): Promise<void> {
  return tab.page.getByRole('button', { name: 'Reconnect' }).click();
}
