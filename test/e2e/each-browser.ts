import assert from 'node:assert/strict';
import { describe, it as test } from 'node:test';
import { lacking } from '../helpers/system.ts';
import { BROWSERS, type BrowserName } from './browser.ts';
import { DOORS, type Door } from './host-app.ts';
import { FIREFOX_DOORS, NOT_IN_FIREFOX } from './not-in-firefox.ts';

/** The tests that the suite being set up leaves out, by title. */
let leftOut: Readonly<Record<string, string>> = {};
let met = new Set<string>();

/** Sets a suite up once for each browser; its tests are made by this file's `it`. */
export function inEachBrowser(
  title: string,
  { skip }: { skip: string | false },
  setUp: (browser: BrowserName) => void,
): void {
  for (const browser of BROWSERS) {
    const gaps = (browser === 'firefox' && NOT_IN_FIREFOX[title]) || {};
    const lacks = skip || (browser === 'firefox' && lacking('firefox-esr'));
    describe(`${title}, in ${browser}`, { skip: lacks }, () => {
      leftOut = gaps;
      met = new Set();
      setUp(browser);
      leftOut = {};
      const stale = Object.keys(gaps).filter((each) => !met.has(each));
      if (stale.length > 0) test('has what is left out of it', () => assert.deepEqual(stale, []));
    });
  }
}

/** The doors that a suite is to try. */
export function doorsOf(browser: BrowserName): readonly Door[] {
  return browser === 'firefox' ? FIREFOX_DOORS : DOORS;
}

/** Makes a test, unless the browser cannot do what it asks; then it says why. */
export function it(title: string, body: () => Promise<void>): void {
  const reason = leftOut[title];
  if (reason === undefined) return void test(title, body);
  met.add(title);
  console.log(`Not in Firefox, as ${reason}: ${title}`);
}
