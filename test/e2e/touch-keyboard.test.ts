import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { CDPSession } from 'playwright-core';
import { lacking } from '../helpers/system.ts';
import { PHONE, type Tab } from './browser.ts';
import type { Host } from './host-app.ts';
import { openStage, type Stage } from './stage.ts';
import { openTerminal, type Terminal } from './terminal.ts';
import { startTigerVnc, type XServer } from './x-server.ts';

const skip = lacking('chromium', 'Xtigervnc', 'xterm', 'xdotool');

/** What a terminal gets for Backspace. */
const ERASE = '\x7f';

describe('the keyboard of a phone', { skip }, () => {
  let stage: Stage;
  let server: XServer;
  let host: Host;

  before(async () => {
    stage = await openStage();
    server = await stage.keep(startTigerVnc());
    host = await stage.startHost();
  });
  after(() => stage.close());

  async function onPhone(
    body: (tab: Tab, phone: CDPSession, terminal: Terminal) => Promise<void>,
  ): Promise<void> {
    const terminal = await openTerminal(server);
    try {
      await stage.withTab(async (tab) => {
        await tab.open(host.url(server.port));
        await tab.page.locator('#open-touch-keyboard').tap();
        await tab.page.locator('#touch-keyboard:focus').waitFor();
        await body(tab, await tab.page.context().newCDPSession(tab.page), terminal);
      }, PHONE);
    } finally {
      terminal.stop();
    }
  }

  it('writes text, lines and emoji on the console', () =>
    onPhone(async (tab, phone, terminal) => {
      await phone.send('Input.insertText', { text: 'Hé, Жук ' });
      await phone.send('Input.insertText', { text: '😀' });
      await tab.page.keyboard.press('Enter');
      await phone.send('Input.insertText', { text: 'done' });
      await terminal.reads('Hé, Жук 😀\rdone');
    }));

  it('erases, even what was there before', () =>
    onPhone(async (tab, phone, terminal) => {
      await phone.send('Input.insertText', { text: 'a' });
      await tab.page.keyboard.press('Backspace');
      await tab.page.keyboard.press('Backspace');
      await tab.page.evaluate(() => document.execCommand('delete'));
      await terminal.reads(`a${ERASE}${ERASE}${ERASE}`);
    }));

  it('puts a word right that it composes', () =>
    onPhone(async (_tab, phone, terminal) => {
      const compose = (text: string) =>
        phone.send('Input.imeSetComposition', {
          text,
          selectionStart: text.length,
          selectionEnd: text.length,
        });
      await compose('t');
      await compose('te');
      await compose('teh');
      await phone.send('Input.insertText', { text: 'the' });
      await phone.send('Input.insertText', { text: ' ' });
      await compose('ni');
      await phone.send('Input.insertText', { text: '你' });
      await terminal.reads(`teh${ERASE}${ERASE}he ni${ERASE}${ERASE}你`);
    }));

  it('works together with keys that are held in the panel, and stays open meanwhile', () =>
    onPhone(async (tab, phone, terminal) => {
      await tab.page.locator('#open-keys').tap();
      const ctrl = tab.page.locator('#keys [data-hold="Control"]');
      await ctrl.tap();
      await tab.page.locator('#touch-keyboard:focus').waitFor();
      await phone.send('Input.insertText', { text: 'c' });
      await terminal.reads('\x03');
      await ctrl.tap();
      await phone.send('Input.insertText', { text: 'c' });
      await terminal.reads('\x03c');
    }));

  it('closes by the button that opened it', () =>
    onPhone(async (tab) => {
      const button = tab.page.locator('#open-touch-keyboard');
      assert.equal(await button.getAttribute('aria-pressed'), 'true');
      await button.tap();
      await tab.page.locator('#open-touch-keyboard[aria-pressed="false"]').waitFor();
      assert.equal(await tab.page.locator('#touch-keyboard:focus').count(), 0);
    }));

  it('is offered where there is something to touch only', () =>
    stage.withTab(async (tab) => {
      await tab.open(host.url(server.port));
      assert.equal(await tab.page.locator('#open-touch-keyboard').isVisible(), false);
    }));
});
