import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { lackingDebian13 } from '../helpers/debian-13.ts';
import { lacking } from '../helpers/system.ts';
import { UltraServer } from '../rfb/helpers/ultra-server.ts';
import type { Tab } from './browser.ts';
import { doorsOf, inEachBrowser, it } from './each-browser.ts';
import { eventually } from './eventually.ts';
import { doorkeeper, startFakeServer } from './fake-server.ts';
import type { Door, Host } from './host-app.ts';
import { NO_PAM, startTigerByPam } from './pam.ts';
import { openStage, type Stage } from './stage.ts';
import { startWayVnc } from './vnc-servers.ts';
import { startTigerVnc, startX11Vnc, type XServer } from './x-server.ts';
import { startXvp } from './xvp.ts';

const skip = lacking(
  ...(['chromium', 'Xtigervnc', 'x11vnc', 'Xvfb', 'xclock', 'vncpasswd', 'xwd'] as const),
);

const PASSWORD = 's3cret';
const USERNAME = 'ada';
const MACHINE = 'vm-7';

/** UltraVNC's MS-Logon II: it runs on Windows only, so it is played here. */
const ULTRA = 113;

/** What the page may ask for, by the labels of its fields. */
type Answers = Readonly<Partial<Record<'Machine' | 'User name' | 'Password', string>>>;

const BY_NAME: Answers = { 'User name': USERNAME, Password: PASSWORD };

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

  it('takes what UltraVNC wants to know', () =>
    stage.withTab(async (tab) => {
      const server = startFakeServer((socket) =>
        doorkeeper(socket, ULTRA, async (reader) => {
          const ultra = new UltraServer();
          socket.write(ultra.challenge);
          const [username, password] = ultra.open(await reader.read(8 + 256 + 64));
          return username === USERNAME && password === PASSWORD;
        }),
      );
      const { port } = await stage.keep(server);
      await answersAll(tab, hosts.attach.url(port), BY_NAME);
    }));

  it('takes what XVP wants to know, and shows the machine behind it', () =>
    stage.withTab(async (tab) => {
      const machine = await stage.keep(startTigerVnc());
      machine.start('xclock', '-geometry', '300x300+50+50');
      const keys = { machine: MACHINE, username: USERNAME, password: PASSWORD };
      const { port } = await stage.keep(startXvp(machine.port, keys));
      await answersAll(tab, hosts.attach.url(port), { Machine: MACHINE, ...BY_NAME });
      await tab.shows(machine);
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

const noUsers =
  lacking('chromium', 'Xtigervnc', 'sway', 'xclock', 'xwd') || NO_PAM || lackingDebian13();

inEachBrowser('signing in by a user name', { skip: noUsers }, (browser) => {
  let stage: Stage;
  let host: Host;

  before(async () => {
    stage = await openStage(browser);
    host = await stage.startHost();
  });
  after(() => stage.close());

  it('takes it to a TigerVNC that asks PAM', () =>
    stage.withTab(async (tab) => {
      const tiger = startTigerByPam(USERNAME, PASSWORD, { securityTypes: 'Plain' });
      const server = await stage.keep(tiger);
      server.start('xclock', '-geometry', '300x300+50+50');
      await answersAll(tab, host.url(server.port), BY_NAME);
      await tab.shows(server);
    }));

  it('takes it to a wayvnc that asks as Apple does', () =>
    stage.withTab(async (tab) => {
      const wayvnc = startWayVnc({ isNew: true, username: USERNAME, password: PASSWORD });
      const { address } = await stage.keep(wayvnc);
      await answersAll(tab, host.url(address.port), BY_NAME);
      await eventually('the colour of its desktop', async () => {
        const { rgba } = await tab.picture();
        return [0x33, 0x66, 0x99].every((level, at) => Math.abs(level - rgba[at]!) <= 4);
      });
    }));
});

/** Signs in to a console, with each of the answers wrong before; it is asked for those only. */
async function answersAll(tab: Tab, url: string, answers: Answers): Promise<void> {
  const dialog = tab.page.getByRole('dialog', { name: 'Sign in' });
  await tab.open(url, 'signing-in');
  for (const wrong of [...Object.keys(answers), null]) {
    await dialog.waitFor();
    for (const label of ['Machine', 'User name', 'Password'] as const) {
      assert.equal(await dialog.getByLabel(label).isVisible(), label in answers, label);
      if (!(label in answers)) continue;
      const isWrong = label === wrong;
      await dialog.getByLabel(label).fill(isWrong ? 'wrong' : answers[label]!);
    }
    await dialog.getByRole('button', { name: 'Sign in' }).click();
    if (wrong === null) break;
    assert.equal((await tab.ending()).code, 'security', `a wrong ${wrong}`);
    await tab.page.getByRole('button', { name: 'Sign in again' }).click();
    await tab.reaches('signing-in');
  }
  await tab.reaches('connected');
}

async function signIn(tab: Tab, password: string): Promise<void> {
  const dialog = tab.page.getByRole('dialog', { name: 'Sign in' });
  await dialog.getByLabel('Password').fill(password);
  await dialog.getByRole('button', { name: 'Sign in' }).click();
}
