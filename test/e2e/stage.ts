import assert from 'node:assert/strict';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { type BrowserName, openTab, startBrowser, type Tab } from './browser.ts';
import { type Host, type HostOptions, startHost } from './host-app.ts';

/** A browser, and all that tests have opened beside it: one `close` for everything. */
export interface Stage {
  readonly browser: Browser;
  /** Opens a tab, hands it to `body`, and closes it; the page has to have kept its policy. */
  withTab(body: (tab: Tab) => Promise<void>, options?: BrowserContextOptions): Promise<void>;
  startHost(options?: HostOptions): Promise<Host>;
  /** Keeps something that is to be stopped in the end. */
  keep<T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T>;
  /** Ends all; what the apps have logged as their own fault fails here. */
  close(): Promise<void>;
}

/** Asserts that a page kept its policy, and caught its errors. */
export function wasSound(tab: Tab): void {
  assert.deepEqual(tab.violations, [], 'what the Content-Security-Policy prevented');
  assert.deepEqual(tab.errors, [], 'what the page did not catch');
}

/** Sets up what every suite in a browser needs. */
export async function openStage(name: BrowserName = 'chromium'): Promise<Stage> {
  const browser = await startBrowser(name);
  const hosts: Host[] = [];
  const kept: { stop(): Promise<void> }[] = [];
  return {
    browser,
    async withTab(body, options) {
      const tab = await openTab(browser, options);
      try {
        await body(tab);
        wasSound(tab);
      } finally {
        await tab.close();
      }
    },
    async startHost(options) {
      const host = await startHost(options);
      hosts.push(host);
      return host;
    },
    async keep(starting) {
      const started = await starting;
      kept.push(started);
      return started;
    },
    async close() {
      await browser.close();
      await Promise.all(hosts.map((host) => host.close()));
      await Promise.all(kept.map((each) => each.stop()));
      assert.deepEqual(
        hosts.flatMap((host) => host.faults),
        [],
      );
    },
  };
}
