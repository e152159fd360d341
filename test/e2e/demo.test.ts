import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ENDS } from '../../lib/errors.ts';
import { lacking } from '../helpers/system.ts';
import type { Tab } from './browser.ts';
import { eventually } from './eventually.ts';
import { countColours } from './picture.ts';
import { openStage, type Stage } from './stage.ts';

const skip = lacking('chromium');

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The blue that Paint starts with. */
const INK = [0x3e, 0x8e, 0xd0];

describe('the demo', { skip }, () => {
  let stage: Stage;
  let demo: ChildProcess;
  let start: string;

  before(async () => {
    stage = await openStage();
    demo = spawn(process.execPath, ['--import', 'tsx', 'demo/main.ts'], {
      cwd: ROOT,
      env: { ...process.env, HOST: '127.0.0.1', PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    for await (const line of createInterface(demo.stdout!)) {
      start = /http:\S+/.exec(line)?.[0] ?? '';
      if (start) break;
    }
  });
  after(async () => {
    await stage.close();
    const exit = once(demo, 'exit');
    demo.kill();
    assert.deepEqual(await exit, [0, null]);
  });

  it('lists its machines, and opens their consoles', () =>
    stage.withTab(async (tab) => {
      await tab.page.goto(start);
      await tab.shot('demo-machines');
      await tab.page.getByRole('link', { name: 'Open console: Demo desktop' }).click();
      await tab.reaches('connected');
      assert.match(await tab.page.title(), /Demo desktop/);
      await eventually(
        'colours',
        async () => countColours(await tab.picture()),
        (n) => n > 100,
      );
      await tab.shot('demo-desktop');
    }));

  it('lets one draw with the mouse', () =>
    stage.withTab(async (tab) => {
      await tab.open(`${start}console/desk-1`);
      const points = [
        [640, 650],
        [760, 690],
        [900, 660],
      ] as const;
      assert.equal(await isInk(tab, 760, 690), false);
      await tab.page.mouse.move(...(await tab.at(...points[0])));
      await tab.page.mouse.down();
      for (const [x, y] of points) await tab.page.mouse.move(...(await tab.at(x, y)), { steps: 5 });
      await tab.page.mouse.up();
      for (const [x, y] of points) await eventually(`ink at ${x}, ${y}`, () => isInk(tab, x, y));
    }));

  it('lets one type, and copy', () =>
    stage.withTab(async (tab) => {
      await tab.open(`${start}console/desk-1`);
      await type(tab, 'copy Hello from the demo');
      await tab.page.getByRole('button', { name: 'Clipboard' }).click();
      await eventually(
        'the clipboard panel',
        () => tab.page.locator('#clipboard-text').inputValue(),
        (seen) => seen === 'Hello from the demo',
      );
    }));

  it('lets one paste', () =>
    stage.withTab(async (tab) => {
      await tab.open(`${start}console/desk-1`);
      await tab.page.getByRole('button', { name: 'Clipboard' }).click();
      await tab.page.locator('#clipboard-text').fill('name Pasted\n');
      await tab.page.getByRole('button', { name: 'Send to the console' }).click();
      await eventually(
        'title',
        () => tab.page.title(),
        (title) => title.startsWith('Pasted – '),
      );
    }));

  it('lets several look at one desktop', () =>
    stage.withTab(async (tab) => {
      await tab.open(`${start}console/desk-1`);
      await stage.withTab(async (other) => {
        await other.open(`${start}console/desk-1`);
        await type(tab, 'name Shared');
        for (const each of [tab, other]) {
          await eventually(
            'title',
            () => each.page.title(),
            (title) => title.startsWith('Shared'),
          );
        }
      });
      await tab.reaches('connected');
    }));

  it('has a desktop that asks for a password', () =>
    stage.withTab(async (tab) => {
      await tab.open(`${start}console/desk-2`, 'signing-in');
      await tab.page.getByLabel('Password').fill('guess');
      await tab.page.keyboard.press('Enter');
      assert.equal((await tab.ending()).words, 'The VNC server did not accept the credentials.');
      await tab.page.getByRole('button', { name: 'Sign in again' }).click();
      await tab.page.getByLabel('Password').fill('secret');
      await tab.page.keyboard.press('Enter');
      await tab.reaches('connected');
    }));

  it('has a desktop that the console server signs in to, and one that may only be looked at', () =>
    stage.withTab(async (tab) => {
      await tab.open(`${start}console/desk-3`);
      assert.equal(await tab.page.locator('#credentials').isVisible(), false);
      await tab.open(`${start}console/kiosk-1`);
      assert.equal(await tab.page.locator('html[data-view-only]').count(), 1);
    }));

  it('has a machine that is off, and a session that can be left from inside', () =>
    stage.withTab(async (tab) => {
      await tab.open(`${start}console/rack-7`, 'ended');
      assert.equal((await tab.ending()).words, ENDS.CONNECT_REFUSED.words);
      // Else the page comes back before it can be read.
      await tab.page.evaluate(() => localStorage.setItem('express-novnc:reconnect', 'false'));
      await tab.open(`${start}console/desk-1`);
      await type(tab, 'exit');
      assert.equal((await tab.ending()).words, ENDS.SERVER_CLOSED.words);
    }));
});

/** Types a line into the terminal, which a click raises over the other windows. */
async function type(tab: Tab, line: string): Promise<void> {
  await tab.page.mouse.click(...(await tab.at(200, 200)));
  await tab.page.keyboard.type(line);
  await tab.page.keyboard.press('Enter');
}

/** Says if the remote screen has Paint's first colour at a point, as near as its encoding lets it. */
async function isInk(tab: Tab, x: number, y: number): Promise<boolean> {
  const { width, rgba } = await tab.picture();
  const at = 4 * (y * width + x);
  return INK.every((value, channel) => Math.abs(rgba[at + channel]! - value) <= 8);
}
