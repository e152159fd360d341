import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { lacking } from '../helpers/system.ts';
import type { Tab } from './browser.ts';
import { inEachBrowser, it } from './each-browser.ts';
import type { Host } from './host-app.ts';
import { openLine } from './line.ts';
import { openStage, type Stage } from './stage.ts';
import { type Qemu, startQemu } from './vnc-servers.ts';

const skip = lacking('chromium', 'qemu-system-x86_64');

inEachBrowser('the power of a virtual machine', { skip }, (browser) => {
  let stage: Stage;
  let machine: Qemu;
  let other: Qemu;
  let host: Host;

  before(async () => {
    stage = await openStage(browser);
    machine = await stage.keep(startQemu({ power: true }));
    other = await stage.keep(startQemu());
    host = await stage.startHost({
      resolve: (name) => (name === 'machine' ? machine : other).address,
    });
  });
  after(() => stage.close());

  it('is pressed for QEMU once it is asked and answered', () =>
    stage.withTab(async (tab) => {
      await tab.open(host.url('machine'));
      await press(tab, 'Shut down');
      await machine.tells('POWERDOWN');
      await press(tab, 'Reset');
      await machine.tells('RESET');
      await tab.reaches('connected');
    }));

  it('says when QEMU refuses, as it does to start the machine anew', () =>
    stage.withTab(async (tab) => {
      await tab.open(host.url('machine'));
      await press(tab, 'Reboot');
      await tab.page.locator('#outcome[data-failed]').getByText('The action failed.').waitFor();
      await tab.reaches('connected');
    }));

  it('is asked about no longer than the console is there', () =>
    stage.withTab(async (tab) => {
      const line = await stage.keep(openLine(host.port));
      await tab.open(host.url('machine').replace(host.origin, line.origin));
      await tab.page.locator('#open-power').click();
      await tab.page.locator('#power').getByRole('button', { name: 'Reset' }).click();
      await tab.page.getByRole('dialog').waitFor();
      line.cut();
      await tab.page.getByRole('dialog').waitFor({ state: 'hidden' });
      await tab.page.locator('#now:focus').waitFor();
    }));

  it('is not offered where QEMU keeps it to itself, nor to who only watches', () =>
    stage.withTab(async (tab) => {
      await tab.open(host.url('other'));
      assert.equal(await tab.page.locator('#open-power').isVisible(), false);
      await tab.open(host.url('machine'));
      await tab.page.locator('#open-power').waitFor();
      await tab.page.locator('#open-settings').click();
      await tab.page.locator('[data-setting="viewOnly"]').check();
      await tab.page.locator('#open-power').waitFor({ state: 'hidden' });
    }));
});

async function press(tab: Tab, name: string): Promise<void> {
  await tab.page.locator('#open-power').click();
  await tab.page.locator('#power').getByRole('button', { name }).click();
  await tab.page.getByRole('dialog').getByRole('button', { name }).click();
}
