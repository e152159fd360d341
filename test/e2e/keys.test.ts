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

const FUNCTION_KEYS = Array.from({ length: 12 }, (_, at) => `F${at + 1}`);

const REBOOT = 'Reboot by SysRq';

/** What each button of the panel is to do, in the order in which they stand. */
const STROKES: Readonly<Record<string, string>> = {
  Esc: '+Escape -Escape',
  Tab: '+Tab -Tab',
  PrtSc: '+Print -Print',
  SysRq: '+Alt_L +Sys_Req -Sys_Req -Alt_L',
  ...Object.fromEntries(FUNCTION_KEYS.map((name) => [name, `+${name} -${name}`])),
  Ins: '+Insert -Insert',
  Home: '+Home -Home',
  PgUp: '+Prior -Prior',
  Up: '+Up -Up',
  Del: '+Delete -Delete',
  End: '+End -End',
  PgDn: '+Next -Next',
  Left: '+Left -Left',
  Down: '+Down -Down',
  Right: '+Right -Right',
  'Ctrl+Alt+Del': '+Control_L +Alt_L +Delete -Delete -Alt_L -Control_L',
  'Alt+Tab': '+Alt_L +Tab -Tab -Alt_L',
  'Alt+F4': '+Alt_L +F4 -F4 -Alt_L',
  'Win+R': '+Super_L +r -r -Super_L',
  [REBOOT]: '+Alt_L +Sys_Req +b -b -Sys_Req -Alt_L',
  ...Object.fromEntries(
    FUNCTION_KEYS.map((name, at) => [
      `Ctrl+Alt+${name}`,
      // The X server takes the press for its own: it would show another terminal.
      `+Control_L +Alt_L -XF86Switch_VT_${at + 1} -Alt_L -Control_L`,
    ]),
  ),
};

/** The same where the server goes by what is on a key, and finds one for it itself. */
function byKeysym(events: string): string {
  return events
    .replaceAll('Sys_Req', 'Print')
    .replace(/-XF86Switch_VT_(\d+)/, '+Shift_L +F$1 -Shift_L -XF86Switch_VT_$1');
}

inEachBrowser('keys', { skip }, (browser) => {
  let stage: Stage;
  let server: XServer;
  /** Goes by the places of keys, as machines do. */
  let machine: XServer;
  let host: Host;

  before(async () => {
    stage = await openStage(browser);
    server = await stage.keep(startTigerVnc());
    machine = await stage.keep(startTigerVnc({ rawKeyboard: true }));
    host = await stage.startHost({
      page: { keys: [{ label: REBOOT, keys: ['Alt', 'PrintScreen', 'b'] }] },
    });
  });
  after(() => stage.close());

  /** Opens a console with a window under the mouse that tells of its keys. */
  async function withKeys(
    body: (tab: Tab, keys: EventTester) => Promise<void>,
    console = server,
  ): Promise<void> {
    const keys = await openEventTester(console, 'keyboard');
    try {
      await stage.withTab(async (tab) => {
        await tab.open(host.url(console.port));
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

  it('that are held are let go of all together, those of the own keyboard too', () =>
    withKeys(async (tab, keys) => {
      await openPanel(tab);
      for (const name of ['Ctrl', 'Alt', 'Shift', 'Win']) await hold(tab, name).click();
      await tab.page.keyboard.down('k');
      const pressed = '+Control_L +Alt_L +Shift_L +Super_L +K';
      await keys.saw(pressed);
      await tab.page.locator('#keys-release').click();
      // To X, Alt is Meta while Shift is down.
      const released = '-Control_L -Meta_L -Shift_L -Super_L -k';
      await keys.saw(`${pressed} ${released}`);
      assert.equal(await tab.page.locator('#keys [aria-pressed="true"]').count(), 0);
      await tab.page.keyboard.up('k');
      await tab.page.keyboard.press('m');
      await keys.saw(`${pressed} ${released} +m -m`);
    }, machine));

  for (const [kind, console, strokeOf] of [
    ['the places of keys', () => machine, (name: string) => STROKES[name]!],
    ['what is on them', () => server, (name: string) => byKeysym(STROKES[name]!)],
  ] as const) {
    it(`come from every button of the panel, in the right order, to a console that goes by ${kind}`, () =>
      withKeys(async (tab, keys) => {
        await openPanel(tab);
        const buttons = await tab.page.locator('#keys [data-keys]').all();
        const names: string[] = [];
        for (const button of buttons) {
          names.push(
            (await button.getAttribute('aria-label')) ?? (await button.textContent())!.trim(),
          );
          await button.click();
        }
        await keys.saw(names.map(strokeOf).join(' '));
        assert.deepEqual(names, Object.keys(STROKES));
      }, console()));
  }

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

  it('are listened to no more once the console is closed', () =>
    stage.withTab(async (tab) => {
      await tab.page.addInitScript(() => {
        const listeners = new Set<unknown>();
        Object.assign(window, { listeners });
        const { addEventListener, removeEventListener } = window;
        window.addEventListener = (...of: Parameters<typeof addEventListener>) => {
          if (of[0] === 'blur') listeners.add(of[1]);
          addEventListener.apply(window, of);
        };
        window.removeEventListener = (...of: Parameters<typeof removeEventListener>) => {
          if (of[0] === 'blur') listeners.delete(of[1]);
          removeEventListener.apply(window, of);
        };
      });
      const listeners = () => tab.page.evaluate<number>('window.listeners.size');
      await tab.open(host.url(server.port));
      await tab.page.locator('#screen canvas:focus').waitFor();
      const open = await listeners();
      // By a script, as a page around this one can: the screen has the focus to the end.
      await tab.page.locator('#disconnect').evaluate((button: HTMLElement) => button.click());
      await tab.reaches('ended');
      assert.equal(await listeners(), open - 1);
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
