import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { lacking } from '../helpers/system.ts';
import { rectangle, update } from '../rfb/helpers/server-says.ts';
import type { Tab } from './browser.ts';
import { eventually } from './eventually.ts';
import { nextMessage, startFakeServer, welcome } from './fake-server.ts';
import type { Host } from './host-app.ts';
import { openStage, type Stage } from './stage.ts';
import { startStandalone } from './standalone.ts';

const skip = lacking('chromium');

/** What of each page is to be read first, in English and in German. */
const PAGES = {
  console: ['#headline', 'Connecting…', 'Verbindung wird hergestellt…'],
  refusal: ['#cause', 'There is no such console.', 'Diese Konsole gibt es nicht.'],
  wall: ['.wall_none p', 'There are no consoles yet.', 'Es gibt noch keine Konsolen.'],
  start: ['h1', 'Open a console', 'Eine Konsole öffnen'],
} as const;

type Kept = Readonly<Record<string, string>>;

/** What was to be seen in one frame. */
interface Frame {
  readonly isPainted: boolean;
  readonly colours: string;
  /** Where the toolbar is, on a page that has one. */
  readonly edge: string | undefined;
  readonly words: string;
}

/** The tools of the bar in one frame, and what room it leaves for the rest. */
interface Tools {
  readonly areSeen: boolean;
  readonly room: string;
}

/** Runs in the page. */
function watchTools(): void {
  const toolsSeen: Tools[] = [];
  // A method: tsx wraps functions that have names in what the page does not have.
  const watcher = {
    look(): void {
      const main = document.querySelector('main');
      if (main) {
        const { x, y, width, height } = main.getBoundingClientRect();
        const areSeen = document.getElementById('tools')!.checkVisibility();
        toolsSeen.push({ areSeen, room: [x, y, width, height].join() });
      }
      requestAnimationFrame(watcher.look);
    },
  };
  requestAnimationFrame(watcher.look);
  Object.assign(window, { toolsSeen });
}

const PIXELS = update([rectangle(0, 16, 16, Buffer.alloc(4 * 16 * 16, 0xff))]);

