import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { RequestHandler } from 'express';
import helmet from 'helmet';
import { lacking } from '../helpers/system.ts';
import { PHONE } from './browser.ts';
import { doorsOf, inEachBrowser, it } from './each-browser.ts';
import { startPathProxy } from './path-proxy.ts';
import { openStage, type Stage } from './stage.ts';
import { startTigerVnc, type XServer } from './x-server.ts';

const skip = lacking(...(['chromium', 'Xtigervnc', 'xclock', 'xwd'] as const));

const MAX_REQUESTS = 6;
const MAX_SCRIPT_SIZE = 95 * 1024;

inEachBrowser('the page in an app', { skip }, (browser) => {
  let stage: Stage;
  let tiger: XServer;

  before(async () => {
    stage = await openStage(browser);
    tiger = await stage.keep(startTigerVnc());
    tiger.start('xclock', '-geometry', '300x300+50+50');
  });
  after(() => stage.close());

  for (const door of doorsOf(browser)) {
    it(`works under a prefix, behind a proxy that cuts another off, through ${door}`, () =>
      stage.withTab(async (tab) => {
        const host = await stage.startHost({ door, prefix: '/deep/down' });
        const proxy = await stage.keep(startPathProxy('/tenants/a', host.port));
        const folder = `${proxy.origin}/tenants/a/deep/down/`;
        await tab.open(`${folder}127.0.0.1:${tiger.port}`);
        await tab.shows(tiger);
        assert.deepEqual(
          tab.requests.filter((url) => !url.replace(/^ws/, 'http').startsWith(folder)),
          tab.requests.filter((url) => url.startsWith('data:')),
        );
      }));

    it(`keeps to helmet's policy and its nonce, and needs no string made script, through ${door}`, () =>
      stage.withTab(async (tab) => {
        const host = await stage.startHost({ door, before: strictPolicy() });
        const response = await tab.page.goto(host.url(tiger.port));
        assert.match(response?.headers()['content-security-policy'] ?? '', /'nonce-/);
        await tab.reaches('connected');
        await tab.shows(tiger);
        // A popover, a dialog's neighbours and the end are drawn under the policy too.
        await tab.page.getByRole('button', { name: 'Clipboard' }).click();
        await tab.page.getByRole('button', { name: 'Disconnect' }).click();
        assert.equal((await tab.ending()).code, 'closed');
      }));
  }

  it('mends an address that ends in a slash', () =>
    stage.withTab(async (tab) => {
      const host = await stage.startHost();
      const proxy = await stage.keep(startPathProxy('/p', host.port));
      const address = `${proxy.origin}/p/console/127.0.0.1:${tiger.port}`;
      await tab.open(`${address}/`);
      assert.equal(tab.page.url(), address);
    }));

  it('is there after few requests and little script', () =>
    stage.withTab(async (tab) => {
      const host = await stage.startHost();
      const scripts: Promise<Buffer>[] = [];
      tab.page.on('response', (response) => {
        if (response.request().resourceType() === 'script') scripts.push(response.body());
      });
      await tab.open(host.url(tiger.port));
      const requests = tab.requests.filter((url) => !url.startsWith('data:'));
      assert.ok(requests.length <= MAX_REQUESTS, requests.join('\n'));
      const sizes = (await Promise.all(scripts)).map((body) => gzipSync(body).length);
      const size = sizes.reduce((sum, each) => sum + each, 0);
      assert.ok(size > 0 && size <= MAX_SCRIPT_SIZE, `${size} bytes of script`);
    }));

  it('offers an icon to who puts a console, or the wall of them, on the home screen of a phone', () =>
    stage.withTab(async (tab) => {
      const host = await stage.startHost({ prefix: '/deep/down', list: () => [] });
      for (const url of [host.url(tiger.port), host.url('')]) {
        await tab.page.goto(url);
        const icon = tab.page.locator('link[rel="apple-touch-icon"]');
        await icon.waitFor({ state: 'attached' });
        const address = await icon.evaluate((link) => (link as HTMLLinkElement).href);
        const answer = await tab.page.request.get(address);
        assert.equal(answer.headers()['content-type'], 'image/png');
        assert.equal((await answer.body()).readUInt32BE(16), 180, 'its width');
      }
    }, PHONE));

  it('takes nothing from the query of its address', () =>
    stage.withTab(async (tab) => {
      const host = await stage.startHost();
      const address = host.url(tiger.port);
      const query =
        '?host=evil.example&port=1&path=//evil.example/x&password=x&autoconnect=0&encrypt=1' +
        '&target=10.0.0.1:5901&view_only=1&resize=remote&relay=//evil.example/';
      await tab.open(`${address}${query}#host=evil.example&path=evil`);
      await tab.shows(tiger);
      const relay = `${address.replace(/^http/, 'ws').replace(/[^/]*$/, '')}proxy?target=${encodeURIComponent(`127.0.0.1:${tiger.port}`)}`;
      assert.deepEqual(
        tab.requests.filter((url) => url.startsWith('ws')),
        [relay],
      );
      assert.deepEqual(
        tab.requests.filter(
          (url) => !/^data:/.test(url) && new URL(url).host !== new URL(address).host,
        ),
        [],
      );
    }));

  it('takes some settings from behind the # of its address, and keeps none', () =>
    stage.withTab(async (tab) => {
      const host = await stage.startHost();
      const address = host.url(tiger.port);
      await tab.open(`${address}#viewOnly&scaling=actual&theme=dark&shared=false`);
      const root = tab.page.locator('html');
      const looks = () =>
        root.evaluate(({ dataset }) => [
          ...[dataset.theme, dataset.scaling, dataset.viewOnly !== undefined],
        ]);
      assert.deepEqual(await looks(), ['dark', 'actual', true]);
      await tab.page.locator('#open-settings').click();
      assert.equal(await tab.page.locator('[data-setting="shared"]').isChecked(), true);
      await tab.page.goto('about:blank');
      await tab.open(address);
      assert.deepEqual(await looks(), ['auto', 'fit', false]);
    }));

  it('calls the console by the name that the app gives it', () =>
    stage.withTab(async (tab) => {
      const label = '<b>Büro & "Keller"</b>';
      const host = await stage.startHost({
        resolve: () => ({ host: '127.0.0.1', port: tiger.port, label }),
      });
      await tab.open(host.url('vm-42'));
      assert.equal(await tab.page.locator('h1').textContent(), label);
      assert.equal(await tab.page.title(), `Test desktop – ${label}`);
      assert.equal(await tab.screen.getAttribute('aria-label'), `Remote screen of ${label}`);
    }));

  it('says that it needs JavaScript where there is none', () =>
    stage.withTab(
      async (tab) => {
        const host = await stage.startHost();
        await tab.page.goto(host.url(tiger.port));
        await tab.page.locator('noscript p').waitFor({ state: 'visible' });
      },
      { javaScriptEnabled: false },
    ));
});

/** What a careful app does: a nonce for each answer, and helmet with a policy of its own. */
function strictPolicy(): RequestHandler[] {
  return [
    (_req, res, next) => {
      res.locals.cspNonce = randomBytes(16).toString('base64');
      next();
    },
    helmet(),
  ];
}
