import assert from 'node:assert/strict';
import { after, before, beforeEach } from 'node:test';
import { ENDS } from '../../lib/errors.ts';
import { lacking } from '../helpers/system.ts';
import type { Tab } from './browser.ts';
import { inEachBrowser, it } from './each-browser.ts';
import { eventually } from './eventually.ts';
import { type Host, MANUAL } from './host-app.ts';
import { type Line, openLine } from './line.ts';
import { openStage, type Stage } from './stage.ts';
import { startTigerVnc, type XServer } from './x-server.ts';

const skip = lacking(...(['chromium', 'Xtigervnc', 'xclock', 'vncpasswd', 'xwd'] as const));

const PASSWORD = 's3cretOne';

inEachBrowser('a console that was lost', { skip }, (browser) => {
  let stage: Stage;
  let tiger: XServer;
  let locked: XServer;
  let host: Host;
  let manual: Host;
  let line: Line;
  let allowed = true;

  before(async () => {
    stage = await openStage(browser);
    tiger = await stage.keep(startTigerVnc());
    locked = await stage.keep(startTigerVnc({ password: PASSWORD }));
    tiger.start('xclock', '-geometry', '300x300+50+50');
    host = await stage.startHost({ authorize: () => allowed });
    manual = await stage.startHost(MANUAL);
    line = await stage.keep(openLine(host.port));
  });
  beforeEach(() => {
    line.mend();
    allowed = true;
  });
  after(() => stage.close());

  /** The address of a console, on the line that can be cut. */
  const onLine = (port: number) => host.url(port).replace(host.origin, line.origin);

  it('comes back by itself when the VNC server does', () =>
    stage.withTab(async (tab) => {
      let port = 0;
      const app = await stage.startHost({ resolve: () => ({ host: '127.0.0.1', port }) });
      const first = await stage.keep(startTigerVnc());
      port = first.port;
      await tab.open(app.url('vm-1'));
      await isMarked(tab, null);
      await first.kill();
      await tab.reaches('waiting');
      await tab.page.locator('#cause', { hasText: /VNC server/ }).waitFor();
      await isMarked(tab, await colourOfState(tab));
      await tab.page.locator('#countdown', { hasText: /^Trying again in \d+ s$/ }).waitFor();
      assert.equal(await tab.page.locator('#screen canvas').count(), 1, 'the last picture stays');
      const second = await stage.keep(startTigerVnc());
      second.start('xclock', '-geometry', '200x200+10+10');
      port = second.port;
      await reachesSlowly(tab, 'connected');
      await tab.shows(second);
      await isMarked(tab, null);
      await tab.page.locator('#disconnect').click();
      await tab.reaches('ended');
      await isMarked(tab, await colourOfState(tab));
    }));

  it('is given up after ten tries, says so, and can be opened again', () =>
    stage.withTab(async (tab) => {
      let port = 0;
      const app = await stage.startHost({ resolve: () => ({ host: '127.0.0.1', port }) });
      const first = await stage.keep(startTigerVnc());
      port = first.port;
      await tab.page.clock.install();
      await tab.open(app.url('vm-1'));
      await first.kill();
      await eventually(
        'the state',
        async () => {
          await tab.page.clock.runFor(5_000);
          return tab.page.locator('html').getAttribute('data-state');
        },
        (state) => state === 'ended',
      );
      assert.equal(app.ends.length, 1 + 10);
      assert.equal((await tab.ending()).words, ENDS.CONNECT_REFUSED.words);
      await tab.page.getByText('It was tried 10 times without success.').waitFor();
      // It is over: no time brings it back.
      await tab.page.clock.runFor(300_000);
      assert.equal(app.ends.length, 1 + 10);
      const second = await stage.keep(startTigerVnc());
      port = second.port;
      await tab.page.getByRole('button', { name: 'Reconnect' }).click();
      await tab.reaches('connected');
    }));

  it('comes back when the network does, and at once when asked to', () =>
    stage.withTab(async (tab) => {
      await tab.open(onLine(tiger.port));
      line.cut();
      await tab.reaches('waiting');
      // The live region said why, once.
      await tab.page.locator('[role=alert] #cause', { hasText: /\.$/ }).waitFor();
      line.mend();
      await press(tab, '#now');
      await reachesSlowly(tab, 'connected');
      await tab.shows(tiger);
      assert.equal(await tab.page.locator('#screen canvas').count(), 1);
    }));

  it('leaves the keyboard to a panel that is open', () =>
    stage.withTab(async (tab) => {
      await tab.open(onLine(tiger.port));
      await tab.page.locator('#open-settings').click();
      await tab.page.locator('[data-setting="scaling"]').focus();
      const holder = tab.page.locator('[data-setting="scaling"]:focus');
      line.cut();
      await tab.page.locator('#countdown', { hasText: /\d+ s$/ }).waitFor();
      assert.equal(await holder.count(), 1);
      line.mend();
      await reachesSlowly(tab, 'connected');
      assert.equal(await holder.count(), 1);
    }));

  it('waits while the device is offline', () =>
    stage.withTab(async (tab) => {
      await tab.open(onLine(tiger.port));
      line.cut();
      await tab.reaches('waiting');
      // Not before: Chromium may tell of no end while it plays an offline device.
      await tab.page.context().setOffline(true);
      await tab.page.locator('#countdown', { hasText: 'This device is offline.' }).waitFor();
      line.mend();
      await tab.page.context().setOffline(false);
      await reachesSlowly(tab, 'connected');
    }));

  it('stays away when the viewer wants no more of it', () =>
    stage.withTab(async (tab) => {
      await tab.open(onLine(tiger.port));
      line.cut();
      await tab.reaches('waiting');
      await press(tab, '#stop');
      assert.equal((await tab.ending()).code, '1006');
      line.mend();
      await tab.page.getByRole('button', { name: 'Reconnect' }).click();
      await reachesSlowly(tab, 'connected');
    }));

  it('stays away even when that comes as it has begun to try', () =>
    stage.withTab(async (tab) => {
      await tab.open(onLine(tiger.port));
      await tab.page.evaluate(() => {
        const root = document.documentElement;
        new MutationObserver((_, observer) => {
          if (root.dataset.state !== 'connecting') return;
          observer.disconnect();
          document.getElementById('stop')?.click();
        }).observe(root, { attributeFilter: ['data-state'] });
      });
      line.cut();
      line.mend();
      assert.equal((await tab.ending()).code, 'closed');
    }));

  it('is not tried again once it is refused', () =>
    stage.withTab(async (tab) => {
      await tab.open(onLine(tiger.port));
      allowed = false;
      line.cut();
      line.mend();
      const { code, words } = await tab.ending();
      allowed = true;
      assert.deepEqual([code, words], ['4403', ENDS.TARGET_REFUSED.words]);
      await tab.page.getByRole('button', { name: 'Try again' }).waitFor();
    }));

  it('is left to the viewer where the setting says so', () =>
    stage.withTab(async (tab) => {
      const server = await stage.keep(startTigerVnc());
      await tab.open(manual.url(server.port));
      await server.kill();
      await tab.ending();
      await tab.page.locator('#hint', { hasText: /\.$/ }).waitFor();
      await tab.page.getByRole('button', { name: 'Reconnect' }).waitFor();
    }));

  it('does not ask for the password again, and tells it to nobody', () =>
    stage.withTab(
      async (tab) => {
        await tab.open(onLine(locked.port), 'signing-in');
        await signIn(tab, 'wrong');
        assert.equal((await tab.ending()).code, 'security');
        await tab.page.getByRole('button', { name: 'Sign in again' }).click();
        const failed = tab.page.getByText('The VNC server did not accept that. Try again.');
        await failed.waitFor();
        await tab.page.getByLabel('Show what is typed').check();
        assert.equal(await field(tab).getAttribute('type'), 'text');
        await signIn(tab, PASSWORD);
        await tab.reaches('connected');

        line.cut();
        await tab.reaches('waiting');
        line.mend();
        await reachesSlowly(tab, 'connected');

        line.cut();
        await tab.reaches('waiting');
        await press(tab, '#stop');
        line.mend();
        await tab.page.getByText('Details', { exact: true }).click();
        await tab.page.getByRole('button', { name: 'Copy', exact: true }).click();
        await tab.page.getByText('Copied.').waitFor();
        const copied = await tab.page.evaluate(() => navigator.clipboard.readText());
        assert.match(copied, /^express-novnc \d+\.\d+\.\d+, noVNC 1\.7\.0\n/);
        assert.match(copied, /^end: 1006 /m);
        assert.match(copied, /^page: http:[^?]+$/m);
        assert.ok(!copied.includes(PASSWORD) && !copied.includes('wrong'));

        await tab.page.getByRole('button', { name: 'Reconnect' }).click();
        await reachesSlowly(tab, 'connected');
        await tab.page.getByRole('button', { name: 'Disconnect' }).click();
        await tab.page.getByRole('button', { name: 'Reconnect' }).click();
        await tab.reaches('signing-in');
        await field(tab).waitFor();
        assert.equal(await failed.isVisible(), false);
      },
      { permissions: ['clipboard-read', 'clipboard-write'] },
    ));

  it('is noticed when it stops answering, and when it answers again', () =>
    stage.withTab(async (tab) => {
      await tab.page.clock.install();
      await tab.open(onLine(tiger.port));
      await tab.shows(tiger);
      line.hold(true);
      await tab.page.mouse.move(...(await tab.at(300, 300)));
      await tab.page.mouse.move(...(await tab.at(20, 20)));
      await tab.page.clock.runFor(26_000);
      await tab.page.locator('html[data-stalled]').waitFor({ state: 'attached' });
      assert.match(
        (await tab.page.locator('#status').textContent()) ?? '',
        /^The connection is not answering/,
      );
      line.hold(false);
      await eventually(
        'data-stalled',
        async () => {
          await tab.page.clock.runFor(1_000);
          return tab.page.locator('html').getAttribute('data-stalled');
        },
        (stalled) => stalled === null,
      );
      await tab.reaches('connected');
    }));
});

