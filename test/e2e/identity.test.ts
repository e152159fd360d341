import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { after, before, beforeEach } from 'node:test';
import { lacking } from '../helpers/system.ts';
import type { Tab } from './browser.ts';
import { inEachBrowser, it } from './each-browser.ts';
import { eventually } from './eventually.ts';
import { type FakeServer, startFakeServer } from './fake-server.ts';
import { type Host, MANUAL } from './host-app.ts';
import { openStage, type Stage } from './stage.ts';

const skip = lacking('chromium');

inEachBrowser('who a VNC server says it is', { skip }, (browser) => {
  let stage: Stage;
  let host: Host;
  let server: FakeServer;
  let key: Buffer;
  let approvals = 0;

  before(async () => {
    stage = await openStage(browser);
    host = await stage.startHost(MANUAL);
  });
  beforeEach(async () => {
    key = randomBytes(256);
    approvals = 0;
    server = await stage.keep(startServer());
  });
  after(() => stage.close());

  /** Starts one that offers RA2ne with its key, and hangs up when the browser goes on with it. */
  function startServer(): Promise<FakeServer> {
    return startFakeServer(async (socket) => {
      socket.write('RFB 003.008\n');
      await once(socket, 'data');
      socket.write(Buffer.from([1, 6]));
      await once(socket, 'data');
      const exponent = Buffer.alloc(256);
      exponent.writeUInt32BE(65_537, 252);
      socket.write(Buffer.concat([Buffer.from([0, 0, 8, 0]), key, exponent]));
      await once(socket, 'data');
      approvals += 1;
      socket.destroy();
    });
  }

  /** Answers the first question, with the server remembered or not. */
  async function trust(tab: Tab, isRemembered = true): Promise<void> {
    await tab.page.goto(host.url(server.port));
    const first = tab.page.getByRole('dialog', { name: 'Is this the right server?' });
    await first.getByLabel('Remember this server').setChecked(isRemembered);
    assert.match((await first.locator('#identity-sha256').textContent()) ?? '', /^[\da-f]{64}$/);
    await first.getByRole('button', { name: 'It is the same' }).click();
    await isApproved(tab, 1);
  }

  async function isApproved(tab: Tab, times: number): Promise<void> {
    await eventually('approvals', () => approvals === times);
    await tab.ending();
  }

  const alarm = (tab: Tab) =>
    tab.page.getByRole('alertdialog', { name: 'This is not the server you trusted before.' });

  /** A part of it: asking for that by the dialog's role makes Firefox ESR crash. */
  const inAlarm = (tab: Tab, selector: string) => tab.page.locator(`#stranger ${selector}`);

  it('is asked about once', () =>
    stage.withTab(async (tab) => {
      await trust(tab);
      await again(tab);
      await isApproved(tab, 2);
      await tab.page.reload();
      await isApproved(tab, 3);
    }));

  it('is asked about each time when it is not to be remembered', () =>
    stage.withTab(async (tab) => {
      await trust(tab, false);
      await again(tab);
      await tab.page.getByRole('dialog', { name: 'Is this the right server?' }).waitFor();
      await tab.page.keyboard.press('Escape');
      assert.equal((await tab.ending()).words, 'You did not trust the VNC server.');
      assert.equal(approvals, 1);
    }));

  it('is an alarm when it is another than before, and no is what Enter says', () =>
    stage.withTab(async (tab) => {
      await trust(tab);
      key = randomBytes(256);
      await again(tab);
      await alarm(tab).waitFor();
      const prints = await inAlarm(tab, 'dd').allTextContents();
      assert.equal(new Set(prints).size, 4);
      await tab.page.keyboard.press('Enter');
      assert.equal((await tab.ending()).words, 'You did not trust the VNC server.');
      assert.equal(approvals, 1);
      // Nothing was learnt from it: the old one is still the right one.
      await again(tab);
      await inAlarm(tab, 'button:text("No, disconnect")').click();
      await tab.ending();
      assert.equal(approvals, 1);
    }));

  it('can be another from now on, and the old one is a stranger then', () =>
    stage.withTab(async (tab) => {
      await trust(tab);
      const old = key;
      key = randomBytes(256);
      await again(tab);
      await inAlarm(tab, 'button:text("Trust the new key")').click();
      await isApproved(tab, 2);
      await again(tab);
      await isApproved(tab, 3);
      key = old;
      await again(tab);
      await alarm(tab).waitFor();
      assert.equal(approvals, 3);
    }));

  it('is known for each console by itself', () =>
    stage.withTab(async (tab) => {
      await trust(tab);
      const other = await stage.keep(startServer());
      await tab.page.goto(host.url(other.port));
      await tab.page.getByRole('dialog', { name: 'Is this the right server?' }).waitFor();
      assert.equal(approvals, 1);
    }));
});

function again(tab: Tab): Promise<void> {
  return tab.page.locator('.ways button:visible').first().click();
}
