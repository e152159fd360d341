import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before } from 'node:test';
import { lacking } from '../helpers/system.ts';
import type { Tab } from './browser.ts';
import { doorsOf, inEachBrowser, it } from './each-browser.ts';
import { eventually } from './eventually.ts';
import type { Door, Host } from './host-app.ts';
import { countColours } from './picture.ts';
import { openStage, type Stage } from './stage.ts';
import { rename, startTigerVnc, startX11Vnc, type XServer } from './x-server.ts';

const skip = lacking(
  ...(['chromium', 'Xtigervnc', 'x11vnc', 'Xvfb', 'xterm', 'xclock', 'xwd', 'xrandr'] as const),
  ...(['tigervncconfig'] as const),
);

inEachBrowser('the screen', { skip }, (browser) => {
  let stage: Stage;
  let tiger: XServer;
  let x11vnc: XServer;
  let hosts: Record<Door, Host>;

  before(async () => {
    stage = await openStage(browser);
    tiger = await stage.keep(startTigerVnc());
    x11vnc = await stage.keep(startX11Vnc());
    for (const server of [tiger, x11vnc]) await furnish(server);
    hosts = {
      attach: await stage.startHost({ door: 'attach' }),
      'express-ws': await stage.startHost({ door: 'express-ws' }),
    };
  });
  after(() => stage.close());

  for (const door of doorsOf(browser)) {
    it(`shows what TigerVNC's server draws, through ${door}`, () =>
      stage.withTab(async (tab) => {
        await tab.open(hosts[door].url(tiger.port));
        await tab.shows(tiger);
      }));

    it(`shows what x11vnc shows, through ${door}`, () =>
      stage.withTab(async (tab) => {
        await tab.open(hosts[door].url(x11vnc.port));
        await tab.shows(x11vnc);
      }));
  }

  it('shows what changes', () =>
    stage.withTab(async (tab) => {
      await tab.open(hosts.attach.url(tiger.port));
      await tab.shows(tiger);
      const before = await tab.picture();
      const window = tiger.start('xterm', '-geometry', '60x10+100+300', '-bg', 'navy');
      await eventually('a new window', async () => differs(await tab.picture(), before));
      await tab.shows(tiger);
      window.kill();
      await once(window, 'exit');
      await tab.shows(tiger);
    }));

  it('puts the name of the desktop in the title, and each that it gets', () =>
    stage.withTab(async (tab) => {
      const server = await stage.keep(startTigerVnc({ name: 'Tiger' }));
      await tab.open(hosts.attach.url(server.port));
      assert.equal(await tab.page.title(), `Tiger – 127.0.0.1:${server.port}`);
      await rename(server, 'Тигр 🐅');
      await eventually(
        'the title',
        () => tab.page.title(),
        (title) => title === `Тигр 🐅 – 127.0.0.1:${server.port}`,
      );
    }));

  it('follows the remote screen when it changes its size', () =>
    stage.withTab(async (tab) => {
      const server = await stage.keep(startTigerVnc({ size: '640x480' }));
      await furnish(server);
      await tab.open(hosts.attach.url(server.port));
      await tab.shows(server);
      await server.run('xrandr', '--output', 'VNC-0', '--mode', '1024x768');
      await eventually(
        'width',
        async () => (await tab.picture()).width,
        (width) => width === 1024,
      );
      await tab.shows(server);
      assert.deepEqual(await sizeOf(tab), [1024, 768]);
    }));

  it('is never blown up beyond its own size', () =>
    stage.withTab(async (tab) => {
      await tab.open(hosts.attach.url(tiger.port));
      assert.deepEqual(await sizeOf(tab), [800, 600]);
    }));

  it('fits a small window, whole and in proportion', () =>
    stage.withTab(
      async (tab) => {
        await tab.open(hosts.attach.url(tiger.port));
        const box = (await tab.screen.boundingBox())!;
        assert.ok(box.x >= 0 && box.x + box.width <= 500, `${box.width} wide, from ${box.x}`);
        assert.ok(box.y + box.height <= 400.5, `down to ${box.y + box.height}`);
        assert.ok(Math.abs(box.width / box.height - 800 / 600) < 0.02, 'in proportion');
        assert.ok(box.width > 400, 'as large as it can be');
        const scrolls = await tab.page.evaluate(() => {
          const { scrollWidth, scrollHeight, clientWidth, clientHeight } = document.documentElement;
          return scrollWidth > clientWidth || scrollHeight > clientHeight;
        });
        assert.equal(scrolls, false);
      },
      { viewport: { width: 500, height: 400 } },
    ));

  it('follows the window when it changes its size', () =>
    stage.withTab(
      async (tab) => {
        await tab.open(hosts.attach.url(tiger.port));
        await tab.page.setViewportSize({ width: 1200, height: 800 });
        await eventually(
          'width',
          async () => (await sizeOf(tab))[0],
          (width) => width === 800,
        );
        await tab.page.setViewportSize({ width: 390, height: 844 });
        await eventually(
          'width',
          async () => (await sizeOf(tab))[0],
          (width) => width === 390,
        );
      },
      { viewport: { width: 500, height: 400 } },
    ));
});

/** Puts something to look at on a screen: a clock, and a terminal with many colours. */
async function furnish(server: XServer): Promise<void> {
  const script = 'for i in $(seq 16 231); do printf "\\033[48;5;%dm %3d " $i $i; done; sleep 600';
  server.start('xterm', '-geometry', '80x20+20+20', '-e', 'sh', '-c', script);
  await eventually(
    'colours on the screen',
    async () => countColours(await server.picture()),
    (count) => count > 100,
  );
  server.start('xclock', '-geometry', '200x200+560+40', '-bg', 'ivory');
}

async function sizeOf(tab: Tab): Promise<[width?: number, height?: number]> {
  const box = await tab.screen.boundingBox();
  return [box?.width, box?.height].map((length) => length && Math.round(length)) as [];
}

function differs(one: { rgba: Uint8Array }, other: { rgba: Uint8Array }): boolean {
  return Buffer.compare(one.rgba, other.rgba) !== 0;
}
