import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { startVncServer, type VncServer } from '../../demo/vnc-server/vnc-server.ts';
import type { PageSettings } from '../../lib/page-settings.ts';
import { lacking } from '../helpers/system.ts';
import type { Tab } from './browser.ts';
import { inEachBrowser, it } from './each-browser.ts';
import { eventually } from './eventually.ts';
import type { Host } from './host-app.ts';
import { openStage, type Stage } from './stage.ts';
import { startTigerVnc, startX11Vnc, type XServer } from './x-server.ts';

const skip = lacking(...(['chromium', 'Xtigervnc', 'x11vnc', 'Xvfb', 'xdotool', 'xterm'] as const));

const SMALL = { viewport: { width: 700, height: 500 } };

inEachBrowser('the ways to fit the screen', { skip }, (browser) => {
  let stage: Stage;
  let host: Host;
  let tiger: XServer;
  let x11vnc: XServer;
  /** Takes no size. */
  let fixed: XServer;
  /** Takes none that is small. */
  let choosy: VncServer;

  before(async () => {
    stage = await openStage(browser);
    tiger = await stage.keep(startTigerVnc());
    x11vnc = await stage.keep(startX11Vnc());
    fixed = await stage.keep(startTigerVnc({ fixedSize: true }));
    choosy = await startVncServer({ port: 0, host: '127.0.0.1', still: true });
    host = await stage.startHost();
  });
  after(async () => {
    await stage.close();
    await choosy.close();
  });

  it('enlarge it too, in proportion', () =>
    stage.withTab(async (tab) => {
      await open(tab, tiger, { scaling: 'fill' });
      const { height } = await stageOf(tab);
      await fills(tab, Math.round((height * 800) / 600), height);
      await landsWhereItWasMade(tab, tiger);
    }));

  it('show it pixel by pixel, and let it be dragged', () =>
    stage.withTab(async (tab) => {
      await open(tab, tiger, { scaling: 'actual' });
      const { width, height } = await stageOf(tab);
      await fills(tab, width, height);
      const drag = tab.page.getByRole('button', { name: 'Move the view' });
      await tab.page.mouse.move(width / 2, height / 2);
      await mouseIsAt(tiger, ...(await pointOf(tab, width / 2, height / 2)));
      await drag.click();
      assert.equal(await drag.getAttribute('aria-pressed'), 'true');
      const box = (await tab.screen.boundingBox())!;
      await tab.page.mouse.move(box.x + 400, box.y + 300);
      await tab.page.mouse.down();
      await tab.page.mouse.move(box.x + 100, box.y + 100, { steps: 5 });
      await tab.page.mouse.up();
      await drag.click();
      assert.equal(await drag.getAttribute('aria-pressed'), 'false');
      // The lower right corner has come into sight.
      await tab.page.mouse.move(box.x + 10, box.y + 20);
      await mouseIsAt(tiger, 800 - width + 10, 600 - height + 20);
      await choose(tab, 'fit');
      await drag.waitFor({ state: 'hidden' });
    }, SMALL));

  it('have the server take the size of the page, and follow it', () =>
    stage.withTab(async (tab) => {
      const server = await stage.keep(startTigerVnc());
      await open(tab, server, {});
      await choose(tab, 'remote');
      const { width, height } = await stageOf(tab);
      await screenIs(server, width, height);
      await fills(tab, width, height);
      await landsWhereItWasMade(tab, server);
      await tab.page.setViewportSize({ width: 900, height: 640 });
      const now = await stageOf(tab);
      assert.equal(now.width, 900);
      await screenIs(server, now.width, now.height);
      await fills(tab, now.width, now.height);
      await choose(tab, 'fit');
      await tab.page.setViewportSize({ width: 600, height: 640 });
      await fills(tab, 600, Math.round((600 * now.height) / now.width));
      await screenIs(server, now.width, now.height);
    }));

  it("have the server take the size of the page in the display's own pixels", () =>
    stage.withTab(
      async (tab) => {
        const server = await stage.keep(startTigerVnc());
        await open(tab, server, { scaling: 'remote-sharp' });
        const { width, height } = await stageOf(tab);
        await screenIs(server, 2 * width, 2 * height);
        await fills(tab, width, height);
        assert.equal((await tab.picture()).width, 2 * width);
        await landsWhereItWasMade(tab, server);
        await choose(tab, 'remote');
        await screenIs(server, width, height);
        await fills(tab, width, height);
        await choose(tab, 'remote-sharp');
        await screenIs(server, 2 * width, 2 * height);
        await landsWhereItWasMade(tab, server);
      },
      { ...SMALL, deviceScaleFactor: 2 },
    ));

  it('keep to whole pixels on a display with parts of them', () =>
    stage.withTab(
      async (tab) => {
        const server = await stage.keep(startTigerVnc());
        await open(tab, server, { scaling: 'remote-sharp' });
        const { width, height } = await stageOf(tab);
        const pixels = [width, height].map((side) => Math.floor(1.35 * side)) as [number, number];
        await screenIs(server, ...pixels);
        await fills(tab, width, height);
        await landsWhereItWasMade(tab, server);
      },
      { viewport: { width: 701, height: 503 }, deviceScaleFactor: 1.35 },
    ));

  it('show as much as ever on a display of many pixels', () =>
    stage.withTab(
      async (tab) => {
        await open(tab, tiger, {});
        await fills(tab, 800, 600);
        await landsWhereItWasMade(tab, tiger);
        await choose(tab, 'actual');
        await fills(tab, 800, 600);
        await landsWhereItWasMade(tab, tiger);
      },
      { deviceScaleFactor: 3 },
    ));

  for (const scaling of ['remote', 'remote-sharp'] as const) {
    for (const [what, server] of [
      ['cannot resize', () => x11vnc],
      ['refuses to resize', () => fixed],
    ] as const) {
      it(`shrink it to fit where the server ${what}: ${scaling}`, () =>
        stage.withTab(
          async (tab) => {
            await open(tab, server(), { scaling });
            const { width, height } = await stageOf(tab);
            const scale = Math.min(width / 800, height / 600);
            await fills(tab, Math.round(800 * scale), Math.round(600 * scale));
            await landsWhereItWasMade(tab, server());
            // Nor is it enlarged where there is room.
            await tab.page.setViewportSize({ width: 1300, height: 1000 });
            await fills(tab, 800, 600);
            await landsWhereItWasMade(tab, server());
          },
          { ...SMALL, deviceScaleFactor: 2 },
        ));
    }

    it(`ask again after a size that the server refused: ${scaling}`, () =>
      stage.withTab(
        async (tab) => {
          const sizes: number[] = [];
          const note = ({ width }: { width: number }) => sizes.push(width);
          choosy.on('resize', note);
          const density = scaling === 'remote' ? 1 : 2;
          await tab.prefer({ scaling });
          await tab.open(host.url(choosy.port));
          const small = await stageOf(tab);
          const { width: had, height: high } = choosy.picture;
          const scale = Math.min(small.width / had, small.height / high, 1);
          await fills(tab, Math.round(had * scale), Math.round(high * scale));
          assert.equal(sizes.length, 0);
          await tab.page.setViewportSize({ width: 900, height: 640 });
          const { width, height } = await stageOf(tab);
          await eventually('sizes', () => sizes.includes(density * width));
          await fills(tab, width, height);
          assert.equal((await tab.picture()).height, density * height);
          choosy.off('resize', note);
        },
        // Less than it serves, whatever the pixels.
        { viewport: { width: 90, height: 300 }, deviceScaleFactor: 2 },
      ));
  }

  it('leave the size of the server alone for who only watches', () =>
    stage.withTab(async (tab) => {
      const server = await stage.keep(startTigerVnc());
      await open(tab, server, { scaling: 'remote', viewOnly: true });
      await tab.shows(server);
      await screenIs(server, 800, 600);
      await fills(tab, 800, 600);
      // The wish is served as soon as the viewer may.
      await tab.page.locator('#open-settings').click();
      await tab.page.locator('[data-setting="viewOnly"]').click();
      const { width, height } = await stageOf(tab);
      await screenIs(server, width, height);
    }));

  it('show all of the last picture when the session has ended', () =>
    stage.withTab(async (tab) => {
      const server = await stage.keep(startTigerVnc());
      await open(tab, server, { scaling: 'fill', reconnect: false });
      await tab.shows(server);
      await server.kill();
      await tab.reaches('ended');
      const { width, height } = await stageOf(tab);
      const box = (await tab.screen.boundingBox())!;
      assert.ok(box.width <= width + 1 && box.height <= height + 1);
      assert.ok(box.height > 0.9 * height);
    }));

  /** Opens a console with settings that the viewer has chosen before. */
  async function open(tab: Tab, server: XServer, chosen: Partial<PageSettings>): Promise<void> {
    await tab.prefer(chosen);
    await tab.open(host.url(server.port));
  }
});

