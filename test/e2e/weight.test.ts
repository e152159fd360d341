import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { lacking } from '../helpers/system.ts';
import type { Host } from './host-app.ts';
import { openStage, type Stage } from './stage.ts';
import { startTigerVnc, type XServer } from './x-server.ts';

const skip = lacking(...(['chromium', 'Xtigervnc', 'xclock', 'xwd'] as const));

const DIST = new URL('../../dist/public/', import.meta.url);

// For a first visit, until the desktop is seen.
const MAX_REQUESTS = 6;
const MAX_SCRIPT = 95 * 1024;
const MAX_STYLE = 12 * 1024;
const MAX_PAGE = 16 * 1024;

describe('the weight of a first visit', { skip }, () => {
  let stage: Stage;
  let host: Host;
  let server: XServer;

  before(async () => {
    stage = await openStage();
    host = await stage.startHost();
    server = await stage.keep(startTigerVnc());
    server.start('xclock', '-geometry', '300x300+50+50');
  });
  after(() => stage.close());

  it(`is ${MAX_REQUESTS} requests at most, none of them to others, and little to load`, (t) =>
    stage.withTab(async (tab) => {
      await tab.open(host.url(server.port));
      await tab.shows(server);
      const requests = tab.requests.filter((address) => !address.startsWith('data:'));
      const sizes = {
        requests: requests.length,
        script: await weigh(requests, '.js'),
        style: await weigh(requests, '.css'),
        page: gzipSync(await (await fetch(host.url(server.port))).text()).length,
      };
      t.diagnostic(JSON.stringify(sizes));
      const foreign = requests.filter(
        (address) => new URL(address).host !== `127.0.0.1:${host.port}`,
      );
      assert.deepEqual(foreign, []);
      assert.ok(sizes.requests <= MAX_REQUESTS, requests.join('\n'));
      assert.ok(
        sizes.script > 20_000 && sizes.script <= MAX_SCRIPT,
        `${sizes.script} bytes of script`,
      );
      assert.ok(sizes.style > 1_000 && sizes.style <= MAX_STYLE, `${sizes.style} bytes of style`);
      assert.ok(sizes.page <= MAX_PAGE, `${sizes.page} bytes of page`);
    }));

  it('is but the page and its relay the second time', () =>
    stage.withTab(async (tab) => {
      await tab.open(host.url(server.port));
      await tab.shows(server);
      const loaded: string[] = [];
      tab.page.on('requestfinished', async (request) => {
        const sizes = await request.sizes().catch(() => null);
        if (sizes && sizes.responseBodySize > 0) loaded.push(new URL(request.url()).pathname);
      });
      await tab.open(host.url(server.port));
      await tab.shows(server);
      assert.deepEqual(loaded, [new URL(host.url(server.port)).pathname]);
    }));
});

/** The bytes of all files of one kind, as they come compressed by gzip. */
async function weigh(requests: readonly string[], kind: string): Promise<number> {
  const names = requests
    .map((address) => new URL(address).pathname)
    .filter((path) => path.endsWith(kind))
    .map((path) => path.slice(path.lastIndexOf('/') + 1));
  const files = await Promise.all(names.map((name) => readFile(new URL(`${name}.gz`, DIST))));
  return files.reduce((sum, file) => sum + file.length, 0);
}