function field(tab: Tab) {
  return tab.page.locator('input[name="password"]');
}

async function signIn(tab: Tab, password: string): Promise<void> {
  await field(tab).fill(password);
  await tab.page.getByRole('dialog').getByRole('button', { name: 'Sign in' }).click();
}

/** Presses a button at once: a mouse may come after the countdown. */
function press(tab: Tab, button: '#now' | '#stop'): Promise<void> {
  return tab.page.locator(button).evaluate((element: HTMLElement) => element.click());
}

/** A few tries may be in between. */
function reachesSlowly(tab: Tab, state: string): Promise<void> {
  return tab.page
    .locator(`html[data-state="${state}"]`)
    .waitFor({ state: 'attached', timeout: 40_000 });
}

/** Waits until the tab's icon is there, with a dot of that colour, or without one. */
async function isMarked(tab: Tab, colour: string | null): Promise<void> {
  await eventually(
    'the colour of the dot in the icon of the tab',
    async () => {
      const icon = await tab.page.locator('link[rel="icon"]').getAttribute('href');
      const svg = decodeURIComponent(icon ?? '');
      return svg.includes('<svg') && (/<circle [^>]*fill='([^']+)'/.exec(svg)?.[1] ?? null);
    },
    (found) => found === colour,
  );
}

function colourOfState(tab: Tab): Promise<string> {
  return tab.page.locator('#status').evaluate((status) => getComputedStyle(status).color);
}