/** Chooses in the panel of settings, as a person does. */
async function choose(tab: Tab, scaling: PageSettings['scaling']): Promise<void> {
  const more = tab.page.locator('#open-more');
  if (await more.isVisible()) await more.click();
  await tab.page.locator('#open-settings').click();
  await tab.page.locator('[data-setting="scaling"]').selectOption(scaling);
  await tab.page.keyboard.press('Escape');
}

/** The room for the screen, in pixels of CSS. */
async function stageOf(tab: Tab): Promise<{ width: number; height: number }> {
  const box = (await tab.page.locator('main').boundingBox())!;
  return { width: Math.floor(box.width), height: Math.floor(box.height) };
}

/** Waits until the picture on the page is that large. */
async function fills(tab: Tab, width: number, height: number): Promise<void> {
  await eventually(
    `a picture of ${width} by ${height}`,
    async () => {
      const box = await tab.screen.boundingBox();
      return [box?.width, box?.height].map((length) => Math.round(length ?? 0)) as number[];
    },
    ([w = 0, h = 0]) => Math.abs(w - width) <= 1 && Math.abs(h - height) <= 1,
  );
}

/** Waits until the X screen is that large. */
async function screenIs(server: XServer, width: number, height: number): Promise<void> {
  await eventually(
    `an X screen of ${width} by ${height}`,
    async () => (await server.run('xdotool', 'getdisplaygeometry')).trim(),
    (size) => size === `${width} ${height}`,
  );
}

/** The point of a clipped, but unmoved screen that is under a point of the page. */
async function pointOf(tab: Tab, x: number, y: number): Promise<[x: number, y: number]> {
  const box = (await tab.screen.boundingBox())!;
  return [Math.floor(x - box.x), Math.floor(y - box.y)];
}

async function mouseIsAt(server: XServer, x: number, y: number): Promise<void> {
  await eventually(
    `the mouse at ${x}, ${y}`,
    () => server.run('xdotool', 'getmouselocation'),
    (place) => {
      const [, seenX, seenY] = /x:(\d+) y:(\d+)/.exec(place) ?? [];
      return Math.abs(Number(seenX) - x) <= 2 && Math.abs(Number(seenY) - y) <= 2;
    },
  );
}

async function landsWhereItWasMade(tab: Tab, server: XServer): Promise<void> {
  for (const [x, y] of [
    [120, 90],
    [640, 410],
  ] as const) {
    await tab.page.mouse.move(...(await tab.at(x, y)));
    await mouseIsAt(server, x, y);
  }
}
