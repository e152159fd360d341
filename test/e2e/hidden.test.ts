import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { lacking } from '../helpers/system.ts';
import type { Tab } from './browser.ts';
import { type Desk, startDesk } from './desk.ts';
import { eventually } from './eventually.ts';
import type { Host } from './host-app.ts';
import { openStage, type Stage, wasSound } from './stage.ts';
import { noteWakeLocks } from './wake-locks.ts';
import { startTigerVnc, type XServer } from './x-server.ts';

const skip = lacking(...(['chromium', 'Xtigervnc', 'xterm', 'xclock', 'xdotool', 'xwd'] as const));

describe('a console behind another tab', { skip }, () => {
  let stage: Stage;
  let desk: Desk;
  let host: Host;
  let port = 0;

  before(async () => {
    stage = await openStage();
    desk = await stage.keep(startDesk());
    host = await stage.startHost({ resolve: () => ({ host: '127.0.0.1', port }) });
  });
  after(() => stage.close());

  async function open(server: XServer): Promise<Tab> {
    const { tab } = desk;
    port = server.port;
    await tab.open(host.url('vm-1'));
    await tab.shows(server);
    await desk.click();
    return tab;
  }

  async function hide({ page }: Tab): Promise<void> {
    await desk.press('ctrl+t');
    await page.waitForFunction(() => document.visibilityState === 'hidden');
  }

  async function show({ page }: Tab): Promise<void> {
    await desk.press('ctrl+w');
    await page.waitForFunction(() => document.visibilityState === 'visible');
  }

  it('goes on for minutes, whether its clock runs or stands still, and is up to date after it', async () => {
    const server = await stage.keep(startTigerVnc());
    server.start('xclock', '-geometry', '300x300+50+50');
    await desk.tab.page.clock.install();
    const tab = await open(server);
    const ends = host.ends.length;
    await tab.page.evaluate(() => {
      const states: string[] = [];
      Object.assign(window, { states });
      const { dataset } = document.documentElement;
      new MutationObserver(() => states.push(`${dataset.state} ${dataset.stalled ?? ''}`)).observe(
        document.documentElement,
        { attributeFilter: ['data-state', 'data-stalled'] },
      );
    });
    await hide(tab);
    for (let second = 0; second < 60; second += 1) await tab.page.clock.runFor(1_000);
    const window = server.start('xterm', '-geometry', '60x10+100+300', '-bg', 'navy');
    await tab.shows(server);
    // A laptop that sleeps, and a browser that wakes a hidden page but once a minute.
    for (let minute = 0; minute < 3; minute += 1) await tab.page.clock.fastForward(60_000);
    window.kill();
    await show(tab);
    await tab.shows(server);
    await tab.page.clock.runFor(5_000);
    assert.deepEqual(
      await tab.page.evaluate(() => (globalThis as unknown as { states: string[] }).states),
      [],
    );
    assert.equal(host.ends.length, ends);
    wasSound(tab);
  });

  it('tries once to come back, and again when it is looked at', async () => {
    const first = await stage.keep(startTigerVnc());
    const tab = await open(first);
    await hide(tab);
    await first.kill();
    await tab.page
      .locator('#countdown', { hasText: 'It goes on once this page is looked at again.' })
      .waitFor({ state: 'attached' });
    await tab.reaches('waiting');
    const second = await stage.keep(startTigerVnc());
    second.start('xclock', '-geometry', '200x200+10+10');
    port = second.port;
    assert.equal(await tab.page.locator('html').getAttribute('data-state'), 'waiting');
    await show(tab);
    await tab.reaches('connected');
    await tab.shows(second);
    wasSound(tab);
  });

  it('does not try again just because it went there', async () => {
    const server = await stage.keep(startTigerVnc());
    const tab = await open(server);
    await server.kill();
    const countdown = tab.page.locator('#countdown');
    // One that is not over before the page is hidden.
    await countdown.filter({ hasText: / [3-9] s$/ }).waitFor();
    const ends = host.ends.length;
    await hide(tab);
    assert.match((await countdown.textContent()) ?? '', / \d s$/);
    assert.equal(host.ends.length, ends);
    await show(tab);
    wasSound(tab);
  });

  it('lets the display sleep behind another tab, and keeps it on again before it', async () => {
    const server = await stage.keep(startTigerVnc());
    server.start('xclock', '-geometry', '300x300+50+50');
    await desk.tab.prefer({ keepAwake: true });
    const locks = await noteWakeLocks(desk.tab.page);
    const tab = await open(server);
    await eventually('a lock', async () => `${await locks()}` === 'true');
    await hide(tab);
    await eventually('none', async () => `${await locks()}` === 'false');
    await show(tab);
    await eventually('another', async () => `${await locks()}` === 'false,true');
    wasSound(tab);
  });
});
