import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import {
  type Browser,
  type BrowserContextOptions,
  chromium,
  type FrameLocator,
  firefox,
  type Locator,
  type Page,
} from 'playwright-core';
import type { PageSettings } from '../../lib/page-settings.ts';
import { findProgram } from '../helpers/system.ts';
import { forgiveMediaFeatures, pressKeys, savedFile, screenshot } from './bidi.ts';
import { eventually } from './eventually.ts';
import { likeness, type Picture } from './picture.ts';
import type { XServer } from './x-server.ts';

export const BROWSERS = ['chromium', 'firefox'] as const;
export type BrowserName = (typeof BROWSERS)[number];

/** Starts a browser without windows that talks to nobody but the pages it is sent to. */
export function startBrowser(name: BrowserName): Promise<Browser> {
  return name === 'firefox' ? startFirefox() : startChromium();
}

function startChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: findProgram('chromium')!,
    args: CHROMIUM_FLAGS,
  });
}

/** Any Firefox will do: this channel drives it through its WebDriver BiDi port. */
async function startFirefox(): Promise<Browser> {
  const browser = await firefox.launch({
    channel: 'moz-firefox',
    executablePath: findProgram('firefox-esr')!,
  });
  forgiveMediaFeatures(browser);
  return browser;
}

/** What keeps a Chromium quiet. */
export const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** What `data-state` of the page's root may be. */
type State = 'connecting' | 'securing' | 'signing-in' | 'connected' | 'waiting' | 'ended';

/** A tab with a console page in it, as a person sees it. */
export interface Tab {
  readonly page: Page;
  /** The remote screen, on the page. */
  readonly screen: Locator;
  /** What a Content-Security-Policy kept from happening. */
  readonly violations: string[];
  /** Errors that the page's script did not catch. */
  readonly errors: string[];
  /** The addresses of all requests, WebSockets among them. */
  readonly requests: string[];
  /** Lets the viewer have chosen settings before, for all consoles. */
  prefer(chosen: Partial<PageSettings>): Promise<void>;
  /** Opens a page and waits until it has come that far. */
  open(url: string, state?: State): Promise<void>;
  reaches(state: State): Promise<void>;
  /** How the session ended: the code for programs, and the words for people. */
  ending(): Promise<{ code: string; words: string; detail: string }>;
  /** Waits until the page shows what the X server does. */
  shows(server: XServer): Promise<void>;
  /** The remote screen as the page holds it, whatever its scale. */
  picture(): Promise<Picture>;
  /** Where a point of the remote screen is on the page. */
  at(x: number, y: number): Promise<[x: number, y: number]>;
  /** Presses a key of any layout, by what it gives and where it is. */
  press(key: string, code: string): Promise<void>;
  /** Types in a frame that has the keyboard. */
  typeIn(frame: FrameLocator, text: string): Promise<void>;
  /** Does what makes the browser save a file, and gives that file. */
  save(act: () => Promise<void>): Promise<{ name: string; bytes: Buffer }>;
  /** Saves what the page looks like, for people to judge. */
  shot(name: string): Promise<void>;
  close(): Promise<void>;
}

const SHOTS = fileURLToPath(new URL('../../screenshots/', import.meta.url));
const WIDE = { width: 1440, height: 900 };

/** Options of a tab on a phone. */
export const PHONE = { hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } };

/** What Firefox writes beside the errors of scripts: that the network is as a test made it. */
const FIREFOX_TELLS = /^Firefox can’t establish a connection|^The connection to ws/;

/** What counts as the same picture. */
const LIKE = 0.995;

/** Opens a tab of its own profile: nothing of another is in it. */
export async function openTab(browser: Browser, options: BrowserContextOptions = {}): Promise<Tab> {
  const { isMobile: _, ...plain } = options;
  // Only Chromium can be a phone in more than its size and its fingers.
  const own = browser.browserType().name() === 'firefox' ? plain : options;
  const context = await browser.newContext({ viewport: WIDE, ...own });
  return tabOf(await context.newPage());
}

