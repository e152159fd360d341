import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { ENDS } from '../../lib/errors.ts';
import { lacking } from '../helpers/system.ts';
import type { Tab } from './browser.ts';
import { inEachBrowser, it } from './each-browser.ts';
import { openEventTester } from './event-tester.ts';
import { type Host, MANUAL } from './host-app.ts';
import { openStage, type Stage } from './stage.ts';
import { startTigerVnc, type XServer } from './x-server.ts';

const skip = lacking('chromium', 'Xtigervnc', 'xev', 'xdotool', 'xclock', 'xwd');

inEachBrowser('two viewers of one desktop', { skip }, (browser) => {
  let stage: Stage;
  let server: XServer;
  let host: Host;

  before(async () => {
    stage = await openStage(browser);
    server = await stage.keep(startTigerVnc());
    host = await stage.startHost(MANUAL);
  });
  after(() => stage.close());

  /** Opens a console for one, and for another who shares or does not. */
  function withTwo(shared: boolean, body: (one: Tab, other: Tab) => Promise<void>): Promise<void> {
    return stage.withTab(async (one) => {
      await one.open(host.url(server.port));
      await stage.withTab(async (other) => {
        await other.prefer({ shared });
        await other.open(host.url(server.port));
        await body(one, other);
      });
    });
  }

  it('both stay, see the same, and are heard when they share', () =>
    withTwo(true, async (one, other) => {
      const keys = await openEventTester(server, 'keyboard');
      await one.page.keyboard.press('a');
      await keys.saw('+a -a');
      await other.page.keyboard.press('b');
      await keys.saw('+a -a +b -b');
      keys.stop();
      server.start('xclock', '-geometry', '300x300+50+50');
      for (const tab of [one, other]) await tab.shows(server);
    }));

  it('are one when the second does not share, and the first is told why', () =>
    withTwo(false, async (one, other) => {
      const { code, words } = await one.ending();
      assert.deepEqual(
        [code, words],
        [`${ENDS.SERVER_CLOSED.closeCode}`, ENDS.SERVER_CLOSED.words],
      );
      await other.shows(server);
      await other.reaches('connected');
      // Who comes then and shares throws nobody out.
      await one.page.getByRole('button', { name: 'Reconnect' }).click();
      for (const tab of [one, other]) await tab.reaches('connected');
      for (const tab of [one, other]) await tab.shows(server);
    }));
});
