import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import type { PageSettings } from '../../lib/page-settings.ts';
import { lacking } from '../helpers/system.ts';
import { PHONE, type Tab } from './browser.ts';
import { inEachBrowser, it } from './each-browser.ts';
import { eventually } from './eventually.ts';
import type { Host } from './host-app.ts';
import { openStage, type Stage } from './stage.ts';
import { startTigerVnc, type XServer } from './x-server.ts';

const skip = lacking(...(['chromium', 'Xtigervnc', 'vncpasswd', 'xterm'] as const));

const EDGES = ['top', 'right', 'bottom', 'left'] as const;

inEachBrowser('the toolbar and the settings', { skip }, (browser) => {
  let stage: Stage;
  let host: Host;
  let server: XServer;

  before(async () => {
    stage = await openStage(browser);
    server = await stage.keep(startTigerVnc());
    host = await stage.startHost({
      resolve: () => ({ host: '127.0.0.1', port: server.port, label: 'Build server' }),
    });
  });
  after(() => stage.close());

  /** Opens a console with settings that the viewer has kept for all of them. */
  async function open(tab: Tab, kept: Partial<PageSettings> = {}): Promise<void> {
    await tab.prefer(kept);
    await tab.open(host.url('one'));
  }

  for (const edge of EDGES) {
    it(`lies at the ${edge} edge, and the screen never under it`, () =>
      stage.withTab(async (tab) => {
        await open(tab, { toolbarEdge: edge });
        for (const size of [
          { width: 1440, height: 900 },
          { width: 700, height: 500 },
        ]) {
          await tab.page.setViewportSize(size);
          const bar = (await tab.page.locator('#toolbar').boundingBox())!;
          const stage = (await tab.page.locator('main').boundingBox())!;
          const ends = {
            top: bar.y,
            left: bar.x,
            bottom: size.height - bar.y - bar.height,
            right: size.width - bar.x - bar.width,
          };
          assert.equal(ends[edge], 0);
          const isColumn = edge === 'left' || edge === 'right';
          assert.equal(isColumn ? bar.height : bar.width, isColumn ? size.height : size.width);
          assert.ok((isColumn ? bar.width : bar.height) <= 50);
          assert.equal(
            bar.width * bar.height + stage.width * stage.height,
            size.width * size.height,
          );
        }
      }));
  }

  it('is led through by the arrow keys', () =>
    stage.withTab(async (tab) => {
      await open(tab);
      const { keyboard } = tab.page;
      await chord(tab);
      await hasFocus(tab, 'ctrl-alt-del');
      await keyboard.press('End');
      await hasFocus(tab, 'disconnect');
      await keyboard.press('ArrowRight');
      await hasFocus(tab, 'ctrl-alt-del');
      await keyboard.press('ArrowLeft');
      await hasFocus(tab, 'disconnect');
      await keyboard.press('ArrowLeft');
      await hasFocus(tab, 'open-settings');
      await keyboard.press('Home');
      await hasFocus(tab, 'ctrl-alt-del');
    }));

  it('is one stop for Tab, which comes back to where it was', () =>
    stage.withTab(async (tab) => {
      await open(tab);
      await tab.page.locator('#open-settings').focus();
      await tab.page.keyboard.press('Shift+Tab');
      await tab.page.keyboard.press('Tab');
      await hasFocus(tab, 'open-settings');
      const stops = await tab.page.locator('#tools button[tabindex="0"]').count();
      assert.equal(stops, 1);
    }));

  it('is led through up and down where it is a column', () =>
    stage.withTab(async (tab) => {
      await open(tab, { toolbarEdge: 'left' });
      await tab.page.locator('#ctrl-alt-del').focus();
      await tab.page.keyboard.press('ArrowUp');
      await hasFocus(tab, 'disconnect');
      await tab.page.keyboard.press('ArrowDown');
      await hasFocus(tab, 'ctrl-alt-del');
    }));

  it('has a name and a tooltip for every button, whether its word shows or not', () =>
    stage.withTab(async (tab) => {
      await open(tab, { toolbarEdge: 'right' });
      for (const button of await tab.page.locator('#toolbar button:visible').all()) {
        assert.notEqual((await button.textContent())?.trim(), '');
        assert.notEqual((await button.getAttribute('title')) ?? '', '');
      }
      await tab.page.getByRole('toolbar').getByRole('button', { name: 'Settings' }).waitFor();
      await tab.page.getByRole('status').getByText('Connected', { exact: true }).waitFor();
    }));

  it('slides away when it is not pinned, and comes when the pointer does', () =>
    stage.withTab(async (tab) => {
      await open(tab, { toolbarPinned: false });
      await toolbarIs(tab, 'hidden');
      const screen = (await tab.page.locator('main').boundingBox())!;
      assert.equal(screen.height, 900);
      await tab.page.locator('#show-toolbar').hover();
      await toolbarIs(tab, 'shown');
      await tab.page.locator('#open-settings').click();
      await tab.page.locator('#settings').waitFor();
      await tab.page.mouse.click(...(await tab.at(300, 500)));
      await tab.page.locator('#settings').waitFor({ state: 'hidden' });
      await toolbarIs(tab, 'hidden');
      await tab.page.locator('#ctrl-alt-del').waitFor({ state: 'hidden' });
    }));

  it('comes by keyboard when it is not pinned, and stays while it has the focus', () =>
    stage.withTab(async (tab) => {
      await open(tab, { toolbarPinned: false });
      await toolbarIs(tab, 'hidden');
      await chord(tab);
      await hasFocus(tab, 'show-toolbar');
      await toolbarIs(tab, 'shown');
      await tab.page.keyboard.press('Tab');
      await hasFocus(tab, 'ctrl-alt-del');
      await tab.page.keyboard.press('Enter');
      await toolbarIs(tab, 'hidden');
      await chord(tab);
      await hasFocus(tab, 'show-toolbar');
      await tab.page.keyboard.press('Enter');
      await hasFocus(tab, 'ctrl-alt-del');
    }));

  it('comes by a tap when it is not pinned, and goes by another', () =>
    stage.withTab(async (tab) => {
      await open(tab, { toolbarPinned: false });
      await toolbarIs(tab, 'hidden');
      await tab.page.locator('#show-toolbar').tap();
      await toolbarIs(tab, 'shown');
      await tab.page.locator('#open-more').tap();
      await tab.page.locator('#open-settings').tap();
      await tab.page.locator('#settings').waitFor();
      await tab.page.locator('#settings .panel_close').tap();
      await tab.page.locator('#show-toolbar').tap();
      await toolbarIs(tab, 'hidden');
    }, PHONE));

  for (const edge of EDGES) {
    it(`has few tools on a phone, and all others one tap away, at the ${edge} edge`, () =>
      stage.withTab(
        async (tab) => {
          await open(tab, { toolbarEdge: edge });
          const isColumn = edge === 'left' || edge === 'right';
          await tab.page.setViewportSize(isColumn ? { width: 844, height: 390 } : PHONE.viewport);
          const tools = tab.page.locator('#tools');
          const overflow = await tools.evaluate((tools) => [
            tools.scrollWidth - tools.clientWidth,
            tools.scrollHeight - tools.clientHeight,
          ]);
          assert.deepEqual(overflow, [0, 0]);
          assert.deepEqual(await targets(tab), [
            ...['open-keys', 'open-touch-keyboard', 'open-clipboard', 'full-screen', 'open-more'],
          ]);
          await tab.page.locator('.pill').waitFor();

          await tab.page.locator('#open-more').tap();
          await tab.page.locator('#more').waitFor();
          assert.deepEqual((await targets(tab)).slice(5), [
            ...['ctrl-alt-del', 'open-typing', 'open-screenshot', 'open-statistics'],
            ...['open-settings', 'disconnect'],
          ]);
          await tab.page.locator('#open-statistics').tap();
          await tab.page.locator('#statistics').waitFor();
          assert.equal(await tab.page.locator('#more').isVisible(), false);
        },
        { ...PHONE, isMobile: true, reducedMotion: 'reduce' },
      ));
  }

  it('leads by keyboard into the panel of more tools, and out of it again', () =>
    stage.withTab(async (tab) => {
      await open(tab);
      await tab.page.setViewportSize({ width: 640, height: 400 });
      const { keyboard } = tab.page;
      await chord(tab);
      await hasFocus(tab, 'open-keys');
      await keyboard.press('End');
      await hasFocus(tab, 'open-more');
      await keyboard.press('Enter');
      await hasFocus(tab, 'ctrl-alt-del');
      await keyboard.press('ArrowDown');
      await hasFocus(tab, 'open-typing');
      await keyboard.press('End');
      await hasFocus(tab, 'disconnect');
      await keyboard.press('ArrowUp');
      await hasFocus(tab, 'open-settings');
      await keyboard.press('Escape');
      await hasFocus(tab, 'open-more');
      await keyboard.press('Enter');
      await hasFocus(tab, 'ctrl-alt-del');
      await keyboard.press('Enter');
      await tab.page.locator('#more').waitFor({ state: 'hidden' });
      await tab.page.locator('#screen canvas:focus').waitFor();
    }));

  it('has all of its tools in the bar again where there is room', () =>
    stage.withTab(async (tab) => {
      await open(tab);
      await tab.page.setViewportSize({ width: 640, height: 400 });
      await tab.page.locator('#open-more').click();
      await tab.page.keyboard.press('Escape');
      await tab.page.setViewportSize({ width: 1024, height: 768 });
      assert.equal(await tab.page.locator('#open-more').isVisible(), false);
      await tab.page.locator('#disconnect').click();
      await tab.reaches('ended');
    }));

  it('changes the page by the settings, and keeps them for this console, but colours for all', () =>
    stage.withTab(async (tab) => {
      await open(tab);
      await tab.page.locator('#open-settings').click();
      await tab.page.getByLabel('Colours').selectOption('Dark');
      await tab.page.getByRole('combobox', { name: 'Toolbar', exact: true }).selectOption('Left');
      await tab.page.getByLabel('Flash').check();
      await tab.page
        .getByRole('combobox', { name: 'Quality', exact: true })
        .selectOption('Least data');
      const root = tab.page.locator('html[data-theme="dark"][data-toolbar-edge="left"]');
      await root.waitFor();

      await tab.page.reload();
      await root.waitFor();
      await tab.page.locator('#open-settings').click();
      assert.equal(await tab.page.getByLabel('Flash').isChecked(), true);
      assert.equal(await tab.page.locator('#picture-preset').inputValue(), 'smallest');

      await tab.open(host.url('two'));
      await tab.page.locator('html[data-theme="dark"][data-toolbar-edge="top"]').waitFor();
    }));

  it('keeps settings for all consoles on request, and forgets them on request', () =>
    stage.withTab(async (tab) => {
      await open(tab);
      await tab.page.locator('#open-settings').click();
      await tab.page.getByLabel('Colours').selectOption('Dark');
      const dark = await colours(tab);
      assert.equal(dark.window, dark.bar);
      await tab.page.getByLabel('Colours').selectOption('Light');
      const light = await colours(tab);
      assert.equal(light.window, light.bar);
      assert.notEqual(light.bar, dark.bar);
      await tab.page.getByRole('button', { name: 'Use for all consoles' }).click();
      await tab.page.getByText('All consoles use these settings now.').waitFor();

      await tab.open(host.url('two'));
      await tab.page.locator('html[data-theme="light"]').waitFor();
      await tab.page.locator('#open-settings').click();
      await tab.page.getByRole('button', { name: 'Reset' }).click();
      await tab.page.getByText('The settings are as they were at first.').waitFor();
      await tab.page.locator('html[data-theme="auto"]').waitFor();
      assert.deepEqual(await colours(tab), light, 'the colours of the bar, and of the window');
      assert.equal(await tab.page.getByLabel('Colours').inputValue(), 'auto');
    }));

  it('takes the picture by a preset or by its two numbers', () =>
    stage.withTab(async (tab) => {
      await open(tab);
      await tab.page.locator('#open-settings').click();
      const preset = tab.page.locator('#picture-preset');
      const quality = tab.page.getByLabel('Picture quality');
      assert.equal(await preset.inputValue(), 'balanced');
      assert.equal(await quality.isVisible(), false);
      await preset.selectOption('best');
      await preset.selectOption('custom');
      assert.equal(await quality.inputValue(), '9');
      await quality.fill('4');
      await tab.page.locator('.range output').first().getByText('4').waitFor();
      assert.equal(await preset.inputValue(), 'custom');
      await tab.page.reload();
      await tab.reaches('connected');
      await tab.page.locator('#open-settings').click();
      assert.equal(await quality.inputValue(), '4');
    }));

  it('does not offer what the host has hidden, nor lets change what it has forced', async () => {
    const strict = await stage.startHost({
      page: {
        settings: {
          theme: { value: 'dark', force: true },
          quality: { value: 3, force: true },
          bell: { hide: true },
          visualBell: { hide: true },
        },
      },
    });
    await stage.withTab(async (tab) => {
      await tab.open(strict.url(server.port));
      await tab.page.locator('html[data-theme="dark"]').waitFor();
      await tab.page.locator('#open-settings').click();
      const colours = tab.page.locator('label', { hasText: 'Colours' });
      assert.equal(await colours.locator('select').isDisabled(), true);
      assert.equal(await colours.getByText('Set by the administrator.').isVisible(), true);
      assert.equal(await tab.page.locator('#picture-preset').isDisabled(), true);
      assert.equal(await tab.page.locator('fieldset', { hasText: 'Flash' }).isVisible(), false);
      const language = tab.page.locator('label', { hasText: 'Language' });
      assert.equal(await language.getByText('Set by the administrator.').isVisible(), false);
    });
  });
});

