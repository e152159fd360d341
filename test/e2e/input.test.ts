import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe } from 'node:test';
import { lacking } from '../helpers/system.ts';
import type { Tab } from './browser.ts';
import { doorsOf, inEachBrowser, it } from './each-browser.ts';
import { openEventTester } from './event-tester.ts';
import { eventually } from './eventually.ts';
import type { Door, Host } from './host-app.ts';
import { openStage, type Stage } from './stage.ts';
import { startTigerVnc, startX11Vnc, type XServer } from './x-server.ts';

const skip = lacking(
  ...([
    'chromium',
    'Xtigervnc',
    'x11vnc',
    'Xvfb',
    'xterm',
    'xev',
    'xclip',
    'xdotool',
    'xprop',
  ] as const),
);

const SERVERS = { TigerVNC: startTigerVnc, x11vnc: startX11Vnc };

inEachBrowser('keys, mouse and clipboard', { skip }, (browser) => {
  let stage: Stage;
  let hosts: Record<Door, Host>;
  const servers = {} as Record<keyof typeof SERVERS, XServer>;

  before(async () => {
    stage = await openStage(browser);
    servers.TigerVNC = await stage.keep(startTigerVnc());
    servers.x11vnc = await stage.keep(startX11Vnc());
    hosts = {
      attach: await stage.startHost({ door: 'attach' }),
      'express-ws': await stage.startHost({ door: 'express-ws' }),
    };
  });
  after(() => stage.close());

  for (const door of doorsOf(browser)) {
    for (const name of ['TigerVNC', 'x11vnc'] as const) {
      it(`takes what is typed to a terminal on ${name}, through ${door}`, () =>
        stage.withTab(async (tab) => {
          const server = servers[name];
          const terminal = server.start('xterm', '-T', 'typing', '-e', 'sh', '-c', 'cat > typed');
          try {
            await windowOf(server, 'typing');
            await tab.open(hosts[door].url(server.port));
            await tab.page.mouse.move(...(await tab.at(60, 60)));
            await tab.page.keyboard.type('Hello, World! ~/{a}|"b" #42 ');
            await tab.page.keyboard.press('Backspace');
            await tab.page.keyboard.press('Enter');
            assert.equal(await written(server, 'typed'), 'Hello, World! ~/{a}|"b" #42\n');
          } finally {
            terminal.kill();
          }
        }));
    }

    it(`takes the mouse where it is, and its buttons, through ${door}`, () =>
      stage.withTab(async (tab) => {
        const server = servers.TigerVNC;
        const events = await openEventTester(server, 'button');
        await tab.open(hosts[door].url(server.port));
        await tab.page.mouse.click(...(await tab.at(123, 234)));
        await tab.page.mouse.click(...(await tab.at(50, 60)), { button: 'right' });
        await tab.page.mouse.wheel(0, 120);
        await events.saw('+1@123,234 -1@123,234 +3@50,60 -3@50,60 +5@50,60 -5@50,60');
        events.stop();
      }));
  }

  it('takes the mouse where it is on a screen that is scaled down', () =>
    stage.withTab(
      async (tab) => {
        const server = servers.TigerVNC;
        await tab.open(hosts.attach.url(server.port));
        for (const [x, y] of [
          [700, 500],
          [3, 590],
        ] as const) {
          await tab.page.mouse.move(...(await tab.at(x, y)));
          await eventually(
            `the mouse near ${x}, ${y}`,
            () => server.run('xdotool', 'getmouselocation'),
            (place) => {
              const [, seenX, seenY] = /x:(\d+) y:(\d+)/.exec(place) ?? [];
              // One pixel of this page is more than two of the remote screen.
              return Math.abs(Number(seenX) - x) <= 3 && Math.abs(Number(seenY) - y) <= 3;
            },
          );
        }
      },
      { viewport: { width: 390, height: 844 } },
    ));

  it('takes nothing of who only watches, and all of it again once that is switched off', () =>
    stage.withTab(async (tab) => {
      const server = servers.TigerVNC;
      const events = await openEventTester(server, 'keyboard', 'button');
      const mouse = () => server.run('xdotool', 'getmouselocation');
      const place = await mouse();
      await tab.prefer({ viewOnly: true });
      await tab.open(hosts.attach.url(server.port));
      await tab.page.mouse.click(...(await tab.at(300, 200)));
      await tab.page.mouse.wheel(0, 120);
      await tab.page.keyboard.type('never');
      await tab.page.locator('#open-settings').click();
      const viewOnly = tab.page.locator('[data-setting="viewOnly"]');
      await viewOnly.click();
      await tab.page.locator('#ctrl-alt-del').click();
      // What came before that, would have been there before that.
      const first = '+Control_L +Alt_L +Delete -Delete -Alt_L -Control_L';
      await events.saw(first);
      assert.equal(await mouse(), place);
      await tab.page.mouse.click(...(await tab.at(300, 200)));
      await tab.page.mouse.wheel(0, 120);
      await tab.page.keyboard.press('a');
      const all = `${first} +1@300,200 -1@300,200 +5@300,200 -5@300,200 +a -a`;
      await events.saw(all);
      // And while the console is open, too.
      await tab.page.locator('#open-settings').click();
      await viewOnly.click();
      await tab.page.keyboard.press('Escape');
      await tab.page.mouse.click(...(await tab.at(400, 300)));
      await tab.page.keyboard.press('b');
      await tab.page.locator('#open-settings').click();
      await viewOnly.click();
      await tab.page.locator('#ctrl-alt-del').click();
      await events.saw(`${all} ${first}`);
      events.stop();
    }));

  it('lets go of all that is down when the viewer only watches from now on', () =>
    stage.withTab(async (tab) => {
      const server = servers.TigerVNC;
      const events = await openEventTester(server, 'keyboard', 'button');
      await tab.open(hosts.attach.url(server.port));
      await tab.page.locator('#open-settings').click();
      await tab.page.locator('#open-keys').click();
      await tab.page.locator('[data-hold]', { hasText: 'Ctrl' }).click();
      await tab.page.keyboard.down('k');
      await tab.page.mouse.move(...(await tab.at(300, 200)));
      await tab.page.mouse.down();
      const down = '+Control_L +k +1@300,200';
      await events.saw(down);
      // By a script, as a page around this one can: the mouse is not free.
      await tab.page
        .locator('[data-setting="viewOnly"]')
        .evaluate((control: HTMLElement) => control.click());
      await events.saw(`${down} -Control_L -k -1@300,200`);
      await tab.page.mouse.up();
      await tab.page.keyboard.up('k');
      events.stop();
    }));

  it('sends Ctrl-Alt-Del, and lets go of the keys', () =>
    stage.withTab(async (tab) => {
      const server = servers.TigerVNC;
      const events = await openEventTester(server, 'keyboard');
      await tab.open(hosts.attach.url(server.port));
      await tab.page.getByRole('button', { name: 'Ctrl-Alt-Del' }).click();
      // The keyboard is back at the console.
      await tab.page.keyboard.press('F5');
      await events.saw('+Control_L +Alt_L +Delete -Delete -Alt_L -Control_L +F5 -F5');
      events.stop();
    }));

  it('lets the keyboard out of the screen by Ctrl, Alt and Shift together', () =>
    stage.withTab(async (tab) => {
      await tab.open(hosts.attach.url(servers.TigerVNC.port));
      const focused = () => tab.page.evaluate(() => document.activeElement?.nodeName);
      assert.equal(await focused(), 'CANVAS');
      await tab.page.keyboard.press('Tab');
      assert.equal(await focused(), 'CANVAS');
      await tab.page.keyboard.press('Control+Alt+Shift');
      await eventually('focus', focused, (name) => name === 'BUTTON');
    }));

  it('uses the whole screen, and gives it back', () =>
    stage.withTab(async (tab) => {
      await tab.open(hosts.attach.url(servers.TigerVNC.port));
      const button = tab.page.locator('#full-screen');
      await button.click();
      await tab.page.locator('#full-screen[aria-pressed="true"]').waitFor();
      assert.equal(await tab.page.evaluate(() => document.fullscreenElement?.nodeName), 'HTML');
      await button.click();
      await tab.page.locator('#full-screen[aria-pressed="false"]').waitFor();
      await tab.reaches('connected');
    }));

  describe('the clipboard', () => {
    it('shows what is copied on the console', () =>
      stage.withTab(async (tab) => {
        // Not x11vnc: it tells of nothing in the first 15 seconds, and then of cut buffers only.
        await tab.open(hosts.attach.url(servers.TigerVNC.port));
        await copyThere(servers.TigerVNC, 'Grüße, Жук ✓\nnext line');
        await openClipboard(tab);
        await panelShows(tab, 'Grüße, Жук ✓\nnext line');
      }));

    it('takes text to the console', () =>
      stage.withTab(async (tab) => {
        await tab.open(hosts.attach.url(servers.TigerVNC.port));
        await send(tab, 'Grüße, Жук ✓\nnext line');
        await pasted(servers.TigerVNC, 'Grüße, Жук ✓\nnext line');
      }));

    it('takes Latin-1 to a VNC server that knows no more', () =>
      stage.withTab(async (tab) => {
        await tab.open(hosts.attach.url(servers.x11vnc.port));
        await send(tab, 'Grüße');
        // x11vnc puts it in the selections too, but xclip and it do not always agree.
        await eventually(
          'the cut buffer',
          () => servers.x11vnc.run('xprop', '-root', 'CUT_BUFFER0'),
          (seen) => seen.includes('"Gr\\374\\337e"'),
        );
      }));

    it('says which characters are lost on a VNC server that knows Latin-1 only', () =>
      stage.withTab(async (tab) => {
        await tab.open(hosts.attach.url(servers.x11vnc.port));
        await send(tab, 'ok ✓ 漢');
        await tab.page.getByText('turns ✓ 漢 into “?”').waitFor();
      }));

    it('tells of news by a mark on its button, and leaves the keyboard where it is', () =>
      stage.withTab(async (tab) => {
        await tab.open(hosts.attach.url(servers.TigerVNC.port));
        await copyThere(servers.TigerVNC, 'news');
        await tab.page.locator('#open-clipboard[data-news]').waitFor();
        assert.equal(await tab.page.locator('#screen canvas:focus').count(), 1);
        await openClipboard(tab);
        await panelShows(tab, 'news');
        assert.equal(await tab.page.locator('#open-clipboard[data-news]').count(), 0);
        assert.equal(await tab.page.locator('#clipboard-size').textContent(), '4 B');
      }));

    it('refuses a text that is too long, and keeps it', () =>
      stage.withTab(async (tab) => {
        await tab.open(hosts.attach.url(servers.TigerVNC.port));
        await send(tab, 'x'.repeat(1_200_000));
        await tab.page.getByText('Nothing was sent: this text has 1.2 MB').waitFor();
        assert.equal((await tab.page.locator('#clipboard-text').inputValue()).length, 1_200_000);
      }));

    it('falls back to the panel when the browser does not let the page read', () =>
      stage.withTab(async (tab) => {
        await tab.page.addInitScript(() => {
          navigator.clipboard.readText = () => Promise.reject(new DOMException('no'));
        });
        await tab.open(hosts.attach.url(servers.TigerVNC.port));
        await openClipboard(tab);
        await tab.page.getByRole('button', { name: 'Send my clipboard' }).click();
        await tab.page.getByText('did not let this page read the clipboard').waitFor();
        await tab.page.locator('#clipboard-text:focus').waitFor();
      }));

    it('is exchanged with the clipboard of the own computer by one press each', () =>
      stage.withTab(
        async (tab) => {
          const server = servers.TigerVNC;
          await tab.open(hosts.attach.url(server.port));
          await openClipboard(tab);
          await tab.page.evaluate(() => navigator.clipboard.writeText('from here'));
          await tab.page.getByRole('button', { name: 'Send my clipboard' }).click();
          await pasted(server, 'from here');
          await copyThere(server, 'from there');
          await panelShows(tab, 'from there');
          await tab.page.getByRole('button', { name: 'Copy to my clipboard' }).click();
          await eventually(
            'the own clipboard',
            () => tab.page.evaluate(() => navigator.clipboard.readText()),
            (seen) => seen === 'from there',
          );
        },
        { permissions: ['clipboard-read', 'clipboard-write'] },
      ));
  });
});

