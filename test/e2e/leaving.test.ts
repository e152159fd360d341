import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { lacking } from '../helpers/system.ts';
import type { Tab } from './browser.ts';
import { inEachBrowser, it } from './each-browser.ts';
import type { Host } from './host-app.ts';
import { openStage, type Stage } from './stage.ts';
import { startTigerVnc, type XServer } from './x-server.ts';

const skip = lacking('chromium', 'Xtigervnc');

inEachBrowser('a page that is left, or fails', { skip }, (browser) => {
  let stage: Stage;
  let server: XServer;
  let host: Host;

  before(async () => {
    stage = await openStage(browser);
    server = await stage.keep(startTigerVnc());
    host = await stage.startHost();
  });
  after(() => stage.close());

  it('goes without a question, unless the viewer wants one while a console is open', () =>
    stage.withTab(async (tab) => {
      const asked = leaves(tab);
      await tab.open(host.url(server.port));
      await tab.page.locator('#screen canvas').click();
      await tab.page.reload();
      assert.deepEqual(asked, []);
      await tab.reaches('connected');
      await choose(tab, 'askBeforeLeaving', true);
      await tab.page.locator('#screen canvas').click();
      await tab.page.reload();
      assert.deepEqual(asked, ['beforeunload']);
      await tab.reaches('connected');
      await tab.page.locator('#screen canvas').click();
      await tab.page.locator('#disconnect').click();
      await tab.reaches('ended');
      await tab.page.reload();
      assert.deepEqual(asked, ['beforeunload']);
    }));

  it('says that something in it failed, and goes on', () =>
    stage.withTab(async (tab) => {
      await tab.open(host.url(server.port));
      for (const fail of [
        'setTimeout(() => { throw new Error("odd"); })',
        'void Promise.reject(1)',
      ]) {
        await tab.page.evaluate(`document.getElementById('outcome').textContent = ''; ${fail}`);
        await tab.page.getByText('Something in this page failed.').waitFor();
      }
      await tab.shows(server);
      tab.errors.length = 0;
    }));
});

/** Answers the browser's questions with yes, and keeps what they were. */
function leaves(tab: Tab): string[] {
  const asked: string[] = [];
  tab.page.on('dialog', (dialog) => {
    asked.push(dialog.type());
    void dialog.accept();
  });
  return asked;
}

async function choose(tab: Tab, name: string, isOn: boolean): Promise<void> {
  await tab.page.locator('#open-settings').click();
  await tab.page.locator(`[data-setting="${name}"]`).setChecked(isOn);
  await tab.page.keyboard.press('Escape');
}
