import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import axe from 'axe-core';
import { lacking } from '../helpers/system.ts';
import type { Tab } from './browser.ts';
import { inEachBrowser, it } from './each-browser.ts';
import { startSshServer } from './fake-server.ts';
import type { Host } from './host-app.ts';
import { openStage, type Stage } from './stage.ts';
import { startTigerVnc, type XServer } from './x-server.ts';

const skip = lacking(...(['chromium', 'Xtigervnc', 'vncpasswd', 'xwd'] as const));
const WAIT = { timeout: 30_000 };

inEachBrowser('the page speaks the language of who reads it', { skip }, (browser) => {
  let stage: Stage;
  let host: Host;
  let server: XServer;

  before(async () => {
    stage = await openStage(browser);
    server = await stage.keep(startTigerVnc({}));
    host = await stage.startHost({
      resolve: (name) => {
        if (name === 'silent') return { connect: () => new Promise(() => {}), label: 'Settings' };
        if (name === 'open') return { host: '127.0.0.1', port: server.port, label: 'Settings' };
        if (name === 'forced') return { host: '127.0.0.1', port: server.port };
        return undefined;
      },
    });
  });
  after(() => stage.close());

  it('is German in a German browser, from connecting to the end', () =>
    stage.withTab(
      async (tab) => {
        await tab.open(host.url('silent'), 'connecting');
        await spoken(tab, 'de');
        await says(tab, '#headline', 'Verbindung wird hergestellt…');
        await tab.open(host.url('open'));
        await spoken(tab, 'de');
        await says(tab, '#status', 'Verbunden');
        await tab.page.getByRole('button', { name: 'Zwischenablage' }).first().waitFor(WAIT);
        assert.equal(
          await tab.screen.getAttribute('aria-label'),
          'Entfernter Bildschirm von Settings',
        );
        await tab.shot('language-de');
        await tab.page.locator('#disconnect').click();
        await tab.reaches('ended');
        await says(tab, '#cause', 'Sie haben diese Konsole geschlossen.');
        await says(tab, '#status', 'Getrennt');
        await tab.shot('language-de-ended');
      },
      { locale: 'de-DE' },
    ));

  it('fetches one small dictionary for German, and none for English', () =>
    stage.withTab(async (english) => {
      await english.open(host.url('open'));
      await stage.withTab(
        async (german) => {
          await german.open(host.url('open'));
          await spoken(german, 'de');
          const names = (tab: Tab) => new Set(tab.requests.map((url) => new URL(url).pathname));
          const more = [...names(german)].filter((name) => !names(english).has(name));
          assert.equal(more.length, 1);
          assert.match(more[0] ?? '', /\/assets\/de-[A-Z0-9]{8}\.js$/);
        },
        { locale: 'de-DE' },
      );
    }));

  it('changes in place, there and back, and leaves the names that the host gave', () =>
    stage.withTab(async (tab) => {
      await tab.open(host.url('open'));
      // Its values are there once it has been open.
      await tab.page.locator('#open-settings').click();
      await tab.page.keyboard.press('Escape');
      const english = await texts(tab);
      assert.equal(await tab.page.locator('html').getAttribute('lang'), 'en');
      await choose(tab, 'ja');
      await spoken(tab, 'ja');
      await says(tab, '#status', '接続済み');
      assert.equal(await tab.page.locator('#label').textContent(), 'Settings');
      assert.equal(await tab.page.locator('#label').getAttribute('title'), 'Settings');
      await tab.page.keyboard.press('Escape');
      await tab.shot('language-ja');
      await choose(tab, 'ru');
      await spoken(tab, 'ru');
      await tab.shot('language-ru-settings');
      await choose(tab, 'en');
      await spoken(tab, 'en');
      assert.deepEqual(await texts(tab), english);
      assert.equal(await tab.page.locator('html').getAttribute('data-state'), 'connected');
    }));

  it('says in the new language what a script had said with values in it', () =>
    stage.withTab(async (tab) => {
      await tab.open(host.url('open'));
      await choose(tab, 'de');
      await spoken(tab, 'de');
      await choose(tab, 'uk');
      await spoken(tab, 'uk');
      assert.equal(await tab.screen.getAttribute('aria-label'), 'Віддалений екран: Settings');
    }));

  it('tells the reason that the relay gave in the language of the page', () =>
    stage.withTab(
      async (tab) => {
        const target = await stage.keep(startSshServer());
        await tab.open(host.url(target.port), 'ended');
        await spoken(tab, 'fr');
        await says(tab, '#cause', 'Ce qui a répondu n’est pas un serveur VNC.');
      },
      { locale: 'fr-CA' },
    ));

  it('names its language for screen readers, as axe wants it', () =>
    stage.withTab(
      async (tab) => {
        await tab.open(host.url('open'));
        await spoken(tab, 'zh-TW');
        // The protocol's own way in: the page's policy lets no script be written into it.
        await tab.page.evaluate(axe.source);
        const rules = ['html-has-lang', 'html-lang-valid', 'button-name', 'label'];
        const { violations } = await tab.page.evaluate(
          (values) =>
            (window as unknown as { axe: typeof axe }).axe.run({
              runOnly: { type: 'rule', values },
            }),
          rules,
        );
        assert.deepEqual(
          violations.map(({ id }) => id),
          [],
        );
      },
      { locale: 'zh-HK' },
    ));
});

function spoken(tab: Tab, tag: string): Promise<void> {
  return tab.page.locator(`html[lang="${tag}"]`).waitFor({ state: 'attached', ...WAIT });
}

function says(tab: Tab, selector: string, words: string): Promise<void> {
  return tab.page
    .locator(selector)
    .filter({ hasText: words })
    .waitFor({ state: 'attached', ...WAIT });
}

/** Chooses a language in the settings, as a person does. */
async function choose(tab: Tab, tag: string): Promise<void> {
  const select = tab.page.locator('#settings select[data-setting="language"]');
  if (!(await select.isVisible())) await tab.page.locator('#open-settings').click();
  await select.selectOption(tag);
}

/** All that the page says, in its texts and in what is read out or shows over a button. */
function texts(tab: Tab): Promise<string[]> {
  return tab.page.evaluate(() => {
    const said: string[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_ALL);
    for (let node: Node | null = walker.currentNode; node; node = walker.nextNode()) {
      if (node instanceof Text && !node.parentElement?.closest('#statistics'))
        said.push(node.data.trim());
      if (node instanceof Element)
        for (const name of ['title', 'aria-label', 'placeholder', 'label'])
          said.push(node.getAttribute(name) ?? '');
    }
    return said.filter((text) => text !== '');
  });
}
