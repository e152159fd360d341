import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { lacking } from '../helpers/system.ts';
import type { Tab } from './browser.ts';
import { inEachBrowser, it } from './each-browser.ts';
import { type EventTester, openEventTester } from './event-tester.ts';
import { eventually } from './eventually.ts';
import type { Host } from './host-app.ts';
import { openStage, type Stage } from './stage.ts';
import { openTerminal } from './terminal.ts';
import { startTigerVnc, type XServer } from './x-server.ts';

const skip = lacking('chromium', 'Xtigervnc', 'xterm', 'xev', 'xdotool');

inEachBrowser('keys', { skip }, (browser) => {
  let stage: Stage;
  let server: XServer;
  let host: Host;

  before(async () => {
    stage = await openStage(browser);
    server = await stage.keep(startTigerVnc());
    host = await stage.startHost({
      page: { keys: [{ label: 'Reboot by SysRq', keys: ['Alt', 'PrintScreen', 'b'] }] },
    });
  });
  after(() => stage.close());

  /** Opens a console with a window under the mouse that tells of its keys. */
  async function withKeys(body: (tab: Tab, keys: EventTester) => Promise<void>): Promise<void> {
    const keys = await openEventTester(server, 'keyboard');
    try {
      await stage.withTab(async (tab) => {
        await tab.open(host.url(server.port));
        await body(tab, keys);
      });
    } finally {
      keys.stop();
    }
  }

  it('are held down until they are let go of, and combine with what is typed', () =>
    withKeys(async (tab, keys) => {
      await openPanel(tab);
      await hold(tab, 'Ctrl').click();
      await hold(tab, 'Alt').click();
      await keys.saw('+Control_L +Alt_L');
      assert.equal(await hold(tab, 'Ctrl').getAttribute('aria-pressed'), 'true');
      assert.equal(await tab.page.locator('#open-keys').getAttribute('data-held'), 'Ctrl Alt');
      await tab.page.keyboard.press('x');
      await keys.saw('+Control_L +Alt_L +x -x');
      await hold(tab, 'Ctrl').click();
      await hold(tab, 'Alt').click();
      await keys.saw('+Control_L +Alt_L +x -x -Control_L -Alt_L');
      assert.equal(await tab.page.locator('#open-keys').getAttribute('data-held'), null);
    }));

  it('that are held stay down when the same key of the own keyboard is let go of', () =>
    withKeys(async (tab, keys) => {
      await openPanel(tab);
      await hold(tab, 'Shift').click();
      await tab.page.keyboard.press('Shift');
      await tab.page.keyboard.press('F6');
      await keys.saw('+Shift_L +F6 -F6');
      await tab.page.locator('#keys-release').click();
      await keys.saw('+Shift_L +F6 -F6 -Shift_L');
    }));

  it('come one by one and together from the panel, in the right order', () =>
    withKeys(async (tab, keys) => {
      await openPanel(tab);
      const press = (name: string) =>
        tab.page.locator('#keys').getByRole('button', { name, exact: true }).click();
      await press('F9');
      await press('Alt+F4');
      await press('Win+R');
      await press('Reboot by SysRq');
      await keys.saw(
        '+F9 -F9 +Alt_L +F4 -F4 -Alt_L +Super_L +r -r -Super_L +Alt_L +Print +b -b -Print -Alt_L',
      );
      await press('Ctrl+Alt+F2');
      await keys.sees(/ \+Control_L \+Alt_L .*\bF2 .*-Alt_L -Control_L$/);
    }));

  it('are let go of when the window loses the keyboard', () =>
    withKeys(async (tab, keys) => {
      await openPanel(tab);
      await hold(tab, 'Ctrl').click();
      await tab.page.keyboard.down('k');
      await keys.saw('+Control_L +k');
      await tab.page.evaluate(() => window.dispatchEvent(new FocusEvent('blur')));
      await eventually(
        'the keys that are up',
        () => keys.seen(),
        (seen) => seen.includes('-Control_L') && seen.includes('-k'),
      );
      assert.equal(await hold(tab, 'Ctrl').getAttribute('aria-pressed'), 'false');
    }));

  it('are let go of when the keyboard goes to a button of the page', () =>
    withKeys(async (tab, keys) => {
      await tab.page.keyboard.down('Control');
      await keys.saw('+Control_L');
      await tab.page.locator('#open-keys').focus();
      await keys.saw('+Control_L -Control_L');
      await tab.page.keyboard.up('Control');
    }));

  it('of the panel take the keyboard from nobody who came with it', () =>
    withKeys(async (tab, keys) => {
      await openPanel(tab);
      await tab.page.locator('#keys').getByRole('button', { name: 'F5', exact: true }).focus();
      await tab.page.keyboard.press('Enter');
      await keys.saw('+F5 -F5');
      assert.equal(await tab.page.locator('#keys :focus').textContent(), 'F5');
    }));

  it('with AltGr arrive as the characters they are', () =>
    stage.withTab(async (tab) => {
      const terminal = await openTerminal(server);
      try {
        await tab.open(host.url(server.port));
        const cdp = await tab.page.context().newCDPSession(tab.page);
        const send = (type: 'rawKeyDown' | 'keyDown' | 'keyUp', key: string, code: string) =>
          cdp.send('Input.dispatchKeyEvent', { type, key, code });
        await send('rawKeyDown', 'AltGraph', 'AltRight');
        for (const [key, code] of [
          ['@', 'KeyQ'],
          ['€', 'KeyE'],
          ['{', 'Digit7'],
        ] as const) {
          await send('keyDown', key, code);
          await send('keyUp', key, code);
        }
        await send('keyUp', 'AltGraph', 'AltRight');
        await terminal.reads('@€{');
      } finally {
        terminal.stop();
      }
    }));

  it('of other layouts and scripts arrive as the characters they are', () =>
    stage.withTab(async (tab) => {
      const terminal = await openTerminal(server);
      try {
        await tab.open(host.url(server.port));
        for (const [key, code] of [
          ['€', 'KeyE'],
          ['ж', 'Semicolon'],
          ['Я', 'KeyZ'],
          ['ß', 'Minus'],
          ['é', 'Digit2'],
        ] as const) {
          await tab.press(key, code);
        }
        await terminal.reads('€жЯßé');
      } finally {
        terminal.stop();
      }
    }));
});

async function openPanel(tab: Tab): Promise<void> {
  await tab.page.locator('#open-keys').click();
  await tab.page.locator('#keys').waitFor({ state: 'visible' });
}

function hold(tab: Tab, name: string) {
  return tab.page.locator('[data-hold]', { hasText: name });
}
