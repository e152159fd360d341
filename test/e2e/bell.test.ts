import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { lacking } from '../helpers/system.ts';
import type { Tab } from './browser.ts';
import { inEachBrowser, it } from './each-browser.ts';
import { eventually } from './eventually.ts';
import type { Host } from './host-app.ts';
import { openStage, type Stage } from './stage.ts';
import { rename, startTigerVnc, type XServer } from './x-server.ts';

const skip = lacking('chromium', 'Xtigervnc', 'tigervncconfig', 'xterm', 'xdotool');

inEachBrowser('the bell of a terminal', { skip }, (browser) => {
  let stage: Stage;
  let server: XServer;
  let host: Host;

  before(async () => {
    stage = await openStage(browser);
    server = await stage.keep(startTigerVnc());
    host = await stage.startHost();
    server.start(
      ...(['xterm', '-T', 'bell', '-xrm', 'XTerm*bellSuppressTime: 0'] as const),
      ...['-e', 'sh', '-c', 'touch screen; exec tail -f screen'],
    );
    await server.run('xdotool', 'search', '--sync', '--onlyvisible', '--name', 'bell');
  });
  after(() => stage.close());

  const ring = () => appendFile(join(server.folder, 'screen'), '\x07');

  it('is a flash alone until something was pressed, as no page may sound before that', () =>
    stage.withTab(async (tab) => {
      const noted = await noteBells(tab);
      await tab.prefer({ visualBell: true });
      await tab.open(host.url(server.port));
      await ring();
      await noted('flash');
      await flashIsOver(tab);
      await tab.page.mouse.click(...(await tab.at(700, 500)));
      await ring();
      await noted('flash beep flash');
    }));

  it('is heard, seen, or neither, as the settings say', () =>
    stage.withTab(async (tab) => {
      const noted = await noteBells(tab);
      const setting = (name: string) => tab.page.locator(`[data-setting="${name}"]`);
      await tab.prefer({ visualBell: true });
      await tab.open(host.url(server.port));
      await tab.page.mouse.click(...(await tab.at(700, 500)));
      await ring();
      await noted('beep flash');
      await flashIsOver(tab);
      await tab.page.locator('#open-settings').click();
      await setting('bell').uncheck();
      await ring();
      await noted('beep flash flash');
      await flashIsOver(tab);
      await setting('visualBell').uncheck();
      await setting('bell').check();
      await ring();
      await noted('beep flash flash beep');
      await setting('bell').uncheck();
      await ring();
      await rename(server, 'after the bell');
      await eventually('the title', async () => /^after the bell/.test(await tab.page.title()));
      await noted('beep flash flash beep');
    }));
});

/** Has the page note what its bell does; the answer waits until that is so much. */
async function noteBells({ page }: Tab): Promise<(bells: string) => Promise<void>> {
  await page.addInitScript(() => {
    const bells: string[] = [];
    Object.assign(window, { bells });
    // What tests do to a page counts as a press to the browser.
    const activation = { hasBeenActive: false };
    Object.defineProperty(navigator, 'userActivation', { value: activation });
    addEventListener('pointerup', () => {
      activation.hasBeenActive = true;
    });
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (when) {
      bells.push('beep');
      start.call(this, when);
    };
    new MutationObserver((changes) => {
      if (changes.some(({ oldValue }) => oldValue === null)) bells.push('flash');
    }).observe(document, {
      attributeFilter: ['data-ringing'],
      attributeOldValue: true,
      subtree: true,
    });
  });
  return async (bells) => {
    await eventually(
      'bells',
      () => page.evaluate(() => (window as unknown as { bells: string[] }).bells.join(' ')),
      (seen) => seen === bells,
    );
  };
}

function flashIsOver({ page }: Tab): Promise<void> {
  return page.locator('html:not([data-ringing])').waitFor();
}
