import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { findProgram } from '../helpers/system.ts';
import { CHROMIUM_FLAGS, type Tab, tabOf } from './browser.ts';
import { eventually } from './eventually.ts';
import { startTigerVnc } from './x-server.ts';

/** Somebody's own computer: Chromium on a display, and a keyboard that is pressed as by hand. */
export interface Desk {
  /** The window's tab, which is not told that it is seen and has the focus when that is not so. */
  readonly tab: Tab;
  /** Presses keys together; a number is a place on the keyboard, as X counts them. */
  press(keys: string | number): Promise<void>;
  down(key: string): Promise<void>;
  up(key: string): Promise<void>;
  /** Presses the mouse in the middle of the remote screen. */
  click(): Promise<void>;
  /** Chooses the layout of the keyboard. */
  layout(name: string): Promise<void>;
  /** Gives the keyboard to another window. */
  turnAway(): Promise<void>;
  stop(): Promise<void>;
}

/** Sets up a desk. There is no window manager, which a single window does not need. */
export async function startDesk(): Promise<Desk> {
  const display = await startTigerVnc({ size: '1024x768', name: 'Desk' });
  const profile = join(display.folder, 'profile');
  const browser = display.start(
    ...([findProgram('chromium')!, ...CHROMIUM_FLAGS, '--remote-debugging-port=0'] as const),
    ...[`--user-data-dir=${profile}`, '--window-position=0,0', '--window-size=1024,768'],
    'about:blank',
  );
  const port = await eventually('the port of Chromium', () =>
    readFile(join(profile, 'DevToolsActivePort'), 'utf8').catch(() => ''),
  );
  // Playwright would have every page believe that it is seen and has the focus.
  const line = await chromium.connectOverCDP(`http://127.0.0.1:${port.split('\n')[0]}`, {
    noDefaults: true,
  });
  const tab = await tabOf(line.contexts()[0]!.pages()[0]!);
  const xdotool = (...args: string[]) => display.run('xdotool', ...args);
  return {
    tab,
    async press(keys) {
      await xdotool('key', `${keys}`);
    },
    async down(key) {
      await xdotool('keydown', key);
    },
    async up(key) {
      await xdotool('keyup', key);
    },
    async click() {
      const [x, y] = await tab.screen.evaluate((screen) => {
        const { left, top, width, height } = screen.getBoundingClientRect();
        const bar = outerHeight - innerHeight;
        return [screenX + left + width / 2, screenY + bar + top + height / 2];
      });
      await xdotool('mousemove', `${Math.round(x!)}`, `${Math.round(y!)}`, 'click', '1');
      await tab.page.waitForFunction(() => document.hasFocus());
    },
    async layout(name) {
      await display.run('setxkbmap', name);
    },
    async turnAway() {
      display.start('xterm', '-T', 'elsewhere', '-geometry', '20x2-0-0');
      const [window = ''] = (
        await xdotool('search', '--sync', '--onlyvisible', '--name', 'elsewhere')
      ).split('\n');
      await xdotool('windowfocus', window);
    },
    async stop() {
      const session = await line.newBrowserCDPSession();
      const exit = once(browser, 'exit');
      await session.send('Browser.close');
      await exit;
      await display.stop();
    },
  };
}