/** The tab that a page is in. */
export async function tabOf(page: Page): Promise<Tab> {
  const isFirefox = page.context().browser()?.browserType().name() === 'firefox';
  page.setDefaultTimeout(15_000);
  const violations: string[] = [];
  const errors: string[] = [];
  const requests: string[] = [];
  await page.exposeFunction('onViolation', (violation: string) => violations.push(violation));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      const { onViolation } = window as unknown as { onViolation(violation: string): void };
      onViolation(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`);
    });
  });
  const addInitScript = page.addInitScript.bind(page);
  // In Firefox a blank page comes before the first, which has neither storage nor clipboard.
  page.addInitScript = (script, arg) =>
    addInitScript(`if (origin !== 'null') (${script})(${JSON.stringify(arg) ?? ''})`);
  page.on('console', (message) => {
    if (/Content.Security.Policy|TrustedScript|Trusted Type/i.test(message.text()))
      violations.push(message.text());
  });
  page.on('pageerror', (error) => {
    const text = String(error);
    if (/Content-Security-Policy/.test(text)) violations.push(text);
    else if (!FIREFOX_TELLS.test(text)) errors.push(text);
  });
  page.on('request', (request) => requests.push(request.url()));
  page.on('websocket', (socket) => requests.push(socket.url()));

  const screen = page.locator('#screen canvas');

  async function reaches(state: State): Promise<void> {
    try {
      await page.locator(`html[data-state="${state}"]`).waitFor({ state: 'attached' });
    } catch (error) {
      const seen = await page.locator('html').getAttribute('data-state');
      const words = await page.locator('main').textContent();
      throw new Error(
        `the page is ${seen}, not ${state}; it says: ${words?.replace(/\s+/g, ' ')}`,
        {
          cause: error,
        },
      );
    }
  }

  async function visibleText(selector: string): Promise<string | null> {
    const element = page.locator(selector);
    await element.waitFor({ state: 'visible' });
    return element.textContent();
  }

  async function picture(): Promise<Picture> {
    const { width, height, pixels } = await screen.evaluate((element) => {
      const { width, height } = element as HTMLCanvasElement;
      const { data } = (element as HTMLCanvasElement)
        .getContext('2d')!
        .getImageData(0, 0, width, height);
      let bytes = '';
      for (let from = 0; from < data.length; from += 8192)
        bytes += String.fromCharCode(...data.subarray(from, from + 8192));
      return { width, height, pixels: btoa(bytes) };
    });
    return { width, height, rgba: Buffer.from(pixels, 'base64') };
  }

  return {
    page,
    screen,
    violations,
    errors,
    requests,
    reaches,
    picture,
    async prefer(chosen) {
      await page.addInitScript((entries) => {
        for (const [name, value] of entries) {
          localStorage.setItem(`express-novnc:${name}`, JSON.stringify(value));
        }
      }, Object.entries(chosen));
    },
    async open(url, state = 'connected') {
      await page.goto(url);
      await reaches(state);
      // Nobody presses a button before it is there; a test would, which goes straight for it.
      await page.evaluate(async () => {
        const waits = document.querySelector('.bar')?.getAnimations() ?? [];
        await Promise.allSettled(waits.map(({ finished }) => finished));
      });
    },
    async ending() {
      await reaches('ended');
      return {
        code: (await page.locator('html').getAttribute('data-end-code')) ?? '',
        words: (await visibleText('#cause')) ?? '',
        detail: (await page.locator('#detail').textContent()) ?? '',
      };
    },
    async shows(server) {
      await eventually(
        'the share of pixels that are alike',
        async () => likeness(await picture(), await server.picture(), server.tolerance),
        (share) => share >= LIKE,
      );
    },
    async at(x, y) {
      const box = (await screen.boundingBox())!;
      const { width, height } = await screen.evaluate((element) => ({
        width: (element as HTMLCanvasElement).width,
        height: (element as HTMLCanvasElement).height,
      }));
      const place: [x: number, y: number] = [
        box.x + ((x + 0.5) * box.width) / width,
        box.y + ((y + 0.5) * box.height) / height,
      ];
      // A mouse is at whole pixels; Chromium cuts what is more, and Firefox rounds it. Fingers are not.
      return isFirefox ? [Math.floor(place[0]), Math.floor(place[1])] : place;
    },
    async press(key, code) {
      if (isFirefox) return pressKeys(page.mainFrame(), key);
      const cdp = await page.context().newCDPSession(page);
      for (const type of ['keyDown', 'keyUp'] as const)
        await cdp.send('Input.dispatchKeyEvent', { type, key, code });
      await cdp.detach();
    },
    async typeIn(frame, text) {
      if (!isFirefox) return page.keyboard.type(text);
      const owner = await frame.owner().elementHandle();
      return pressKeys((await owner!.contentFrame())!, text);
    },
    async save(act) {
      if (isFirefox) return savedFile(page, act);
      const download = page.waitForEvent('download');
      await act();
      const file = await download;
      return { name: file.suggestedFilename(), bytes: await readFile(await file.path()) };
    },
    async shot(name) {
      await mkdir(SHOTS, { recursive: true });
      if (isFirefox) await writeFile(`${SHOTS}firefox-${name}.png`, await screenshot(page));
      else await page.screenshot({ path: `${SHOTS}${name}.png`, animations: 'disabled' });
    },
    close: () => page.context().close(),
  };
}
