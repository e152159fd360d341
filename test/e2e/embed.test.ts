import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before } from 'node:test';
import type { FrameLocator, Page } from 'playwright-core';
import { type Machine, startMachines } from '../../demo/machines.ts';
import type { VncConsole } from '../../public/element/vnc-console.ts';
import { lacking } from '../helpers/system.ts';
import { inEachBrowser, it } from './each-browser.ts';
import { eventually } from './eventually.ts';
import type { Host } from './host-app.ts';
import { openStage, type Stage } from './stage.ts';

const skip = lacking('chromium');

/** A message of a console, as the page around it got it. */
interface Told {
  readonly event: string;
  readonly [detail: string]: unknown;
}

inEachBrowser('consoles in frames', { skip }, (browser) => {
  let stage: Stage;
  let machines: Machine[];
  let panel: { origin: string; body: string };
  let host: Host;
  let left: string;
  let right: string;

  before(async () => {
    stage = await openStage(browser);
    machines = await startMachines();
    const site = await startSite();
    panel = site.page;
    await stage.keep(
      Promise.resolve({
        async stop() {
          site.server.close();
          site.server.closeAllConnections();
          await Promise.all(machines.map((machine) => machine.stop()));
        },
      }),
    );
    host = await stage.startHost({ page: { embed: { origins: [panel.origin] } } });
    left = host.url(machines[0]!.port);
    right = host.url(machines.find(({ name }) => name === 'kiosk-1')!.port);
  });
  after(() => stage?.close());

  it('stand side by side on a page of a listed origin, and keys go to the one that was clicked', () =>
    stage.withTab(async (tab) => {
      panel.body =
        `<script type="module" src="${host.origin}/console/assets/element.js"></script>` +
        `<style>body{display:flex;gap:8px;margin:8px}vnc-console{flex:1}</style>` +
        `<vnc-console id="left" src="${left}"></vnc-console>` +
        `<vnc-console id="right" src="${right}"></vnc-console>` +
        '<input autofocus>';
      await tab.page.goto(panel.origin);
      for (const id of ['left', 'right']) await connected(tab.page, id);
      // Neither took the keyboard from the page by connecting.
      assert.equal(await tab.page.evaluate(() => document.activeElement?.tagName), 'INPUT');
      const titles = await collectTitles(tab.page);

      const screens = ['left', 'right'].map((id) => screenOf(tab.page, id)) as [Screen, Screen];
      for (const [at, name] of ['Left', 'Right'].entries()) {
        await clickTerminal(screens[at]!);
        await tab.typeIn(screens[at]!.frame, `name ${name}\n`);
        await eventually(`the title of ${name}`, titles, (seen) =>
          seen.some((title) => title.startsWith(`${['left', 'right'][at]}: ${name} `)),
        );
      }
      assert.ok(!(await titles()).some((title) => /left: Right|right: Left/.test(title)));
      await tab.shot('embedded');

      // A script of the page may give the keyboard to one, too.
      await tab.page.evaluate(() => {
        document.querySelector<HTMLElement>('#left')?.focus();
      });
      const canvas = screens[0].frame.locator('canvas:focus');
      await canvas.waitFor();
      await tab.typeIn(screens[0].frame, 'name Again\n');
      await eventually('the title', titles, (seen) =>
        seen.some((t) => t.startsWith('left: Again')),
      );
    }));

  it('obey the commands of a listed page, and ignore what is none', () =>
    stage.withTab(async (tab) => {
      panel.body = framed(left);
      await tab.page.goto(panel.origin);
      await told(tab.page, ({ event, state }) => event === 'state' && state === 'connected');
      for (const message of [
        ...[null, 7, 'disconnect', [], {}, { command: 'disconnect' }],
        { target: 'express-novnc', command: 'disconnect' },
        { target: 'express-novnc', version: 2, command: 'disconnect' },
        { target: 'express-novnc', version: 1, command: 'constructor' },
        { target: 'express-novnc', version: 1, command: 'sendKeys', keys: 'Enter' },
        { target: 'express-novnc', version: 1, command: 'sendKeys', keys: ['NoSuchKey'] },
        { target: 'express-novnc', version: 1, command: 'paste', text: { length: 1 } },
        { target: 'express-novnc', version: 1, command: 'set', setting: 'language', value: 'de' },
      ]) {
        await send(tab.page, message);
      }
      const screen = { frame: tab.page.frameLocator('iframe'), page: tab.page };
      await clickTerminal(screen);
      const keys = [...'name Keys', 'Enter'];
      for (const key of keys) await command(tab.page, { command: 'sendKeys', keys: [key] });
      await told(tab.page, ({ event, title }) => event === 'title' && /^Keys – /.test(`${title}`));
      await command(tab.page, { command: 'paste', text: 'name Pasted\n' });
      await told(
        tab.page,
        ({ event, title }) => event === 'title' && /^Pasted – /.test(`${title}`),
      );
      await command(tab.page, { command: 'disconnect' });
      const { code, reason } = await told(tab.page, ({ event }) => event === 'end');
      assert.deepEqual([code, reason], ['closed', 'You closed this console.']);
    }));

  it('are not shown on a page of an origin that is not listed', async () => {
    const shut = await stage.startHost();
    const tab = await stage.browser.newPage();
    panel.body = framed(shut.url(machines[0]!.port));
    await tab.goto(panel.origin);
    await eventually(
      'the frame’s address',
      async () => tab.frames()[1]?.url() ?? '',
      (url) => /^(chrome-error:|about:neterror\?e=cspBlocked)/.test(url),
    );
    await tab.close();
  });

  it('tell nothing to, and take nothing from, a page that is not listed but frames them all the same', () =>
    stage.withTab(async (tab) => {
      const open = await stage.startHost({
        page: { headers: { 'Content-Security-Policy': null, 'X-Frame-Options': null } },
      });
      panel.body = framed(open.url(machines[0]!.port));
      await tab.page.goto(panel.origin);
      const root = tab.page.frameLocator('iframe').locator('html');
      await tab.page.frameLocator('iframe').locator('html[data-state="connected"]').waitFor();
      await command(tab.page, { command: 'disconnect' });
      // A message of its own window comes after it, through the same queue.
      await tab.page.frames()[1]!.evaluate(
        () =>
          new Promise((done) => {
            addEventListener('message', done, { once: true });
            postMessage('last', location.origin);
          }),
      );
      assert.equal(await root.getAttribute('data-state'), 'connected');
      assert.deepEqual(await tab.page.evaluate(() => window.told), []);
    }));

  it('take nothing from another frame of the page, though its origin is listed', () =>
    stage.withTab(async (tab) => {
      panel.body = `${framed(left)}<iframe id="other" src="about:blank"></iframe>`;
      await tab.page.goto(panel.origin);
      await told(tab.page, ({ event, state }) => event === 'state' && state === 'connected');
      await tab.page.evaluate(() => {
        const other = document.querySelector<HTMLIFrameElement>('#other')!.contentWindow!;
        const script = other.document.createElement('script');
        const message = { target: 'express-novnc', version: 1, command: 'disconnect' };
        script.textContent = `parent.frames[0].postMessage(${JSON.stringify(message)}, '*')`;
        other.document.body.append(script);
      });
      await command(tab.page, { command: 'screenshot', id: 1 });
      const { blob } = await told(tab.page, ({ event }) => event === 'screenshot');
      assert.ok(blob, 'it is still connected');
    }));
});

