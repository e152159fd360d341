import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { after, before } from 'node:test';
import { lacking } from '../helpers/system.ts';
import { u32 } from '../rfb/helpers/handshakes.ts';
import { rectangle, update } from '../rfb/helpers/server-says.ts';
import type { Tab } from './browser.ts';
import { inEachBrowser, it } from './each-browser.ts';
import { eventually } from './eventually.ts';
import { nextMessage, startFakeServer, welcome } from './fake-server.ts';
import { type Host, MANUAL } from './host-app.ts';
import { openStage, type Stage } from './stage.ts';

const skip = lacking('chromium');

/** How wide and high the screen is here. */
const SIDE = 16;

const RAW = 0;
const TIGHT = 7;
const H264 = 50;

/** Pixels, as the page wants them. */
const RED = Buffer.from([255, 0, 0, 0]);
const BLUE = Buffer.from([0, 0, 255, 0]);

// Real servers send no such pictures, and few of them H.264: fakes do.
inEachBrowser('a picture that cannot be decoded', { skip }, (browser) => {
  let stage: Stage;
  let host: Host;
  let manual: Host;
  /** One frame of that size, which is red. */
  let film: Buffer;

  before(async () => {
    stage = await openStage(browser);
    host = await stage.startHost();
    manual = await stage.startHost(MANUAL);
    film = await readFilm();
  });
  after(() => stage.close());

  /** Starts a VNC server that is blue at first, and then shows a film to those who take it. */
  async function startCinema(frame: (visit: number) => Buffer) {
    const visits: boolean[][] = [];
    const server = await stage.keep(
      startFakeServer(async (socket) => {
        const offers: boolean[] = [];
        const visit = visits.push(offers) - 1;
        const reader = await welcome(socket, SIDE, SIDE);
        for (let isFirst = true; ; ) {
          const message = await nextMessage(reader);
          if (message === 'request' && isFirst) {
            socket.write(picture(RAW, Buffer.alloc(4 * SIDE * SIDE, BLUE)));
            isFirst = false;
          } else if (typeof message === 'object') {
            offers.push(message.encodings.includes(H264));
            if (!offers.at(-1)) continue;
            const bytes = frame(visit);
            socket.write(picture(H264, Buffer.concat([u32(bytes.length), u32(0), bytes])));
          }
        }
      }),
    );
    /** Of each visit, whether H.264 was among what it took, each time that it said so. */
    return { visits, url: host.url(server.port) };
  }

  it('is none if it is good H.264', () =>
    stage.withTab(async (tab) => {
      const { url } = await startCinema(() => film);
      await tab.open(url);
      await eventually('the film', () => isAll(tab, RED));
      await tab.reaches('connected');
    }));

  it('has the page come back by itself, and do without H.264 from then on', () =>
    stage.withTab(async (tab) => {
      const { url, visits } = await startCinema(() => Buffer.from('no film at all'));
      const states = await collectStates(tab);
      await tab.open(url);
      await eventually('two visits', () => visits.length === 2);
      await tab.reaches('connected');
      await eventually('the picture', () => isAll(tab, BLUE));
      assert.ok((await states()).includes('connected connecting'));
      assert.equal(visits[0]?.at(-1), true);
      // A change has it say anew what it takes.
      const offers = visits[1]!.length;
      await tab.page.locator('#open-settings').click();
      await tab.page.locator('#picture-preset').selectOption('smallest');
      await eventually('another offer', () => visits[1]!.length > offers);
      assert.ok(!visits[1]!.includes(true));
    }));

  it('of H.264 is noticed too when the decoder only finds out later', () =>
    stage.withTab(async (tab) => {
      const { url, visits } = await startCinema(() => film.subarray(0, -25));
      await tab.open(url);
      await eventually('two visits', () => visits.length === 2);
      await tab.reaches('connected');
      await eventually('the picture', () => isAll(tab, BLUE));
      assert.deepEqual([visits[0]?.at(-1), visits[1]?.includes(true)], [true, false]);
      // noVNC leaves it to the browser to say so.
      assert.match(tab.errors.splice(0).join(), /^Error: Failed to decode frame: [^,]+$/);
    }));

  it('is told of where the page does not come back by itself', () =>
    stage.withTab(async (tab) => {
      const server = await stage.keep(startFakeServer(sendBrokenPicture));
      await tab.open(manual.url(server.port));
      const { code, words } = await tab.ending();
      assert.deepEqual([code, words], ['stuck', 'The picture stood still and had to be renewed.']);
    }));

  it('is renewed by itself', () =>
    stage.withTab(async (tab) => {
      let visits = 0;
      const server = await stage.keep(
        startFakeServer(async (socket) => {
          visits += 1;
          if (visits === 1) return sendBrokenPicture(socket);
          const reader = await welcome(socket, SIDE, SIDE);
          while ((await nextMessage(reader)) !== 'request');
          socket.write(picture(RAW, Buffer.alloc(4 * SIDE * SIDE, BLUE)));
          for (;;) await nextMessage(reader);
        }),
      );
      await tab.open(host.url(server.port));
      await eventually('two visits', () => visits === 2);
      await tab.reaches('connected');
      await eventually('the picture', () => isAll(tab, BLUE));
    }));
});

/** An update of the whole screen. */
function picture(encoding: number, data: Buffer): Buffer {
  return update([rectangle(encoding, SIDE, SIDE, data)]);
}

/** Sends a picture that is no JPEG, and the beginning of another update. */
async function sendBrokenPicture(socket: Socket): Promise<void> {
  const reader = await welcome(socket, SIDE, SIDE);
  while ((await nextMessage(reader)) !== 'request');
  const broken = picture(TIGHT, Buffer.from([0x90, 3, 1, 2, 3]));
  socket.write(Buffer.concat([broken, broken]));
  for (;;) await nextMessage(reader);
}

/** noVNC has a frame with it, by which it looks if a browser decodes H.264. */
async function readFilm(): Promise<Buffer> {
  const file = new URL('../../node_modules/@novnc/novnc/core/util/browser.js', import.meta.url);
  const [, lines = ''] = /Base64\.decode\(([^)]+)\)/.exec(await readFile(file, 'utf8')) ?? [];
  return Buffer.from([...lines.matchAll(/'(.*)'/g)].map(([, line]) => line).join(''), 'base64');
}

/** Says if the screen has nothing but one colour, or nearly that: video is never exact. */
async function isAll(tab: Tab, colour: Uint8Array): Promise<boolean> {
  const { rgba } = await tab.picture();
  return rgba.every((value, at) => at % 4 === 3 || Math.abs(value - colour[at % 4]!) <= 4);
}

/** Notes each state that the page goes from, and to. */
async function collectStates({ page }: Tab): Promise<() => Promise<string[]>> {
  await page.addInitScript(() => {
    const states: string[] = [];
    Object.assign(window, { states });
    new MutationObserver((changes) => {
      for (const { oldValue } of changes) {
        const { state } = document.documentElement.dataset;
        if (oldValue !== state) states.push(`${oldValue} ${state}`);
      }
    }).observe(document, {
      attributeFilter: ['data-state'],
      attributeOldValue: true,
      subtree: true,
    });
  });
  return () => page.evaluate(() => (window as unknown as { states: string[] }).states);
}
