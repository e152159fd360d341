import { settings } from '../settings.ts';
import { Channel } from './channel.ts';
import { relayUrl } from './relay-url.ts';

declare global {
  /** What `first.ts` has opened, until it is taken up. */
  var firstChannel: Channel | undefined;
}

/** Opens the relay, or takes up the channel that was opened while the page was still being read. */
export function dial(relay: string): Channel {
  const channel = globalThis.firstChannel ?? open(relay);
  globalThis.firstChannel = undefined;
  return channel;
}

/** Opens the relay, whose address is relative to the page. */
export function open(relay: string): Channel {
  return new Channel(new WebSocket(relayUrl(relay, location.href)), settings.get('shared'));
}
