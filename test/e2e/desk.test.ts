import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { lacking } from '../helpers/system.ts';
import type { Tab } from './browser.ts';
import { type Desk, startDesk } from './desk.ts';
import { type EventTester, openEventTester } from './event-tester.ts';
import type { Host } from './host-app.ts';
import { openStage, type Stage, wasSound } from './stage.ts';
import { openTerminal } from './terminal.ts';
import { startTigerVnc, type XServer } from './x-server.ts';

const skip = lacking(
  ...(['chromium', 'Xtigervnc', 'xterm', 'xev', 'xdotool', 'xwd', 'setxkbmap'] as const),
);

/** Places on a keyboard, as X counts them. */
const AT = { 1: 10, 2: 11, equal: 21, a: 38, e: 26, u: 30, i: 31, bracket: 34, caret: 49, kp7: 79 };

// Shortcuts of the browser, another tab, another window and the locks are nothing that a page
// can be told of: here they are.
describe("at one's own desk", { skip }, () => {
  let stage: Stage;
  let desk: Desk;
  let server: XServer;
  let host: Host;

  before(async () => {
    stage = await openStage();
    desk = await stage.keep(startDesk());
    server = await stage.keep(startTigerVnc());
    host = await stage.startHost();
  });
  after(() => stage.close());

  async function open(port = server.port): Promise<Tab> {
    const { tab } = desk;
    await tab.open(host.url(port));
    await desk.click();
    return tab;
  }

  /** Opens a console with a window under the mouse that tells of its keys. */
  async function withKeys(body: (tab: Tab, keys: EventTester) => Promise<void>): Promise<void> {
    const keys = await openEventTester(server, 'keyboard');
    try {
      await body(await open(), keys);
      wasSound(desk.tab);
    } finally {
      keys.stop();
    }
  }

  for (const rawKeyboard of [false, true]) {
    const kind = rawKeyboard ? 'goes by places' : 'goes by characters';
    it(`dead keys make letters on a console that ${kind}`, async () => {
      const there = await stage.keep(startTigerVnc({ rawKeyboard }));
      await there.run('setxkbmap', 'de');
      await desk.layout('de');
      const terminal = await openTerminal(there);
      await open(there.port);
      for (const [dead, letter] of [
        [AT.equal, AT.a],
        [`shift+${AT.equal}`, AT.e],
        [AT.caret, AT.u],
      ] as const) {
        await desk.press(dead);
        await desk.press(letter);
      }
      await terminal.reads('áèû');
      await there.run('setxkbmap', 'fr');
      await desk.layout('fr');
      await desk.tab.page.locator('#disconnect').focus();
      await desk.click();
      await desk.press(AT.bracket);
      await desk.press(AT.e);
      await desk.press(`shift+${AT.bracket}`);
      await desk.press(AT.i);
      await terminal.reads('áèûêï');
      wasSound(desk.tab);
    });
  }

  it('Caps Lock counts, also when it was pressed while the console did not look', async () => {
    // By characters, the VNC server would make the letter a capital by itself.
    const there = await stage.keep(startTigerVnc({ rawKeyboard: true }));
    const terminal = await openTerminal(there);
    await desk.layout('us');
    const tab = await open(there.port);
    await desk.press('Caps_Lock');
    for (const key of [AT.a, AT[1]]) await desk.press(key);
    await desk.press('Caps_Lock');
    await desk.press(AT.a);
    await terminal.reads('A1a');
    await tab.page.locator('#disconnect').focus();
    await desk.press('Caps_Lock');
    await desk.click();
    await desk.press(AT.e);
    await terminal.reads('A1aE');
    await desk.press('Caps_Lock');
    await desk.press(AT.e);
    await terminal.reads('A1aEe');
    wasSound(tab);
  });

  it('Num Lock counts, also when it was pressed while the console did not look', () =>
    withKeys(async (tab, keys) => {
      await desk.press(AT.kp7);
      await desk.press('Num_Lock');
      await desk.press(AT.kp7);
      await keys.saw('+KP_Home -KP_Home +Num_Lock -Num_Lock +KP_7 -KP_7');
      await tab.page.locator('#disconnect').focus();
      await desk.press('Num_Lock');
      await desk.click();
      await desk.press(AT.kp7);
      await keys.sees(/ \+KP_7 -KP_7 \+Num_Lock -Num_Lock \+KP_Home -KP_Home$/);
    }));

  it('no key stays down when another tab comes to the front', () =>
    withKeys(async (tab, keys) => {
      await desk.down('Control_L');
      await keys.saw('+Control_L');
      await desk.press('t');
      await tab.page.waitForFunction(() => document.visibilityState === 'hidden');
      await keys.saw('+Control_L -Control_L');
      await desk.up('Control_L');
      await desk.press('ctrl+w');
      await tab.page.waitForFunction(() => document.visibilityState === 'visible');
      await desk.click();
      await desk.press(AT.a);
      await keys.saw('+Control_L -Control_L +a -a');
    }));

  it('no key stays down when another window takes the keyboard', () =>
    withKeys(async (tab, keys) => {
      await desk.down('Alt_L');
      await desk.down('Shift_L');
      await keys.saw('+Alt_L +Shift_L');
      await desk.turnAway();
      await keys.sees(/^\+Alt_L \+Shift_L -(Alt_L|Shift_L|Meta_L) -(Alt_L|Shift_L)$/);
      await desk.up('Shift_L');
      await desk.up('Alt_L');
      assert.equal(await tab.page.evaluate(() => document.hasFocus()), false);
    }));

  it('what is the browser’s own goes to the console on the whole screen, and Esc held leads out', () =>
    withKeys(async (tab, keys) => {
      await tab.page.locator('#full-screen').click();
      await tab.page.getByText('Hold Esc to leave the full screen.').waitFor();
      await desk.press('ctrl+w');
      await desk.press('alt+Tab');
      await desk.press('Escape');
      await keys.saw('+Control_L +w -Control_L -w +Alt_L +Tab -Alt_L -Tab +Escape -Escape');
      await desk.down('Escape');
      await tab.page.waitForFunction(() => document.fullscreenElement === null);
      await desk.up('Escape');
      await tab.reaches('connected');
    }));
});