interface Screen {
  readonly frame: FrameLocator;
  readonly page: Page;
}

function screenOf(page: Page, id: string): Screen {
  return { frame: page.frameLocator(`#${id} iframe`), page };
}

/** A click raises the demo's terminal. */
async function clickTerminal({ frame, page }: Screen): Promise<void> {
  const canvas = frame.locator('#screen canvas');
  await canvas.waitFor({ state: 'visible' });
  const box = (await canvas.boundingBox())!;
  const { width, height } = await canvas.evaluate((element) => {
    const { width, height } = element as HTMLCanvasElement;
    return { width, height };
  });
  await page.mouse.click(box.x + (200 * box.width) / width, box.y + (200 * box.height) / height);
}

async function connected(page: Page, id: string): Promise<void> {
  await eventually(
    `the state of ${id}`,
    () => page.evaluate((id) => (document.getElementById(id) as unknown as VncConsole).state, id),
    (state) => state === 'connected',
  );
}

/** Keeps the titles that the consoles of a page tell. */
async function collectTitles(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const titles: string[] = [];
    Object.assign(window, { titles });
    for (const element of document.querySelectorAll('vnc-console')) {
      element.addEventListener('title', (event) => {
        titles.push(`${element.id}: ${(event as CustomEvent).detail}`);
      });
    }
  });
  return () => page.evaluate(() => (window as unknown as { titles: string[] }).titles);
}

declare global {
  interface Window {
    told: Told[];
  }
}

/** A page with a bare frame, that keeps what it is told. */
function framed(src: string): string {
  return (
    `<script>told = []; addEventListener('message', ({ data }) => told.push(data))</script>` +
    `<iframe src="${src}" width="1100" height="820"></iframe>`
  );
}

function send(page: Page, message: unknown): Promise<void> {
  return page.evaluate((message) => frames[0]!.postMessage(message, '*'), message);
}

function command(page: Page, message: object): Promise<void> {
  return send(page, { target: 'express-novnc', version: 1, ...message });
}

async function told(page: Page, isIt: (told: Told) => boolean): Promise<Told> {
  const all = () =>
    page.evaluate(() =>
      window.told.map((each) => ({ ...each, ...('blob' in each && { blob: !!each.blob }) })),
    );
  const seen = await eventually('what the page was told', all, (seen) => seen.some(isIt));
  return seen.find(isIt)!;
}

/** A site of another origin and another site, that shows what a test puts into `body`. */
async function startSite(): Promise<{ page: { origin: string; body: string }; server: Server }> {
  const page = { origin: '', body: '' };
  const server = createServer((_req, res) => {
    res.setHeader('Content-Type', 'text/html; charset=utf-8');
    res.end(`<!doctype html><title>Panel</title><link rel="icon" href="data:,">${page.body}`);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  page.origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  return { page, server };
}
