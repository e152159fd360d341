import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { LiveSession, Target } from '../../lib/index.ts';
import { CERTIFICATE } from '../helpers/certificate.ts';
import { lacking } from '../helpers/system.ts';
import { eventually } from './eventually.ts';
import type { Host } from './host-app.ts';
import { openStage, type Stage } from './stage.ts';
import { startTigerVnc, type XServer } from './x-server.ts';

const PASSWORD = 'hunter2';

describe('a console whose credentials stay on the server', {
  skip: lacking('chromium', 'Xtigervnc', 'vncpasswd', 'xsetroot', 'xclip'),
}, () => {
  let stage: Stage;
  let host: Host;
  const targets: Record<string, Target> = {};
  const sessions: LiveSession[] = [];

  before(async () => {
    stage = await openStage();
    host = await stage.startHost({
      resolve: (name) => targets[name] ?? null,
      on: { open: (session) => sessions.push(session) },
    });
  });
  after(() => stage.close());

  async function start(securityTypes: string): Promise<XServer> {
    const server = await stage.keep(
      startTigerVnc({ password: PASSWORD, securityTypes, certificate: CERTIFICATE }),
    );
    await server.run('xsetroot', '-solid', '#336699');
    return server;
  }

  for (const [securityTypes, tls] of [
    ['VncAuth', undefined],
    ['X509Vnc', { ca: CERTIFICATE.cert, servername: 'localhost' }],
    ['TLSVnc', { allowAnonymous: true }],
    ['X509None', { ca: CERTIFICATE.cert, servername: 'localhost' }],
  ] as const) {
    test(`opens by ${securityTypes}, and asks for nothing`, async () => {
      const server = await start(securityTypes);
      targets.kept = {
        ...{ host: '127.0.0.1', port: server.port },
        credentials: { password: PASSWORD },
        ...(tls && { tls }),
      };
      await stage.withTab(async (tab) => {
        await tab.open(host.url('kept'));
        await tab.shows(server);
        assert.equal(await tab.page.locator('#credentials').isVisible(), false);
      });
    });
  }

  test('says that the credentials are wrong, and what to do', async () => {
    const server = await start('VncAuth');
    const address = { host: '127.0.0.1', port: server.port };
    targets.wrong = { ...address, credentials: { password: 'hunter3' } };
    await stage.withTab(async (tab) => {
      await tab.open(host.url('wrong'), 'ended');
      const { code, words } = await tab.ending();
      assert.deepEqual([code, words], ['4407', 'The VNC server did not accept the credentials.']);
      await tab.shot('end-login-failed');
    });
  });

  test('says that the certificate is not trusted, and opens nothing', async () => {
    const server = await start('X509Vnc');
    targets.stranger = {
      ...{ host: '127.0.0.1', port: server.port, credentials: { password: PASSWORD } },
      tls: { fingerprint256: '00'.repeat(32) },
    };
    await stage.withTab(async (tab) => {
      await tab.open(host.url('stranger'), 'ended');
      const { words } = await tab.ending();
      assert.equal(words, 'The certificate of the VNC server is not trusted.');
      await tab.shot('end-certificate');
    });
  });

  test('asks the viewer where it keeps no credentials, and passes the answer through TLS', async () => {
    const server = await start('X509Vnc');
    targets.asks = {
      ...{ host: '127.0.0.1', port: server.port },
      tls: { ca: CERTIFICATE.cert, servername: 'localhost' },
    };
    await stage.withTab(async (tab) => {
      await tab.open(host.url('asks'), 'signing-in');
      await tab.page.locator('#credentials input[name="password"]').fill(PASSWORD);
      await tab.page.keyboard.press('Enter');
      await tab.reaches('connected');
      await tab.shows(server);
    });
  });

  test('of a viewer who may only look offers nothing that would be dropped', async () => {
    const server = await start('None');
    const address = { host: '127.0.0.1', port: server.port };
    targets.look = { ...address, viewOnly: true, clipboard: 'none' };
    targets.read = { ...address, clipboard: 'to-browser' };
    await stage.withTab(async (tab) => {
      await tab.open(host.url('look'));
      await tab.shows(server);
      assert.equal(await tab.page.locator('#open-clipboard').isVisible(), false);
      assert.equal(await tab.page.locator('#open-keys').isVisible(), false);
      await tab.shot('view-only');
    });
    await stage.withTab(async (tab) => {
      await tab.open(host.url('read'));
      await tab.page.locator('#open-clipboard').click();
      await tab.page.locator('#clipboard-hint .clipboard_copies').waitFor();
      assert.equal(await tab.page.locator('#clipboard-send').isVisible(), false);
      assert.equal(await tab.page.locator('#clipboard-text').isEditable(), false);
      await tab.shot('clipboard-to-browser');
    });
  });

  test('pastes on when text may not come back any more, and takes all letters when it may again', async () => {
    const server = await start('None');
    const address = { host: '127.0.0.1', port: server.port };
    targets.changing = { ...address, clipboard: 'both' };
    await stage.withTab(async (tab) => {
      await tab.open(host.url('changing'));
      await tab.page.locator('#open-clipboard').click();
      // Again and again: what the server says of its clipboard takes a while to be here.
      const pastes = (text: string) =>
        eventually(
          `"${text}" in the clipboard there`,
          async () => {
            await tab.page.locator('#clipboard-text').fill(text);
            await tab.page.locator('#clipboard-send').click();
            return server.run('xclip', '-out', '-selection', 'clipboard').catch(() => '');
          },
          (seen) => seen === text,
        );
      await pastes('before, Жук');
      const session = sessions.at(-1)!;
      session.update({ clipboard: 'to-server' });
      await pastes('after');
      session.update({ clipboard: 'both' });
      await pastes('again, Жук');
    });
  });
});
