/**
 * The address of the relay's WebSocket. `relay` is relative to the page: only the browser knows
 * under which prefix, and behind which proxy, the page is.
 */
export function relayUrl(relay: string, page: string): URL {
  const url = new URL(relay, page);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url;
}
