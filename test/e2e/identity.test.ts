import assert from 'node:assert/strict';
import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, beforeEach } from 'node:test';
import { lackingDebian13 } from '../helpers/debian-13.ts';
import { lacking } from '../helpers/system.ts';
import type { Tab } from './browser.ts';
import { inEachBrowser, it } from './each-browser.ts';
import { type Host, MANUAL } from './host-app.ts';
import { openStage, type Stage } from './stage.ts';
import { makeFolder, startTigerVnc, writePassword, type XServer } from './x-server.ts';

const skip = lacking('chromium', 'vncpasswd', 'xwd', 'xclock') || lackingDebian13();

const PASSWORD = 's3cret';

/** A server with a key of its own, which can be given another. */
interface Keyed {
  readonly server: XServer;
  readonly file: string;
}

inEachBrowser('who a VNC server says it is', { skip }, (browser) => {
  let stage: Stage;
  let host: Host;
  let folder: string;
  let one: Keyed;
  let other: Keyed;

  before(async () => {
    stage = await openStage(browser);
    host = await stage.startHost(MANUAL);
    folder = await makeFolder();
    one = await start('one');
    other = await start('other');
    one.server.start('xclock', '-geometry', '300x300+50+50');
  });
  beforeEach(() => writeFile(one.file, KEYS.first));
  after(async () => {
    await stage.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Starts TigerVNC, which reads its key anew for each who comes. */
  async function start(name: string): Promise<Keyed> {
    const file = join(folder, `${name}.pem`);
    await writeFile(file, KEYS.first);
    const word = await writePassword(folder, PASSWORD);
    const server = startTigerVnc({
      isNew: true,
      // The only one of its kind that noVNC knows: what comes behind the password is not encrypted.
      securityTypes: 'RA2ne',
      signIn: ['-RSAKey', file, '-PasswordFile', word],
    });
    return { server: await stage.keep(server), file };
  }

  const question = (tab: Tab) =>
    tab.page.getByRole('dialog', { name: 'Is this the right server?' });

  /** Answers the first question, with the server remembered or not. */
  async function trust(tab: Tab, isRemembered = true): Promise<void> {
    await tab.page.goto(host.url(one.server.port));
    const first = question(tab);
    await first.getByLabel('Remember this server').setChecked(isRemembered);
    const { signature, sha256 } = printsOf(KEYS.first);
    assert.equal(await first.locator('#identity-signature').textContent(), signature);
    assert.equal(await first.locator('#identity-sha256').textContent(), sha256);
    await first.getByRole('button', { name: 'It is the same' }).click();
    await comesIn(tab);
  }

  /** Signs in, which is asked for once the server is trusted. */
  async function comesIn(tab: Tab): Promise<void> {
    const dialog = tab.page.getByRole('dialog', { name: 'Sign in' });
    await dialog.getByLabel('Password').fill(PASSWORD);
    await dialog.getByRole('button', { name: 'Sign in' }).click();
    await tab.reaches('connected');
  }

  async function isRefused(tab: Tab): Promise<void> {
    assert.equal((await tab.ending()).words, 'You did not trust the VNC server.');
  }

  const alarm = (tab: Tab) =>
    tab.page.getByRole('alertdialog', { name: 'This is not the server you trusted before.' });

  /** A part of it: asking for that by the dialog's role makes Firefox ESR crash. */
  const inAlarm = (tab: Tab, selector: string) => tab.page.locator(`#stranger ${selector}`);

  it('is asked about once, and then its password', () =>
    stage.withTab(async (tab) => {
      await trust(tab);
      await tab.shows(one.server);
      await tab.page.reload();
      await comesIn(tab);
      await tab.page.reload();
      await comesIn(tab);
    }));

  it('is asked about each time when it is not to be remembered', () =>
    stage.withTab(async (tab) => {
      await trust(tab, false);
      await tab.page.reload();
      await question(tab).waitFor();
      await tab.page.keyboard.press('Escape');
      await isRefused(tab);
    }));

  it('is an alarm when it is another than before, and no is what Enter says', () =>
    stage.withTab(async (tab) => {
      await trust(tab);
      await writeFile(one.file, KEYS.second);
      await tab.page.reload();
      await alarm(tab).waitFor();
      const [before, now] = [printsOf(KEYS.first), printsOf(KEYS.second)];
      assert.deepEqual(
        new Set(await inAlarm(tab, 'dd').allTextContents()),
        new Set([before.signature, before.sha256, now.signature, now.sha256]),
      );
      await tab.page.keyboard.press('Enter');
      await isRefused(tab);
      // Nothing was learnt from it: the old one is still the right one.
      await tab.page.reload();
      await inAlarm(tab, 'button:text("No, disconnect")').click();
      await isRefused(tab);
      await writeFile(one.file, KEYS.first);
      await tab.page.reload();
      await comesIn(tab);
    }));

  it('can be another from now on, and the old one is a stranger then', () =>
    stage.withTab(async (tab) => {
      await trust(tab);
      await writeFile(one.file, KEYS.second);
      await tab.page.reload();
      await inAlarm(tab, 'button:text("Trust the new key")').click();
      await comesIn(tab);
      await tab.page.reload();
      await comesIn(tab);
      await writeFile(one.file, KEYS.first);
      await tab.page.reload();
      await alarm(tab).waitFor();
    }));

  it('is known for each console by itself', () =>
    stage.withTab(async (tab) => {
      await trust(tab);
      await tab.page.goto(host.url(other.server.port));
      await question(tab).waitFor();
    }));
});

/** Keys in PEM, made once: that takes its time. */
const KEYS = { first: makeKey(), second: makeKey() };

function makeKey(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
}

/** How TigerVNC's own viewer writes the key's SHA-1, in the first eight bytes; and its whole SHA-256. */
function printsOf(key: string): { signature: string; sha256: string } {
  const { n = '', e = '' } = createPublicKey(key).export({ format: 'jwk' });
  const modulus = Buffer.from(n, 'base64url');
  const exponent = Buffer.from(e, 'base64url');
  const told = Buffer.alloc(4 + 2 * modulus.length);
  told.writeUInt32BE(8 * modulus.length);
  modulus.copy(told, 4);
  exponent.copy(told, told.length - exponent.length);
  const sha1 = createHash('sha1').update(told).digest().subarray(0, 8);
  return {
    signature: [...sha1].map((byte) => byte.toString(16).padStart(2, '0')).join('-'),
    sha256: createHash('sha256').update(told).digest('hex'),
  };
}
