import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { PAGE_SETTINGS } from '../../lib/page-settings.ts';
import { loadLayout } from '../../public/input/layouts/load.ts';
import { readLayout } from '../../public/input/typing-plan.ts';
import { lacking } from '../helpers/system.ts';
import type { Tab } from './browser.ts';
import { inEachBrowser, it } from './each-browser.ts';
import type { Host } from './host-app.ts';
import { openStage, type Stage } from './stage.ts';
import { openTerminal } from './terminal.ts';
import { startTigerVnc, type XServer } from './x-server.ts';

const skip = lacking('chromium', 'Xtigervnc', 'xterm', 'xdotool', 'setxkbmap');

/** What X.Org calls a layout, where that is not our name for it. */
const XKB: Readonly<Record<string, string>> = { uk: 'gb' };

/** Dead keys are left for the words below: alone they give nothing. */
const DEAD = 'ˋˊˆ˜¨';

const ACCENTED: Readonly<Record<string, string>> = {
  de: 'Grüße, Àéîô ^_^ `ls`',
  fr: 'forêt naïve, être là',
  es: 'año, ¿qué? pingüino ^',
  pt: 'não, pôr-do-sol, à você ~',
  it: 'perché, città ~',
  ch: 'Äpfel, fenêtre, señor',
  se: 'Å, crêpe, ü ~',
  no: 'Ærø, è, ñ ^',
  dk: 'blåbærgrød, é',
  us: 'Hello, ~/World! `"\'',
  uk: '£5 € \\ | ~ # @ "',
};

inEachBrowser('text that is typed out', { skip }, (browser) => {
  let stage: Stage;
  let server: XServer;
  let host: Host;

  before(async () => {
    stage = await openStage(browser);
    server = await stage.keep(startTigerVnc({ rawKeyboard: true }));
    host = await stage.startHost({ page: { settings: { typingPace: 1 } } });
  });
  after(() => stage.close());

  it('arrives on consoles of every layout, every character of it', () =>
    stage.withTab(async (tab) => {
      const terminal = await openTerminal(server);
      let typed = '';
      try {
        await tab.open(host.url(server.port));
        for (const layout of PAGE_SETTINGS.typingLayout.among) {
          await server.run('setxkbmap', XKB[layout] ?? layout);
          const all = [...readLayout(await loadLayout(layout)).keys()].filter(
            (character) => character > ' ' && !DEAD.includes(character),
          );
          const text = `${layout}: ${all.join('')} ${ACCENTED[layout]}`;
          await type(tab, layout, `${text}\n`);
          typed += `${text}\r`;
          await terminal.reads(typed);
          await tab.page.getByText('All of it is typed.').waitFor();
        }
      } finally {
        terminal.stop();
      }
    }));

  it('goes by where the keys are, which a console with its own scan codes needs', () =>
    stage.withTab(async (tab) => {
      await server.run('setxkbmap', 'de');
      const terminal = await openTerminal(server);
      try {
        await tab.open(host.url(server.port));
        await type(tab, 'us', 'yes;');
        await terminal.reads('zesö');
      } finally {
        terminal.stop();
      }
    }));

  it('is refused before the first key when the layout does not have all of it', () =>
    stage.withTab(async (tab) => {
      await server.run('setxkbmap', 'us');
      const terminal = await openTerminal(server);
      try {
        await tab.open(host.url(server.port));
        await type(tab, 'us', 'ok ✓ 漢 ok ✓');
        await tab.page.getByText('Not on this layout: ✓, 漢').waitFor();
        await type(tab, 'us', 'then');
        await terminal.reads('then');
      } finally {
        terminal.stop();
      }
    }));

  it('stops at Escape, with no key left down', () =>
    stage.withTab(async (tab) => {
      await server.run('setxkbmap', 'us');
      const terminal = await openTerminal(server);
      try {
        await tab.open(host.url(server.port));
        await open(tab);
        await setPace(tab, '1000');
        await tab.page.locator('#typing-text').fill('A'.repeat(60));
        await tab.page.locator('#typing-start').click();
        await tab.page.getByText('1 of 60').waitFor();
        await terminal.reads('A');
        await tab.page.keyboard.press('Escape');
        await tab.page.locator('#screen canvas:focus').waitFor();
        await tab.page.keyboard.type('b');
        await terminal.reads('Ab');
      } finally {
        terminal.stop();
      }
    }));

  it('keeps to the layout and the pace that were chosen', () =>
    stage.withTab(async (tab) => {
      await tab.open(host.url(server.port));
      await open(tab);
      await tab.page.locator('#typing-layout').selectOption('fr');
      await setPace(tab, '33');
      await tab.page.locator('#typing-text').focus();
      await tab.page.reload();
      await tab.reaches('connected');
      assert.equal(await tab.page.locator('#typing-layout').inputValue(), 'fr');
      assert.equal(await tab.page.locator('#typing-pace').inputValue(), '33');
    }));
});

async function open(tab: Tab): Promise<void> {
  if (!(await tab.page.locator('#typing').isVisible())) {
    await tab.page.locator('#open-typing').click();
  }
}

/** By keys: Firefox does not take it for a change when a script fills a field. */
async function setPace(tab: Tab, pace: string): Promise<void> {
  await tab.page.locator('#typing-pace').selectText();
  await tab.page.keyboard.type(pace);
}

async function type(tab: Tab, layout: string, text: string): Promise<void> {
  await open(tab);
  await tab.page.locator('#typing-layout').selectOption(layout);
  await tab.page.locator('#typing-text').fill(text);
  await tab.page.locator('#typing-start').click();
}
