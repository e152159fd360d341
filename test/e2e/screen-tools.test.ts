import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before } from 'node:test';
import { startVncServer, type VncServer } from '../../demo/vnc-server/vnc-server.ts';
import type { PageSettings } from '../../lib/page-settings.ts';
import { PICTURE_PRESETS } from '../../public/toolbar/picture-presets.ts';
import { lacking } from '../helpers/system.ts';
import type { Tab } from './browser.ts';
import { inEachBrowser, it } from './each-browser.ts';
import { eventually } from './eventually.ts';
import type { Host } from './host-app.ts';
import { hangPhotos, type Photos } from './photos.ts';
import { likeness, type Picture } from './picture.ts';
import { openStage, type Stage } from './stage.ts';
import { startTightVnc } from './vnc-servers.ts';
import { noteWakeLocks } from './wake-locks.ts';
import { layWire, type Wire } from './wire.ts';
import { startTigerVnc, type XServer } from './x-server.ts';

const skip = lacking('chromium', 'Xtigervnc', 'Xtightvnc', 'xdotool', 'xwd', 'xwud');

/** How many bytes more the best picture takes than the smallest, at the least. */
const FACTOR = 1.5;

/** How many changes of the screen that is counted over. */
const TURNS = 60;

/** How long what a server says takes on a long way, in milliseconds. */
const DELAY = 300;

const WINDOW = { width: 400, height: 400 };

