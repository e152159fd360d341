import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { lacking } from '../helpers/system.ts';
import { PHONE, type Tab } from './browser.ts';
import { inEachBrowser, it } from './each-browser.ts';
import { eventually } from './eventually.ts';
import type { Host } from './host-app.ts';
import { openStage, type Stage } from './stage.ts';
import { startTigerVnc, type XServer } from './x-server.ts';

const skip = lacking('chromium', 'Xtigervnc', 'xsetroot', 'xdotool');

/** A picture of no pixels, as X writes them. */
const NOTHING = `#define nothing_width 8
#define nothing_height 8
#define nothing_x_hot 0
#define nothing_y_hot 0
static unsigned char nothing_bits[] = {
0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00};
`;

/** No cursor at all, or one transparent pixel, as the VNC server likes. */
const HIDDEN = /^none$|^1 by 1,/;

/** The dot, as far as it matters: how large it is, and where its middle is. */
const DOT = '3 by 3, at 1 1';

inEachBrowser('the cursor', { skip }, (browser) => {
  let stage: Stage;
  let server: XServer;
  let host: Host;

  before(async () => {
    stage = await openStage(browser);
    server = await stage.keep(startTigerVnc());
    await writeFile(join(server.folder, 'nothing.xbm'), NOTHING);
    host = await stage.startHost();
  });
  after(() => stage.close());

  const wear = (name: string) => server.run('xsetroot', '-cursor_name', name);
  const hide = () => server.run('xsetroot', '-cursor', 'nothing.xbm', 'nothing.xbm');

  it("is the desktop's own, and changes with it", () =>
    stage.withTab(async (tab) => {
      await wear('crosshair');
      await tab.open(host.url(server.port));
      const crosshair = await isLike(tab, (cursor) => /^\d\d by \d\d, at \d+ \d+$/.test(cursor));
      await wear('top_left_corner');
      await isLike(tab, (cursor) => cursor !== crosshair && /^\d\d by/.test(cursor));
    }));

  it('is none where the desktop hides it, or a dot if that is wished', () =>
    stage.withTab(async (tab) => {
      await wear('crosshair');
      await tab.open(host.url(server.port));
      await isLike(tab, (cursor) => /^\d\d by/.test(cursor));
      await hide();
      await isLike(tab, (cursor) => HIDDEN.test(cursor));
      await tab.page.locator('#open-settings').click();
      const wish = tab.page.getByLabel('Dot where the cursor is hidden');
      await wish.check();
      await isLike(tab, (cursor) => cursor === DOT);
      await wear('crosshair');
      await isLike(tab, (cursor) => /^\d\d by/.test(cursor));
      await hide();
      await isLike(tab, (cursor) => cursor === DOT);
      await wish.uncheck();
      await isLike(tab, (cursor) => HIDDEN.test(cursor));
      // It is kept, too.
      await wish.check();
      await tab.page.reload();
      await tab.reaches('connected');
      await isLike(tab, (cursor) => cursor === DOT);
    }));

  it('is where the finger was, on a phone', () =>
    stage.withTab(async (tab) => {
      await hide();
      await tab.prefer({ cursorDot: true });
      await tab.open(host.url(server.port));
      const cursor = tab.page.locator('body > canvas');
      assert.equal(await cursor.isVisible(), false);
      const [x, y] = await tab.at(300, 200);
      await tab.page.touchscreen.tap(x, y);
      await cursor.waitFor({ state: 'visible' });
      const box = (await cursor.boundingBox())!;
      assert.deepEqual([box.width, box.height], [3, 3]);
      assert.ok(Math.abs(box.x + 1.5 - x) <= 1.5 && Math.abs(box.y + 1.5 - y) <= 1.5);
    }, PHONE));
});

/**
 * Waits until the cursor over the screen is as it should be: how large, and where it points. The mouse
 * is moved all the while: to who does not, or whose last move it met late, TigerVNC draws the cursor
 * into the picture.
 */
function isLike(tab: Tab, accept: (cursor: string) => boolean): Promise<string> {
  let step = 0;
  return eventually(
    'the cursor',
    async () => {
      await tab.page.mouse.move(...(await tab.at(200 + (step++ % 2), 200)));
      return tab.screen.evaluate(async (screen) => {
        const { cursor } = screen.style;
        const [, url = '', place] = /^url\("(.+?)"\) (\d+ \d+), default$/.exec(cursor) ?? [];
        if (!place) return cursor;
        const image = new Image();
        image.src = url;
        await image.decode();
        return `${image.width} by ${image.height}, at ${place}`;
      });
    },
    accept,
  );
}
