import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { lacking } from '../helpers/system.ts';
import type { Tab } from './browser.ts';
import { doorsOf, inEachBrowser, it } from './each-browser.ts';
import type { Door, Host } from './host-app.ts';
import { openStage, type Stage } from './stage.ts';
import { startTigerVnc, startX11Vnc, type XServer } from './x-server.ts';

const skip = lacking(
  ...(['chromium', 'Xtigervnc', 'x11vnc', 'Xvfb', 'xclock', 'vncpasswd', 'xwd'] as const),
);

const PASSWORD = 's3cret';

inEachBrowser('signing in to a VNC server', { skip }, (browser) => {
  let stage: Stage;
  let hosts: Record<Door, Host>;
  let tiger: XServer;
  let x11vnc: XServer;

  before(async () => {
    stage = await openStage(browser);
    tiger = await stage.keep(startTigerVnc({ password: PASSWORD }));
    x11vnc = await stage.keep(startX11Vnc({ password: PASSWORD }));
    for (const server of [tiger, x11vnc]) server.start('xclock', '-geometry', '300x300+50+50');
    hosts = {
      attach: await stage.startHost({ door: 'attach' }),
      'express-ws': await stage.startHost({ door: 'express-ws' }),
    };
  });
  after(() => stage.close());

  for (const door of doorsOf(browser)) {
    it(`takes the right password, through ${door}`, () =>
      stage.withTab(async (tab) => {
        await tab.open(hosts[door].url(tiger.port), 'signing-in');
        await signIn(tab, PASSWORD);
        await tab.reaches('connected');
        await tab.shows(tiger);
      }));

    it(`says that a password is wrong, and lets one try again, through ${door}`, () =>
      stage.withTab(async (tab) => {
        await tab.open(hosts[door].url(tiger.port), 'signing-in');
        await signIn(tab, 'wrong');
        const { code, words } = await tab.ending();
        assert.equal(code, 'security');
        assert.equal(words, 'The VNC server did not accept the credentials.');
        await tab.page.getByRole('button', { name: 'Sign in again' }).click();
        await tab.reaches('signing-in');
        await signIn(tab, PASSWORD);
        await tab.reaches('connected');
      }));
  }

  it("takes x11vnc's password too, and says when it is wrong", () =>
    stage.withTab(async (tab) => {
      await tab.open(hosts.attach.url(x11vnc.port), 'signing-in');
      await signIn(tab, 'wrong');
      assert.equal((await tab.ending()).words, 'The VNC server did not accept the credentials.');
      await tab.page.getByRole('button', { name: 'Sign in again' }).click();
      await tab.reaches('signing-in');
      await signIn(tab, PASSWORD);
      await tab.reaches('connected');
      await tab.shows(x11vnc);
    }));

  it('asks for what is wanted only, in a field that has the focus', () =>
    stage.withTab(async (tab) => {
      await tab.open(hosts.attach.url(tiger.port), 'signing-in');
      const dialog = tab.page.getByRole('dialog', { name: 'Sign in' });
      await dialog.waitFor();
      assert.equal(await dialog.getByLabel('User name').isVisible(), false);
      assert.equal(await dialog.getByLabel('Machine').isVisible(), false);
      await tab.page.locator('input[name="password"]:focus').waitFor();
      assert.equal(await dialog.getByLabel('Password').getAttribute('type'), 'password');
    }));

  it('can be left, by button and by key', () =>
    stage.withTab(async (tab) => {
      await tab.open(hosts.attach.url(tiger.port), 'signing-in');
      await tab.page.getByRole('button', { name: 'Cancel' }).click();
      assert.deepEqual(await tab.ending(), {
        code: 'cancelled',
        words: 'Signing in was cancelled.',
        detail: '',
      });
      await tab.page.getByRole('button', { name: 'Sign in again' }).click();
      await tab.page.getByRole('dialog', { name: 'Sign in' }).waitFor();
      await tab.page.keyboard.press('Escape');
      assert.equal((await tab.ending()).code, 'cancelled');
    }));

  it('forgets the password', () =>
    stage.withTab(async (tab) => {
      await tab.open(hosts.attach.url(tiger.port), 'signing-in');
      await signIn(tab, PASSWORD);
      await tab.reaches('connected');
      const kept = await tab.page.evaluate(() => ({
        field: document.querySelector<HTMLInputElement>('input[name="password"]')?.value,
        stores: localStorage.length + sessionStorage.length,
        address: location.href,
      }));
      assert.equal(kept.field, '');
      assert.equal(kept.stores, 0);
      assert.ok(!kept.address.includes(PASSWORD));
    }));

  it('withdraws its question when the VNC server goes away', () =>
    stage.withTab(async (tab) => {
      const server = await stage.keep(startTigerVnc({ password: PASSWORD }));
      await tab.open(hosts.attach.url(server.port), 'signing-in');
      const dialog = tab.page.getByRole('dialog', { name: 'Sign in' });
      await dialog.waitFor();
      await server.kill();
      await tab.reaches('ended');
      await dialog.waitFor({ state: 'hidden' });
    }));
});

async function signIn(tab: Tab, password: string): Promise<void> {
  const dialog = tab.page.getByRole('dialog', { name: 'Sign in' });
  await dialog.getByLabel('Password').fill(password);
  await dialog.getByRole('button', { name: 'Sign in' }).click();
}
