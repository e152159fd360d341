import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Target } from '../../lib/index.ts';
import { CERTIFICATE } from '../helpers/certificate.ts';
import { lacking } from '../helpers/system.ts';
import type { Host } from './host-app.ts';
import { openStage, type Stage } from './stage.ts';
import { startTigerVnc, type XServer } from './x-server.ts';

const PASSWORD = 'hunter2';

describe('a console whose credentials stay on the server', {
  skip: lacking('chromium', 'Xtigervnc', 'vncpasswd', 'xsetroot'),
}, () => {
  let stage: Stage;
  let host: Host;
  const targets: Record<string, Target> = {};

  before(async () => {
    stage = await openStage();
    host = await stage.startHost({ resolve: (name) => targets[name] ?? null });
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
});
