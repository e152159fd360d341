import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { lacking } from '../helpers/system.ts';
import type { Tab } from './browser.ts';
import type { Host } from './host-app.ts';
import { openStage, type Stage } from './stage.ts';
import { freePort, startTigerVnc, type XServer } from './x-server.ts';

const skip = lacking(
  ...(['chromium', 'Xtigervnc', 'vncpasswd', 'xclock', 'xterm', 'xwd'] as const),
);

const WINDOWS = {
  wide: { width: 1440, height: 900 },
  tablet: { width: 1024, height: 768 },
  phone: { width: 390, height: 844 },
};
const SCHEMES = ['light', 'dark'] as const;

describe('every state is fit to be seen', { skip }, () => {
  let stage: Stage;
  let host: Host;
  let open: XServer;
  let locked: XServer;

  before(async () => {
    stage = await openStage();
    host = await stage.startHost({
      page: { settings: { reconnect: false } },
      resolve: (name) => {
        if (name === 'silent') return { connect: () => new Promise(() => {}) };
        if (name === 'open') return { host: '127.0.0.1', port: open.port, label: 'Build server' };
        if (name === 'locked') return { host: '127.0.0.1', port: locked.port, label: 'Vault' };
        return undefined;
      },
    });
    open = await stage.keep(startTigerVnc({ size: '1280x720', name: 'build:1' }));
    locked = await stage.keep(startTigerVnc({ password: 'secret' }));
    open.start('xclock', '-geometry', '300x300+900+60');
    open.start('xterm', '-geometry', '90x30+40+40');
  });
  after(() => stage.close());

  const states: Record<string, (tab: Tab) => Promise<void>> = {
    connecting: (tab) => tab.open(host.url('silent'), 'connecting'),
    credentials: async (tab) => {
      await tab.open(host.url('locked'), 'signing-in');
      await tab.page.getByRole('dialog').waitFor();
    },
    connected: async (tab) => {
      await tab.open(host.url('open'));
      await tab.shows(open);
    },
    clipboard: async (tab) => {
      await tab.open(host.url('open'));
      await tab.shows(open);
      await tab.page.getByRole('button', { name: 'Clipboard' }).click();
      await tab.page.locator('#clipboard').waitFor();
    },
    settings: async (tab) => {
      await tab.open(host.url('open'));
      await tab.shows(open);
      await tab.page.getByRole('button', { name: 'Settings' }).click();
      await tab.page.locator('#settings').waitFor();
    },
    keys: async (tab) => {
      await tab.open(host.url('open'));
      await tab.shows(open);
      await tab.page.getByRole('button', { name: 'Keys' }).click();
      await tab.page.locator('#keys').waitFor();
    },
    more: async (tab) => {
      await tab.page.setViewportSize(WINDOWS.phone);
      await tab.open(host.url('open'));
      await tab.shows(open);
      await tab.page.getByRole('button', { name: 'More' }).click();
      await tab.page.locator('#more').waitFor();
    },
    ended: async (tab) => {
      await tab.open(host.url('open'));
      await tab.shows(open);
      await tab.page.getByRole('button', { name: 'Disconnect' }).click();
      await tab.reaches('ended');
    },
    lost: async (tab) => {
      const server = await stage.keep(startTigerVnc({ size: '1280x720' }));
      server.start('xclock', '-geometry', '300x300+900+60');
      await tab.open(host.url(server.port));
      await tab.shows(server);
      await server.kill();
      await tab.reaches('ended');
    },
    unreachable: async (tab) => {
      await tab.open(host.url(await freePort()), 'ended');
    },
    refused: (tab) => tab.open(host.url('10.9.9.9:5901'), 'ended'),
  };

  for (const [state, reach] of Object.entries(states)) {
    it(state, () =>
      stage.withTab(async (tab) => {
        await reach(tab);
        for (const [window, size] of Object.entries(WINDOWS)) {
          await tab.page.setViewportSize(size);
          for (const colorScheme of SCHEMES) {
            await tab.page.emulateMedia({ colorScheme });
            await tab.shot(`${state}-${window}-${colorScheme}`);
          }
          await fits(tab);
          await turn(tab, 'rtl');
          await tab.shot(`${state}-${window}-rtl`);
          await fits(tab);
          await turn(tab, 'ltr');
        }
      }),
    );
  }
});

/** Nothing sticks out of the window, and no word of a button or heading is cut off unseen. */
async function fits(tab: Tab): Promise<void> {
  const outside = await tab.page.evaluate(() =>
    [...document.querySelectorAll('button, h1, h2, p, input, textarea, canvas')]
      .filter((element) => element.checkVisibility({ visibilityProperty: true }))
      // What scrolls may have more than it shows, if it is inside itself.
      .map((element) => element.closest('#tools, [popover]') ?? element)
      .filter((element) => {
        const { left, right, top, bottom } = element.getBoundingClientRect();
        return left < -1 || right > innerWidth + 1 || top < -1 || bottom > innerHeight + 1;
      })
      .map((element) => `${element.nodeName} ${element.id} ${element.textContent?.trim()}`),
  );
  assert.deepEqual(outside, []);
  const hidden = await tab.page
    .locator('#tools')
    .evaluateAll((bars) => bars.map((bar) => bar.scrollWidth - bar.clientWidth));
  assert.ok(
    hidden.every((width) => width <= 1),
    `${hidden} pixels of tools are out of sight`,
  );
}

/** Mirrors the page, as for a language that is written from right to left. */
async function turn(tab: Tab, dir: 'ltr' | 'rtl'): Promise<void> {
  await tab.page.evaluate((dir) => {
    document.documentElement.dir = dir;
  }, dir);
}
