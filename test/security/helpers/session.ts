import assert from 'node:assert/strict';
import type { Door } from './host.ts';
import { RawBrowser, type UpgradeOptions } from './raw-browser.ts';
import { BANNER, type VncPeer, type VncServer } from './vnc-server.ts';

/** Opens a console and waits until both sides are joined. */
export async function openSession(
  door: Door,
  vnc: VncServer,
  { mount = '/console', ...options }: UpgradeOptions & { mount?: string } = {},
): Promise<{ browser: RawBrowser; peer: VncPeer }> {
  const browser = await RawBrowser.open(door, `${mount}/proxy?target=${vnc.name}`, options);
  assert.equal(browser.response?.status, 101);
  const peer = await vnc.next();
  await browser.until(
    `the banner (${browser.closing?.code})`,
    () => browser.payloadLength >= BANNER.length || browser.gone,
  );
  assert.equal(browser.payload.toString('latin1', 0, BANNER.length), BANNER);
  return { browser, peer };
}
