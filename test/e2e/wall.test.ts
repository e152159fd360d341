import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { type Machine, startMachines } from '../../demo/machines.ts';
import { lacking } from '../helpers/system.ts';
import type { Tab } from './browser.ts';
import { inEachBrowser, it } from './each-browser.ts';
import type { Host } from './host-app.ts';
import { startPathProxy } from './path-proxy.ts';
import { openStage, type Stage } from './stage.ts';

const skip = lacking('chromium');

const LIST = [
  { name: 'vm 1', label: 'Mail server', group: 'Lab', description: 'Debian 13', state: 'running' },
  { name: 'vm-2', label: 'Café display', group: 'Lab', state: 'off' },
  { name: 'vm-3', label: 'Build machine', group: 'Lab', state: 'starting' },
  { name: 'vm-4', label: 'Scanner', group: 'Hall' },
];

inEachBrowser('the wall', { skip }, (browser) => {
  let stage: Stage;
  let machines: Machine[];
  let host: Host;

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
      prefix: '/deep/console',
      resolve: (name) =>
        name === 'vm 1' ? { host: '127.0.0.1', port: machines[0]!.port, label: 'Mail' } : null,
      list: () => LIST,
    });
  });
  after(() => stage?.close());

  it('opens a console by keys alone: search, arrows, Enter', () =>
    stage.withTab(async (tab) => {
      const proxy = await stage.keep(startPathProxy('/tenant', host.port));
      await tab.page.goto(`${proxy.origin}/tenant/deep/console`);
      assert.equal(tab.page.url(), `${proxy.origin}/tenant/deep/console/`);
      await tab.page.keyboard.press('/');
      assert.equal(await focused(tab), 'search');
      await tab.page.keyboard.press('ArrowDown');
      assert.equal(await focused(tab), './vm%201');
      await tab.page.keyboard.press('ArrowRight');
      assert.equal(await focused(tab), './vm-2');
      await tab.page.keyboard.press('ArrowDown');
      assert.equal(await focused(tab), './vm-4');
      await tab.page.keyboard.press('Home');
      await tab.page.keyboard.press('Enter');
      await tab.reaches('connected');
      assert.equal(tab.page.url(), `${proxy.origin}/tenant/deep/console/vm%201`);
    }));

  it('filters as one types, whatever the accents, and counts aloud', () =>
    stage.withTab(async (tab) => {
      await tab.page.goto(`${host.origin}/deep/console/`);
      const links = tab.page.getByRole('link');
      assert.equal(await links.count(), 4);
      await tab.page.keyboard.press('/');
      await tab.page.keyboard.type('cafe LAB');
      assert.deepEqual(await links.evaluateAll((all) => all.map((a) => a.getAttribute('href'))), [
        './vm-2',
      ]);
      await tab.page.getByRole('status').getByText('1 / 4').waitFor();
      assert.equal(await tab.page.getByRole('heading', { name: 'Hall' }).isVisible(), false);
      await tab.page.keyboard.type(' zzz');
      await tab.page.getByText('No console matches your search.').waitFor();
      await tab.page.keyboard.press('Escape');
      assert.equal(await links.count(), 4);
    }));

  it('looks good on a desk and in a hand, by day and by night', () =>
    stage.withTab(async (tab) => {
      for (const scheme of ['light', 'dark'] as const) {
        await tab.page.emulateMedia({ colorScheme: scheme });
        for (const [width, height] of [
          [1440, 900],
          [390, 844],
        ] as const) {
          await tab.page.setViewportSize({ width, height });
          await tab.page.goto(`${host.origin}/deep/console/`);
          await tab.shot(`wall-${scheme}-${width}`);
          const overflow = await tab.page.evaluate(
            () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
          );
          assert.equal(overflow, 0);
        }
      }
    }));
});

/** The focused card's link, or the id of what has the focus. */
function focused(tab: Tab): Promise<string | null> {
  return tab.page.evaluate(() => {
    const { activeElement } = document;
    return activeElement?.getAttribute('href') ?? activeElement?.id ?? null;
  });
}
