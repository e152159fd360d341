import assert from 'node:assert/strict';
import { test } from 'node:test';
import { relayUrl } from '../../../public/connection/relay-url.ts';

const RELAY = 'proxy?target=10.0.0.7%3A5901';

for (const [page, url] of [
  ['http://x/console/10.0.0.7:5901', 'ws://x/console/proxy?target=10.0.0.7%3A5901'],
  ['https://x/a/b/10.0.0.7:5901', 'wss://x/a/b/proxy?target=10.0.0.7%3A5901'],
  ['https://x:8443/10.0.0.7', 'wss://x:8443/proxy?target=10.0.0.7%3A5901'],
  ['http://[::1]:80/c/%5B::1%5D:5901', 'ws://[::1]/c/proxy?target=10.0.0.7%3A5901'],
  ['https://x/c/vm?host=evil&path=y#port=1', 'wss://x/c/proxy?target=10.0.0.7%3A5901'],
] as const) {
  test(`relayUrl of ${page} stays beside the page, and takes nothing else from it`, () => {
    assert.equal(relayUrl(RELAY, page).href, url);
  });
}