/** Leads out of the remote screen. */
async function chord(tab: Tab): Promise<void> {
  await tab.screen.focus();
  await tab.page.keyboard.press('Control+Alt+Shift');
}

/** The ids of all tools that can be tapped; each is in the window, and large enough. */
async function targets(tab: Tab): Promise<string[]> {
  const { width, height } = tab.page.viewportSize()!;
  const ids: string[] = [];
  for (const button of await tab.page.locator('#tools button:visible').all()) {
    const box = (await button.boundingBox())!;
    const id = (await button.getAttribute('id')) ?? '';
    assert.ok(box.width >= 44 && box.height >= 44, id);
    assert.ok(box.x >= 0 && box.x + box.width <= width, id);
    assert.ok(box.y >= 0 && box.y + box.height <= height, id);
    ids.push(id);
  }
  return ids;
}

async function hasFocus(tab: Tab, id: string): Promise<void> {
  await eventually(
    'what has the focus',
    () => tab.page.evaluate(() => document.activeElement?.id),
    (seen) => seen === id,
  );
}

async function toolbarIs(tab: Tab, state: string): Promise<void> {
  await tab.page.locator(`html[data-toolbar="${state}"]`).waitFor({ timeout: 30_000 });
}

function colours(tab: Tab): Promise<{ bar: string; window: string }> {
  return tab.page.evaluate(async () => {
    for (const _ of [1, 2]) await new Promise(requestAnimationFrame);
    return {
      bar: getComputedStyle(document.querySelector('#toolbar')!).backgroundColor,
      window: document.querySelector<HTMLMetaElement>('meta[name="theme-color"]')!.content,
    };
  });
}
