import { type Browser, chromium } from 'playwright-core';

export const CHROMIUM = '/usr/bin/chromium';

const TIMEOUT = 30_000;
const WARM_UP = 2;
const VISITS = 5;

/** What the page says when there is something to see, with the milliseconds since it was asked for. */
const VISIBLE = 'visible';

/** Runs in the page: tells when the middle of a desktop has a colour. (A text: tsx adds to functions.) */
const LOOK = `
  requestAnimationFrame(function look() {
    const canvas = document.querySelector('canvas');
    const middle = canvas?.width > 0 && [canvas.width / 2, canvas.height / 2, 1, 1];
    const pixel = middle && canvas.getContext('2d').getImageData(...middle).data;
    if (pixel && pixel[0] + pixel[1] + pixel[2] > 0) {
      console.debug('${VISIBLE}', performance.now());
    } else requestAnimationFrame(look);
  });
`;

/**
 * Opens a page again and again, each time with no cache, cookie or code of the time before; tells the
 * milliseconds until the desktop is drawn. The page is to be measured, not how a browser gets going:
 * the first visits do not count.
 */
export async function firstVisit(url: string): Promise<number> {
  const browser = await startBrowser();
  try {
    const times: number[] = [];
    for (let count = 0; count < WARM_UP + VISITS; count++) {
      const context = await browser.newContext();
      const tab = await context.newPage();
      await tab.addInitScript(LOOK);
      // Nothing is asked of the page while it loads: to look for an element, a library of scripts
      // would be run in it, which takes a tenth of the time that is to be measured.
      const visible = tab.waitForEvent('console', {
        predicate: (message) => message.text().startsWith(VISIBLE),
        timeout: TIMEOUT,
      });
      await tab.goto(url, { waitUntil: 'commit' });
      times.push(Number((await visible).text().slice(VISIBLE.length)));
      await context.close();
    }
    const sorted = times.slice(WARM_UP).sort((a, b) => a - b);
    return sorted[sorted.length >> 1]!;
  } finally {
    await browser.close();
  }
}

/** Starts a Chromium that does nothing but what it is told. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync'],
  });
}