inEachBrowser('what the toolbar does with the screen', { skip }, (browser) => {
  let stage: Stage;
  let host: Host;
  let server: XServer;
  let photos: Photos;
  /** The demo's, which tells what it is told. */
  let machine: VncServer;

  before(async () => {
    stage = await openStage(browser);
    server = await stage.keep(startTigerVnc({ size: '640x480' }));
    photos = await hangPhotos(server, 400, 300);
    machine = await startVncServer({
      ...{ port: 0, host: '127.0.0.1', still: true },
      ...{ width: 640, height: 480 },
    });
    host = await stage.startHost();
  });
  after(async () => {
    await stage.close();
    await machine.close();
  });

  it('saves a picture of the whole remote screen, at its own size', () =>
    stage.withTab(async (tab) => {
      await open(tab, { scaling: 'actual' });
      await tab.page.setViewportSize(WINDOW);
      await eventually('a part of it', async () => (await tab.picture()).width <= WINDOW.width);
      await tab.page.locator('#open-more').click();
      await tab.page.locator('#open-screenshot').click();
      const { name, bytes } = await tab.save(() =>
        tab.page.getByRole('button', { name: 'Save as PNG' }).click(),
      );
      assert.match(name, /^127\.0\.0\.1-\d+ \d{4}-\d\d-\d\d \d\d\.\d\d\.png$/);
      await assertLike(await decode(tab, bytes), server);
      await tab.page.locator('#screenshot').waitFor({ state: 'hidden' });
    }));

  it('copies that picture to the own clipboard', () =>
    stage.withTab(
      async (tab) => {
        await open(tab, {});
        await tab.page.locator('#open-screenshot').click();
        await tab.page.locator('#screenshot-copy').click();
        await tab.page.getByText('The picture is in your clipboard.').waitFor();
        const copied = await tab.page.evaluate(async () => {
          const [item] = await navigator.clipboard.read();
          const blob = await item!.getType('image/png');
          return [...new Uint8Array(await blob.arrayBuffer())];
        });
        await assertLike(await decode(tab, Buffer.from(copied)), server);
      },
      { permissions: ['clipboard-read', 'clipboard-write'] },
    ));

  it('tells the numbers of the connection while its panel is open, and only then', () =>
    stage.withTab(async (tab) => {
      await open(tab, {});
      const panelScript = () => tab.requests.filter((url) => url.includes('statistics-panel'));
      assert.deepEqual(panelScript(), []);
      await tab.page.locator('#open-statistics').click();
      const shows = (id: string, pattern: RegExp) =>
        eventually(
          id,
          async () => (await tab.page.locator(`#statistics-${id}`).textContent()) ?? '',
          (text) => pattern.test(text),
        );
      await shows('round-trip', /^\d{1,3} ms$/);
      await shows('size', /^640 × 480$/);
      await shows('scale', /^100%$/);
      // A question every two seconds, and its answer: something each way, and not much.
      await shows('received', /^[1-9]\d{0,2} B\/s$/);
      await shows('sent', /^[1-9]\d{0,2} B\/s$/);
      await shows('frames', /^[0-5]$/);
      assert.equal(panelScript().length, 1);
      await tab.page.locator('#statistics-round-trip').evaluate((cell) => {
        cell.textContent = '';
      });
      const moving = server.start('xdotool', ...photos.turns(2_000));
      await shows('frames', /^([5-9]|[1-6]\d)$/);
      await shows('received', /^([1-9]\d\d kB|[1-9](\.\d)? MB)\/s$/);
      await shows('sent', /^([1-9]\d{1,2} B|\d+(\.\d)? kB)\/s$/);
      await shows('round-trip', /^\d{1,3} ms$/);
      await shows('encodings', /^Tight \d{2,3}%/);
      await shows('size', /^640 × 480$/);
      moving.kill();
      await shows('received', /^[1-9]\d{0,2} B\/s$/);
      await tab.page.keyboard.press('Escape');
      await tab.page.locator('#statistics').waitFor({ state: 'hidden' });
      await server.run('xdotool', ...photos.turns(3));
      await tab.shows(server);
      // And none of the session before.
      await tab.page.locator('#disconnect').click();
      await tab.page.getByRole('button', { name: 'Reconnect' }).click();
      await tab.reaches('connected');
      await tab.page.locator('#open-statistics').click();
      await shows('encodings', /^–$/);
    }));

  for (const { button, answer, action } of [
    { button: 'Reboot', answer: 'Reboot', action: 'reboot' },
    { button: 'Reset', answer: 'Reset', action: 'reset' },
  ]) {
    it(`does a ${action} of the machine, once asked and answered`, () =>
      stage.withTab(async (tab) => {
        await operate(tab, {});
        const acts: string[] = [];
        const note = ({ action }: { action: string }) => acts.push(action);
        machine.on('power', note);
        await press(tab, button);
        await tab.page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
        await tab.page.locator('dialog[open]').waitFor({ state: 'detached' });
        await press(tab, button);
        const power = once(machine, 'power');
        await tab.page.getByRole('dialog').getByRole('button', { name: answer }).click();
        await power;
        machine.off('power', note);
        assert.deepEqual(acts, [action]);
        await eventually('a boot screen', async () => isDark(await tab.picture()));
        await eventually('the desktop', async () => !isDark(await tab.picture()));
      }));
  }

  it('shuts the machine down, once asked and answered', () =>
    stage.withTab(async (tab) => {
      await operate(tab, { reconnect: false });
      await press(tab, 'Shut down');
      await tab.page.getByText('Shut down this machine?').waitFor();
      const power = once(machine, 'power');
      await tab.page.getByRole('dialog').getByRole('button', { name: 'Shut down' }).click();
      const [{ action }] = await power;
      assert.equal(action, 'shutdown');
      await tab.reaches('ended');
      assert.equal(await tab.page.locator('#open-power').isVisible(), false);
    }));

  it('only lets watch who only watches', () =>
    stage.withTab(async (tab) => {
      await operate(tab, { viewOnly: true });
      await tab.page.getByText('View only').waitFor();
      for (const id of ['ctrl-alt-del', 'open-power', 'open-keys', 'open-typing']) {
        assert.equal(await tab.page.locator(`#${id}`).isVisible(), false, id);
      }
      const seen: string[] = [];
      const notes = (what: string) => () => seen.push(what);
      const [onKey, onPointer] = [notes('key'), notes('pointer')];
      machine.on('key', onKey).on('pointer', onPointer);
      await tab.page.mouse.click(...(await tab.at(100, 100)));
      await tab.page.keyboard.type('a');
      await tab.page.locator('#open-settings').click();
      await tab.page.locator('[data-setting="viewOnly"]').click();
      await tab.page.keyboard.press('Escape');
      await tab.page.locator('#ctrl-alt-del').waitFor();
      assert.deepEqual(seen, []);
      const key = once(machine, 'key');
      await tab.page.locator('#ctrl-alt-del').click();
      await key;
      machine.off('key', onKey).off('pointer', onPointer);
    }));

  it('joins alone who does not share', () =>
    stage.withTab(async (tab) => {
      const join = once(machine, 'join');
      await operate(tab, { shared: false });
      const [{ shared }] = await join;
      assert.equal(shared, false);
    }));

  it('tells a round trip that no picture on its way makes shorter', () =>
    stage.withTab(async (tab) => {
      const wire = await layWire(server.port, { delay: DELAY });
      const moving = server.start('xdotool', ...photos.turns(2_000));
      try {
        await tab.open(host.url(wire.port));
        await tab.page.locator('#open-statistics').click();
        for (const asked of [1, 2]) {
          const trip = await roundTrip(tab);
          assert.ok(trip >= DELAY, `${trip} ms, asked ${asked}`);
        }
      } finally {
        moving.kill();
        await wire.stop();
      }
    }));

  it('tells the round trip to a server without fences too', () =>
    stage.withTab(async (tab) => {
      const { address } = await stage.keep(startTightVnc({}));
      await tab.open(host.url(address.port));
      await tab.page.locator('#open-statistics').click();
      assert.ok((await roundTrip(tab)) < 1_000);
    }));

  it('has the server send less for a smaller picture, from the moment it is chosen', () =>
    stage.withTab(async (tab) => {
      const wire = await layWire(server.port);
      try {
        await tab.prefer({ quality: 6, compression: 2 });
        await tab.open(host.url(wire.port));
        await tab.page.locator('#open-settings').click();
        const bytes = { best: 0, smallest: 0 };
        for (const preset of ['smallest', 'best', 'smallest', 'best'] as const) {
          bytes[preset] += await weighTurns(tab, wire, preset);
        }
        assert.ok(
          bytes.smallest > 0 && bytes.best > FACTOR * bytes.smallest,
          JSON.stringify(bytes),
        );
      } finally {
        await wire.stop();
      }
    }));

  it('keeps the display on while it is connected, if the viewer wants that', () =>
    stage.withTab(async (tab) => {
      const locks = await noteWakeLocks(tab.page);
      await open(tab, { keepAwake: true });
      await eventually('a lock', async () => `${await locks()}` === 'true');
      await tab.page.locator('#disconnect').click();
      await eventually('none', async () => `${await locks()}` === 'false');
      await open(tab, { keepAwake: false });
      assert.deepEqual(await locks(), []);
    }));

  it('takes all keys on the whole screen, says how to leave it, and gives them back', () =>
    stage.withTab(async (tab) => {
      await tab.page.addInitScript(() => {
        const noted: string[] = [];
        Object.assign(window, { noted });
        const keyboard = {
          async lock() {
            noted.push('lock');
          },
          unlock() {
            noted.push('unlock');
          },
        };
        Object.defineProperty(navigator, 'keyboard', { value: keyboard });
      });
      await open(tab, {});
      await tab.page.locator('#full-screen').click();
      await tab.page.getByText('Hold Esc to leave the full screen.').waitFor();
      assert.deepEqual(await noted(tab), ['lock']);
      await tab.page.locator('#full-screen').click();
      await eventually('unlocked', async () => (await noted(tab)).join() === 'lock,unlock');
      await tab.page.locator('#leave-full-screen').waitFor({ state: 'hidden' });
    }));

  /** Opens a console with settings that the viewer has chosen before. */
  async function open(tab: Tab, chosen: Partial<PageSettings>): Promise<void> {
    await tab.prefer(chosen);
    await tab.open(host.url(server.port));
    await tab.shows(server);
  }

  /** Opens one of the demo's machine. */
  async function operate(tab: Tab, chosen: Partial<PageSettings>): Promise<void> {
    await tab.prefer(chosen);
    await tab.open(host.url(machine.port));
    await eventually('a picture', async () => isLike(await tab.picture(), machine));
  }

  /** Chooses a picture, and counts the bytes that the same changes of the screen take then. */
  async function weighTurns(tab: Tab, wire: Wire, preset: 'best' | 'smallest'): Promise<number> {
    const { quality, compression } = PICTURE_PRESETS[preset];
    const told = Buffer.alloc(8);
    told.writeInt32BE(-32 + quality);
    told.writeInt32BE(-256 + compression, 4);
    await tab.page.locator('#picture-preset').selectOption(preset);
    await eventually(`${preset} among the encodings`, () => wire.hasSent(told));
    // What stands still has been refined by now, and is not sent again.
    await tab.shows(server);
    const before = wire.received;
    await server.run('xdotool', ...photos.turns(TURNS));
    return wire.received - before;
  }
});