function openClipboard(tab: Tab): Promise<void> {
  return tab.page.getByRole('button', { name: 'Clipboard' }).click();
}

async function send(tab: Tab, text: string): Promise<void> {
  await openClipboard(tab);
  await tab.page.locator('#clipboard-text').fill(text);
  await tab.page.getByRole('button', { name: 'Send to the console' }).click();
}

async function panelShows(tab: Tab, text: string): Promise<void> {
  await eventually(
    'the clipboard panel',
    () => tab.page.locator('#clipboard-text').inputValue(),
    (seen) => seen === text,
  );
}

/** xclip stays, and hands the text to whoever asks. */
async function copyThere(server: XServer, text: string): Promise<void> {
  await server.run('sh', '-c', 'printf %s "$1" | xclip -selection clipboard >&- 2>&-', 'sh', text);
}

async function pasted(server: XServer, text: string): Promise<void> {
  await eventually(
    'the clipboard there',
    () => server.run('xclip', '-out', '-selection', 'clipboard').catch(() => ''),
    (seen) => seen === text,
  );
}

/** Waits until a window of that title is on the screen. */
async function windowOf(server: XServer, title: string): Promise<void> {
  await server.run('xdotool', 'search', '--sync', '--onlyvisible', '--name', title);
}

function written(server: XServer, file: string): Promise<string> {
  return eventually(
    `the file ${file}`,
    () => readFile(join(server.folder, file), 'utf8').catch(() => ''),
    (text) => text.endsWith('\n'),
  );
}
