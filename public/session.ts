import type { NoVncCredentials } from '@novnc/novnc';
import { Channel, type Farewell } from './channel.ts';
import type { Desktop } from './desktop.ts';
import { closeEnding, type Ending, isRefusal, protocolEnding, securityEnding } from './endings.ts';
import { explainRefusal } from './refusal.ts';
import { relayUrl } from './relay-url.ts';

/** How far a session has come, before it is connected. */
export type Stage = 'connecting' | 'securing' | 'signing-in';

/** What a session does to the page, and asks of the person before it. */
export interface Viewer {
  onStage(stage: Stage): void;
  onName(name: string): void;
  onConnected(desktop: Desktop): void;
  onClipboard(text: string): void;
  onEnd(ending: Ending): void;
  /** Resolves to null when the person would rather not. */
  askCredentials(
    types: readonly (keyof NoVncCredentials)[],
    over: AbortSignal,
  ): Promise<NoVncCredentials | null>;
  askTrust(publicKey: Uint8Array<ArrayBuffer>, over: AbortSignal): Promise<boolean>;
}

/** One connection to one console; a reconnect opens another, and nothing of the old one is used again. */
export interface Session {
  close(): void;
}

const CANCELLED: Ending = { code: 'cancelled', words: 'Signing in was cancelled.' };
const DISTRUSTED: Ending = { code: 'cancelled', words: 'You did not trust the VNC server.' };
const CLOSED: Ending = { code: 'closed', words: 'You closed this console.' };
const INSECURE: Ending = {
  code: 'protocol',
  words: 'This VNC server can only be signed in to from a page with HTTPS.',
};
const INCOMPLETE: Ending = {
  code: 'page',
  words: 'This page could not be loaded completely.',
  detail: 'Reload it to try again.',
};

// Asked for once, and here only: WebKit mishandles modules that await when two importers wait for
// one (WebKit bug 242740).
let loading: Promise<typeof import('./desktop.ts')> | null = null;

/** Opens the relay at once, and loads noVNC beside it. */
export function openSession(relay: string, place: HTMLElement, viewer: Viewer): Session {
  const over = new AbortController();
  const channel = new Channel(new WebSocket(relayUrl(relay, location.href)), onClosed);
  let desktop: Desktop | null = null;
  let asked = false;

  viewer.onStage('connecting');
  loading ??= import('./desktop.ts');
  loading.then(start, () => {
    loading = null;
    end(INCOMPLETE);
  });

  return { close: () => end(CLOSED) };

  function start({ Desktop }: typeof import('./desktop.ts')): void {
    if (over.signal.aborted) return;
    desktop = Desktop.open(place, channel, {
      onStage: reach,
      onFailure: (details) => end(protocolEnding(details)),
    });
    desktop.addEventListener('credentialsrequired', ({ detail }) => void signIn(detail.types));
    desktop.addEventListener('serververification', ({ detail }) => void verify(detail.publickey));
    desktop.addEventListener('securityfailure', ({ detail }) =>
      end(securityEnding(detail.reason, asked)),
    );
    desktop.addEventListener('desktopname', ({ detail }) => viewer.onName(detail.name));
    desktop.addEventListener('clipboard', ({ detail }) => viewer.onClipboard(detail.text));
    desktop.addEventListener('connect', () => desktop && viewer.onConnected(desktop));
  }

  function reach(stage: Stage): void {
    if (!over.signal.aborted) viewer.onStage(stage);
  }

  async function signIn(types: readonly (keyof NoVncCredentials)[]): Promise<void> {
    asked = true;
    reach('signing-in');
    const credentials = await viewer.askCredentials(types, over.signal);
    if (over.signal.aborted) return;
    if (credentials) desktop?.sendCredentials(credentials);
    else end(CANCELLED);
  }

  async function verify(publicKey: Uint8Array<ArrayBuffer>): Promise<void> {
    // Only secure pages have the cryptography that this way of signing in takes.
    if (!isSecureContext) return end(INSECURE);
    const trusted = await viewer.askTrust(publicKey, over.signal);
    if (over.signal.aborted) return;
    if (trusted) desktop?.approveServer();
    else end(DISTRUSTED);
  }

  async function onClosed(farewell: Farewell): Promise<void> {
    if (over.signal.aborted) return;
    over.abort();
    viewer.onEnd(
      isRefusal(farewell) ? await explainRefusal(relay, farewell) : closeEnding(farewell),
    );
  }

  // Whatever is first to end a session tells the cause; what follows from it is not news.
  function end(ending: Ending): void {
    if (over.signal.aborted) return;
    over.abort();
    channel.close();
    desktop?.disconnect();
    viewer.onEnd(ending);
  }
}
