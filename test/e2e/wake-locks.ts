import type { Page } from 'playwright-core';

/**
 * Notes the locks by which pages keep the display on, from the next page on: the browser's own.
 * What it returns says of each, in the order they were given, whether it is held.
 */
export async function noteWakeLocks(page: Page): Promise<() => Promise<boolean[]>> {
  await page.addInitScript(() => {
    const locks: WakeLockSentinel[] = [];
    const { request } = WakeLock.prototype;
    WakeLock.prototype.request = async function (type) {
      const lock = await request.call(this, type);
      locks.push(lock);
      return lock;
    };
    Object.assign(window, { locks });
  });
  return () =>
    page.evaluate(() =>
      (window as unknown as { locks: WakeLockSentinel[] }).locks.map(({ released }) => !released),
    );
}
