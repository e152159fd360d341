import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { type Machine, startMachines } from '../../demo/machines.ts';
import { lacking } from '../helpers/system.ts';
import type { Tab } from './browser.ts';
import { inEachBrowser, it } from './each-browser.ts';
import type { Host } from './host-app.ts';
import { openStage, type Stage } from './stage.ts';

const skip = lacking('chromium');

inEachBrowser('the actions of the host', { skip }, (browser) => {
  let stage: Stage;
  let machines: Machine[];
  let host: Host;
  let runs: string[] = [];

  before(async () => {
    stage = await openStage(browser);
    machines = await startMachines();
    await stage.keep(
      Promise.resolve({
        async stop() {
          await Promise.all(machines.map((machine) => machine.stop()));
        },
      }),
    );
    host = await stage.startHost({
      resolve: (name) =>
        name === 'vm 1' ? { host: '127.0.0.1', port: machines[0]!.port, label: 'Lab <1>' } : null,
      page: {
        actions: [
          {
            id: 'restart',
            label: 'Restart',
            icon: 'again',
            confirm: 'Restart {name}?',
            run: (_req, _target, name) => {
              runs.push(name);
              return { message: 'It restarts.' };
            },
          },
          { id: 'snapshot', label: 'Snapshot', run: () => void runs.push('snapshot') },
        ],
      },
    });
  });
  after(() => stage?.close());

  const outcome = (tab: Tab) => tab.page.locator('#outcome');

  it('are asked about, done once, and told of', () =>
    stage.withTab(async (tab) => {
      runs = [];
      await tab.open(host.url('vm 1'));
      await tab.page.getByRole('button', { name: 'Restart' }).click();
      const dialog = tab.page.getByRole('dialog', { name: 'Restart Lab <1>?' });
      await dialog.waitFor();
      await tab.shot('action-confirm');
      await dialog.getByRole('button', { name: 'Cancel' }).click();
      await dialog.waitFor({ state: 'hidden' });
      assert.deepEqual(runs, []);
      await tab.page.getByRole('button', { name: 'Restart' }).click();
      await dialog.getByRole('button', { name: 'Restart' }).click();
      await outcome(tab).getByText('It restarts.').waitFor();
      await tab.shot('action-done');
      assert.deepEqual(runs, ['vm 1']);
      // The keyboard is the console's again.
      await tab.page.locator('#screen canvas:focus').waitFor();
    }));

  it('need no question, and work when the console has ended', () =>
    stage.withTab(async (tab) => {
      runs = [];
      await tab.open(host.url('vm 1'));
      await tab.page.getByRole('button', { name: 'Disconnect' }).click();
      await tab.reaches('ended');
      await tab.page.getByRole('button', { name: 'Snapshot' }).click();
      await outcome(tab).getByText('Done.').waitFor();
      assert.deepEqual(runs, ['snapshot']);
    }));

  it('leave the keyboard to a panel that was opened while they were done', () =>
    stage.withTab(async (tab) => {
      let letDo = () => {};
      const held = new Promise<void>((resolve) => {
        letDo = resolve;
      });
      await tab.open(host.url('vm 1'));
      await tab.page.route('**/actions/**', async (route) => {
        await held;
        await route.continue();
      });
      await tab.page.getByRole('button', { name: 'Snapshot' }).click();
      await tab.page.locator('#open-clipboard').click();
      await tab.page.locator('#clipboard-text').fill('not for the console');
      letDo();
      await outcome(tab).getByText('Done.').waitFor();
      assert.equal(await tab.page.locator('#clipboard-text:focus').count(), 1);
    }));

  it('say in words that a sign-in has ended, or that nobody answers', () =>
    stage.withTab(async (tab) => {
      await tab.open(host.url('vm 1'));
      await tab.page.route('**/actions/**', (route) => route.fulfill({ status: 401 }));
      await tab.page.getByRole('button', { name: 'Snapshot' }).click();
      await outcome(tab).getByText('Your sign-in has ended.').waitFor();
      await tab.page.unroute('**/actions/**');
      await tab.page.route('**/actions/**', (route) => route.abort());
      await tab.page.getByRole('button', { name: 'Snapshot' }).click();
      await outcome(tab).getByText('The console server could not be reached.').waitFor();
    }));
});