/** The next that the panel of statistics tells, in milliseconds. */
async function roundTrip(tab: Tab): Promise<number> {
  const cell = tab.page.locator('#statistics-round-trip');
  await cell.evaluate((shown) => {
    shown.textContent = '';
  });
  const told = await eventually(
    'a round trip',
    async () => (await cell.textContent()) ?? '',
    (text) => text.endsWith(' ms'),
  );
  return Number.parseInt(told, 10);
}

async function press(tab: Tab, name: string): Promise<void> {
  await tab.page.locator('#open-power').click();
  await tab.page.locator('#power').getByRole('button', { name }).click();
}

function noted(tab: Tab): Promise<string[]> {
  return tab.page.evaluate(() => (window as unknown as { noted: string[] }).noted);
}

async function decode(tab: Tab, png: Buffer): Promise<Picture> {
  const { width, height, pixels } = await tab.page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const context = canvas.getContext('2d')!;
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    let text = '';
    for (let from = 0; from < data.length; from += 8192)
      text += String.fromCharCode(...data.subarray(from, from + 8192));
    return { width: canvas.width, height: canvas.height, pixels: btoa(text) };
  }, png.toString('base64'));
  return { width, height, rgba: Buffer.from(pixels, 'base64') };
}

function pictureOf({ picture: { width, height, pixels } }: VncServer): Picture {
  const rgba = new Uint8Array(4 * width * height);
  pixels.forEach((pixel, i) => {
    rgba.set([pixel >> 16, pixel >> 8, pixel, 255], 4 * i);
  });
  return { width, height, rgba };
}

function isLike(picture: Picture, machine: VncServer): boolean {
  return likeness(picture, pictureOf(machine), 2) > 0.99;
}

async function assertLike(picture: Picture, server: XServer): Promise<void> {
  assert.ok(likeness(picture, await server.picture(), server.tolerance) > 0.99);
}

/** The boot screen is black but for a few words. */
function isDark({ rgba, width, height }: Picture): boolean {
  let dark = 0;
  for (let at = 0; at < rgba.length; at += 4) if (!rgba[at] && !rgba[at + 2]) dark++;
  return dark > 0.9 * width * height;
}
