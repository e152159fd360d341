import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { lacking } from '../helpers/system.ts';
import { rectangle, update } from '../rfb/helpers/server-says.ts';
import { inEachBrowser, it } from './each-browser.ts';
import { eventually } from './eventually.ts';
import { nextMessage, startFakeServer, welcome } from './fake-server.ts';
import type { Host } from './host-app.ts';
import { openStage, type Stage } from './stage.ts';

const skip = lacking('chromium');

const SIDE = 16;
const VMWARE_CURSOR = 0x574d_5664;
const PIXELS = update([rectangle(0, SIDE, SIDE, Buffer.alloc(4 * SIDE * SIDE, 0xff))]);
/** As TigerVNC begins: without a pixel. */
const CURSOR = update([rectangle(VMWARE_CURSOR, 0, 0, '00 00')]);

inEachBrowser('the first picture', { skip }, (browser) => {
  let stage: Stage;
  let host: Host;

  before(async () => {
    stage = await openStage(browser);
    host = await stage.startHost();
  });
  after(() => stage.close());

  it('is the first update with pixels, not one with a cursor alone', () =>
    stage.withTab(async (tab) => {
      let sendPixels = () => {};
      let isAsked = false;
      const server = await stage.keep(
        startFakeServer(async (socket) => {
          const reader = await welcome(socket, SIDE, SIDE);
          while ((await nextMessage(reader)) !== 'request');
          socket.write(CURSOR);
          sendPixels = () => socket.write(PIXELS);
          isAsked = true;
          for (;;) await nextMessage(reader);
        }),
      );
      // The page gives up waiting for pixels after a second, which a busy machine takes for less than this test.
      await tab.page.addInitScript(() => {
        const { setTimeout } = window;
        window.setTimeout = ((run: () => void, delay = 0) =>
          setTimeout(run, delay < 1_000 ? delay : 60_000)) as typeof window.setTimeout;
      });
      await tab.open(host.url(server.port), 'securing');
      await eventually('a request', () => isAsked);
      await sleep(300);
      assert.equal(await tab.page.locator('html').getAttribute('data-state'), 'securing');
      sendPixels();
      await tab.reaches('connected');
    }));

  it('is asked for twice at once, as some servers answer first with what has no pixels', () =>
    stage.withTab(async (tab) => {
      let requests = 0;
      const server = await stage.keep(
        startFakeServer(async (socket) => {
          const reader = await welcome(socket, SIDE, SIDE);
          while (requests < 2) if ((await nextMessage(reader)) === 'request') requests++;
          socket.write(Buffer.concat([CURSOR, PIXELS]));
          for (;;) await nextMessage(reader);
        }),
      );
      await tab.page.goto(host.url(server.port));
      await eventually('two requests', () => requests === 2);
      await tab.reaches('connected');
    }));

  it('does not come from the last session, however long the next has none', () =>
    stage.withTab(async (tab) => {
      let lose = () => {};
      let welcomed = 0;
      const server = await stage.keep(
        startFakeServer(async (socket) => {
          const reader = await welcome(socket, SIDE, SIDE);
          while ((await nextMessage(reader)) !== 'request');
          welcomed++;
          lose = () => socket.destroy();
          if (welcomed === 1) socket.write(PIXELS);
          for (;;) await nextMessage(reader);
        }),
      );
      await tab.open(host.url(server.port));
      lose();
      const left = tab.page.locator('#screen > canvas');
      await left.waitFor();
      await eventually('another session', () => welcomed === 2);
      assert.equal(await left.count(), 1);
      await tab.reaches('connected');
      assert.equal(await left.count(), 0);
    }));

  it('is as near as a server can bring it while noVNC is still on its way', () =>
    stage.withTab(async (tab) => {
      let isWelcome = false;
      const server = await stage.keep(
        startFakeServer(async (socket) => {
          const reader = await welcome(socket, SIDE, SIDE);
          isWelcome = true;
          while ((await nextMessage(reader)) !== 'request');
          socket.write(PIXELS);
          for (;;) await nextMessage(reader);
        }),
      );
      let letCome = () => {};
      const held = new Promise<void>((resolve) => {
        letCome = resolve;
      });
      await tab.page.route(/assets\/desktop-.*\.js/, async (route) => {
        await held;
        await route.continue();
      });
      const opening = tab.open(host.url(server.port));
      await eventually('the server to have let the viewer in', () => isWelcome);
      letCome();
      await opening;
    }));

  it('has no word of securing said before it, unless that takes a while', () =>
    stage.withTab(async (tab) => {
      const server = await stage.keep(
        startFakeServer(async (socket) => {
          socket.write('RFB 003.008\n');
          await once(socket, 'data');
        }),
      );
      await tab.page.addInitScript(() => {
        const said: unknown[] = [];
        Object.assign(window, { said });
        new MutationObserver(() => {
          const { state } = document.documentElement.dataset;
          said.push([state, document.getElementById('status')?.textContent]);
        }).observe(document, { attributeFilter: ['data-state'], subtree: true });
      });
      await tab.open(host.url(server.port), 'securing');
      await tab.page.locator('#status', { hasText: 'Securing' }).waitFor({ state: 'attached' });
      const said = await tab.page.evaluate('said');
      assert.deepEqual((said as unknown[]).at(-1), ['securing', 'Connecting']);
    }));
});