describe('a page at first sight', { skip }, () => {
  let stage: Stage;
  let host: Host;
  let start: string;

  before(async () => {
    stage = await openStage();
    host = await stage.startHost({
      resolve(name) {
        if (name === 'silent') return { connect: () => new Promise(() => {}) };
        const port = Number(name.split(':')[1]);
        return port ? { host: '127.0.0.1', port } : null;
      },
      list: () => [],
    });
    start = await startStandalone(stage, ['10.0.0.0/8']);
  });
  after(() => stage.close());

  const addressOf = (page: keyof typeof PAGES) =>
    ({
      console: host.url('silent'),
      refusal: host.url('nothing'),
      wall: host.url(''),
      start,
    })[page];

  for (const page of Object.keys(PAGES) as (keyof typeof PAGES)[]) {
    const [selector, english, german] = PAGES[page];

    it(`has the colours and the language that were chosen: ${page}`, () =>
      stage.withTab(
        async (tab) => {
          const kept = { theme: 'dark', language: 'de', toolbarEdge: 'left' };
          const frames = await watch(tab, addressOf(page), selector, kept);
          assert.ok(frames.length > 0);
          assert.deepEqual([...new Set(frames.map(({ colours }) => colours))], ['dark']);
          const edges = new Set(frames.map(({ edge }) => edge));
          assert.deepEqual([...edges], [page === 'console' ? 'left' : undefined]);
          assert.deepEqual(
            frames.filter(({ words }) => words === english),
            [],
          );
          assert.equal(await tab.page.locator(selector).textContent(), german);
        },
        { colorScheme: 'light' },
      ));

    it(`is German in a German browser, and never was English: ${page}`, () =>
      stage.withTab(
        async (tab) => {
          const frames = await watch(tab, addressOf(page), selector);
          const words = new Set(frames.map(({ words }) => words));
          words.delete('');
          assert.deepEqual([...words], [german]);
          assert.match(await tab.page.title(), page === 'console' ? /silent/ : /Konsole/);
        },
        { locale: 'de-DE' },
      ));
  }

  for (const edge of ['top', 'left'] as const) {
    for (const viewport of [
      { width: 1280, height: 800 },
      { width: 390, height: 844 },
    ]) {
      it(`has a bar that waits with its tools, and keeps their place: ${edge}, ${viewport.width} wide`, () =>
        stage.withTab(
          async (tab) => {
            await tab.prefer({ toolbarEdge: edge });
            await tab.page.addInitScript(watchTools);
            await tab.page.goto(host.url('silent'));
            const watched = () => tab.page.evaluate<Tools[]>('toolsSeen');
            const all = await eventually(
              'the tools',
              watched,
              (all) => all.at(-1)?.areSeen === true,
            );
            assert.equal(all[0]?.areSeen, false);
            assert.deepEqual([...new Set(all.map(({ room }) => room))], [all[0]?.room]);
          },
          { viewport },
        ));
    }
  }

  it('is the only time that the tools are waited for', () =>
    stage.withTab(async (tab) => {
      let sessions = 0;
      let lose = () => {};
      const server = await stage.keep(
        startFakeServer(async (socket) => {
          if (++sessions > 1) return; // accepts, and says nothing
          lose = () => socket.destroy();
          const reader = await welcome(socket, 16, 16);
          while ((await nextMessage(reader)) !== 'request');
          socket.write(PIXELS);
          for (;;) await nextMessage(reader);
        }),
      );
      await tab.open(host.url(server.port));
      await tab.page.evaluate(watchTools);
      lose();
      await eventually('another session', () => sessions === 2);
      await tab.reaches('connecting');
      const watched = () => tab.page.evaluate<Tools[]>('toolsSeen');
      await eventually('more frames', watched, (all) => all.length > 30);
      assert.deepEqual([...new Set((await watched()).map(({ areSeen }) => areSeen))], [true]);
    }));

  it('can be read in English if the language does not come', () =>
    stage.withTab(
      async (tab) => {
        await tab.page.route(/assets\/de-/, (route) => route.abort());
        await tab.page.goto(host.url('nothing'));
        await tab.page.locator('html:not([data-unspoken])').waitFor({ state: 'attached' });
        assert.equal(await tab.page.locator('#cause').textContent(), PAGES.refusal[1]);
      },
      { locale: 'de-DE' },
    ));

  it('says what can be done about a refusal, and does it', () =>
    stage.withTab(async (tab) => {
      await tab.page.goto(host.url('nothing'));
      await tab.page.getByText('It may have been removed, or its name is another.').waitFor();
      const again = tab.page.waitForResponse(host.url('nothing'));
      await tab.page.getByRole('button', { name: 'Try again' }).click();
      assert.equal((await again).status(), 404);
    }));

  it('keeps the field of the start page in focus while its words come', () =>
    stage.withTab(
      async (tab) => {
        await tab.page.goto(start);
        await tab.page.locator('html[lang="de"] input:focus').waitFor();
      },
      { locale: 'de-DE' },
    ));
});

/** Opens a page whose scripts and words are slow to come, and looks at each of its frames. */
async function watch(tab: Tab, url: string, selector: string, kept: Kept = {}): Promise<Frame[]> {
  await tab.page.addInitScript(
    ([kept, selector]) => {
      for (const [name, value] of Object.entries(kept))
        localStorage.setItem(`express-novnc:${name}`, JSON.stringify(value));
      const seen: object[] = [];
      // A method: tsx wraps functions that have names in what the page does not have.
      const watcher = {
        look(): void {
          const element = document.querySelector(selector);
          // What its card withholds has no animation yet that could make it transparent.
          const isSeen = element?.checkVisibility({ opacityProperty: true });
          seen.push({
            isPainted: performance.getEntriesByName('first-paint').length > 0,
            edge: document.documentElement.dataset.toolbarEdge,
            colours: getComputedStyle(document.documentElement).colorScheme,
            words: isSeen ? element?.textContent : '',
          });
          requestAnimationFrame(watcher.look);
        },
      };
      requestAnimationFrame(watcher.look);
      Object.assign(window, { seen });
    },
    [kept, selector] as const,
  );
  await tab.page.route(/assets\/(main|wall|refused|start|de)-.*\.js/, async (route) => {
    await sleep(/\/de-/.test(route.request().url()) ? 400 : 200);
    await route.continue().catch(() => {}); // a tab that was closed asks no more
  });
  await tab.page.goto(url);
  await tab.page.locator('html[lang="de"]').waitFor({ state: 'attached' });
  const painted = async () => {
    const frames: Frame[] = await tab.page.evaluate('seen');
    return frames.filter(({ isPainted }) => isPainted);
  };
  await eventually('words', painted, (frames) => frames.some(({ words }) => words !== ''));
  await sleep(100);
  return painted();
}
