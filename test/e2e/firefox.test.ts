import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { lacking } from '../helpers/system.ts';
import { eventually } from './eventually.ts';
import { type Firefox, type FirefoxTab, KEYS, startFirefox } from './firefox.ts';
import { type Host, startHost } from './host-app.ts';
import { countColours, likeness } from './picture.ts';
import { startTigerVnc, type XServer } from './x-server.ts';

const skip = lacking(
  ...(['firefox-esr', 'Xtigervnc', 'vncpasswd', 'xterm', 'xclock', 'xwd', 'xev'] as const),
  ...(['xclip', 'xdotool'] as const),
);

const PASSWORD = 's3cret';

describe('in Firefox', { skip }, () => {
  let firefox: Firefox;
  let host: Host;
  let open: XServer;
  let locked: XServer;

  before(async () => {
    firefox = await startFirefox();
    host = await startHost({
      resolve: (name) => {
        if (name === 'open') return { host: '127.0.0.1', port: open.port, label: 'Build server' };
        if (name === 'locked') return { host: '127.0.0.1', port: locked.port, label: 'Vault' };
        return { host: '127.0.0.1', port: Number(name.split(':')[1]) };
      },
    });
    open = await startTigerVnc();
    locked = await startTigerVnc({ password: PASSWORD });
    for (const server of [open, locked]) {
      server.start('xclock', '-geometry', '300x300+480+20', '-bg', 'ivory');
      await eventually('a clock', async () => countColours(await server.picture()) > 2);
    }
  });
  after(async () => {
    await firefox?.stop();
    await host?.close();
    await Promise.all([open?.stop(), locked?.stop()]);
  });

  async function withTab(body: (tab: FirefoxTab) => Promise<void>): Promise<void> {
    const tab = await firefox.openTab();
    try {
      await body(tab);
      assert.deepEqual(tab.complaints, []);
    } finally {
      await tab.close();
    }
  }

  it("shows what TigerVNC's server draws", () =>
    withTab(async (tab) => {
      await tab.open(host.url('open'));
      await reaches(tab, 'connected');
      await shows(tab, open);
      await tab.shot('firefox-connected');
    }));

  it('brings keys to a terminal', () =>
    withTab(async (tab) => {
      const file = join(open.folder, 'typed');
      const terminal = open.start(
        'xterm',
        '-geometry',
        '60x10+0+0',
        '-e',
        'sh',
        '-c',
        `cat >${file}`,
      );
      await open.run('xdotool', 'search', '--sync', '--onlyvisible', '--class', 'xterm');
      await tab.open(host.url('open'));
      await reaches(tab, 'connected');
      await tab.click('#screen canvas', [100, 60]);
      await tab.type(`Hello, €{~}${KEYS.Enter}`);
      await eventually(
        'the line in the terminal',
        () => readFile(file, 'utf8').catch(() => ''),
        (text) => text === 'Hello, €{~}\n',
      );
      terminal.kill();
    }));

  it('brings clicks to where they are made', () =>
    withTab(async (tab) => {
      const listener = open.start('xev', '-geometry', '400x200+20+340', '-event', 'button');
      let events = '';
      listener.stdout!.on('data', (text) => {
        events += text;
      });
      await open.run('xdotool', 'search', '--sync', '--onlyvisible', '--name', 'Event Tester');
      await tab.open(host.url('open'));
      await reaches(tab, 'connected');
      await tab.click('#screen canvas', [200, 450]);
      await eventually('a click', () => /ButtonRelease/.test(events));
      const [, x, y] = /root:\((\d+),(\d+)\)/.exec(events)!.map(Number);
      assert.ok(Math.abs(x! - 200) <= 1 && Math.abs(y! - 450) <= 1, `${x}, ${y}`);
      listener.kill();
    }));

  it('asks for the password, says when it is wrong, and lets one try again', () =>
    withTab(async (tab) => {
      await tab.open(host.url('locked'));
      await signIn(tab, 'wrong');
      await reaches(tab, 'ended');
      assert.equal(await tab.evaluate('document.documentElement.dataset.endCode'), 'security');
      assert.match(await words(tab), /did not accept the credentials/);
      await tab.click('#sign-in-again');
      await signIn(tab, PASSWORD);
      await reaches(tab, 'connected');
      await shows(tab, locked);
    }));

  it('says how it ended, and reconnects', () =>
    withTab(async (tab) => {
      const server = await startTigerVnc();
      try {
        await tab.open(host.url(server.port));
        await reaches(tab, 'connected');
        await tab.click('#disconnect');
        await reaches(tab, 'ended');
        assert.equal(await words(tab), 'You closed this console.');
        await tab.shot('firefox-ended');
        await tab.click('#reconnect');
        await reaches(tab, 'connected');
      } finally {
        await server.stop();
      }
    }));

  it('exchanges text with the console', () =>
    withTab(async (tab) => {
      await tab.open(host.url('open'));
      await reaches(tab, 'connected');
      await tab.click('#open-clipboard');
      await tab.waitFor(`document.querySelector('#clipboard').matches(':popover-open')`);
      await tab.shot('firefox-clipboard');
      await tab.click('#clipboard-text');
      await tab.type('Grüße');
      await tab.click('#clipboard-send');
      await eventually(
        'the clipboard of the console',
        () => open.run('xclip', '-o', '-selection', 'clipboard').catch(() => ''),
        (text) => text === 'Grüße',
      );
    }));

  it('lets the keyboard out of the screen by the chord', () =>
    withTab(async (tab) => {
      await tab.open(host.url('open'));
      await reaches(tab, 'connected');
      await tab.click('#screen canvas', [10, 590]);
      await tab.waitFor(`document.activeElement.matches('#screen canvas')`);
      await tab.type('', [KEYS.Control, KEYS.Alt, KEYS.Shift]);
      await tab.waitFor(`document.activeElement.closest('[role=toolbar]')`);
    }));
});

function reaches(tab: FirefoxTab, state: string): Promise<void> {
  return tab.waitFor(`document.documentElement.dataset.state === '${state}'`);
}

async function shows(tab: FirefoxTab, server: XServer): Promise<void> {
  await eventually(
    'the share of pixels that are alike',
    async () => likeness(await tab.picture(), await server.picture(), server.tolerance),
    (share) => share >= 0.995,
  );
}

async function signIn(tab: FirefoxTab, password: string): Promise<void> {
  await tab.waitFor(`document.querySelector('#credentials').open`);
  await tab.click('#credentials input[name="password"]');
  await tab.type(`${password}${KEYS.Enter}`);
}

async function words(tab: FirefoxTab): Promise<string> {
  return tab.evaluate(`document.querySelector('#cause').textContent`);
}
