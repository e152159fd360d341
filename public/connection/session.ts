import type { NoVncCredentials } from '@novnc/novnc';
import type { Desktop } from '../screen/desktop.ts';
import type { Farewell } from './channel.ts';
import type { Account } from './details.ts';
import { dial } from './dial.ts';
import {
  closeEnding,
  decoderEnding,
  type Ending,
  isRefusal,
  OWN_ENDS,
  protocolEnding,
  securityEnding,
} from './endings.ts';
import { explainRefusal } from './refusal.ts';
import { keepVigil } from './vigil.ts';

/** How far a session has come, before it is connected. */
export type Stage = 'connecting' | 'securing' | 'signing-in';

/** What a session does to the page, and asks of the person before it. */
export interface Viewer {
  onStage(stage: Stage): void;
  onName(name: string): void;
  onConnected(desktop: Desktop): void;
  /** There is something to see; or it takes long. Comes once, after `onConnected`. */
  onPicture(): void;
  /** The connection does not answer, or does again. */
  onStalled(isStalled: boolean): void;
  onClipboard(text: string): void;
  onEnd(account: Account): void;
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

/** How long a connected desktop may be without a picture before it shows, in milliseconds. */
const PICTURE_TIMEOUT = 1_000;

// Asked for once, and here only: WebKit mishandles modules that await when two importers wait for
// one (WebKit bug 242740).
let loading: Promise<typeof import('../screen/desktop.ts')> | null = null;

/** Takes up the relay, or opens it, and loads noVNC beside it. */
export function openSession(relay: string, place: HTMLElement, viewer: Viewer): Session {
  const channel = dial(relay);
  const begin = channel.madeAt;
  const stages: [name: string, at: number][] = [];
  const over = new AbortController();
  let desktop: Desktop | null = null;
  let asked = false;
  let isShown = false;
  let isTold = false;
  let failure: string | null = null;

  channel.whenClosed(onClosed);
  viewer.onStage('connecting');
  loading ??= import('../screen/desktop.ts');
  loading.then(start, () => {
    loading = null;
    end(OWN_ENDS.INCOMPLETE);
  });

  return { close };

  function start({ Desktop }: typeof import('../screen/desktop.ts')): void {
    // A socket that is closing is about to say why; noVNC would take up what it said before as nonsense.
    if (over.signal.aborted || channel.readyState > WebSocket.OPEN) return;
    desktop = Desktop.open(
      place,
      channel,
      { onStage: reach, onFailure: fail, onPicture: show },
      { shared: channel.shared },
    );
    desktop.addEventListener('credentialsrequired', ({ detail }) => void signIn(detail.types));
    desktop.addEventListener('serververification', ({ detail }) => void verify(detail.publickey));
    desktop.addEventListener('securityfailure', ({ detail }) =>
      end(securityEnding(detail.reason, asked)),
    );
    desktop.addEventListener('desktopname', ({ detail }) => viewer.onName(detail.name));
    desktop.addEventListener('clipboard', ({ detail }) => viewer.onClipboard(detail.text));
    desktop.addEventListener('connect', connected);
  }

  function reach(stage: Stage): void {
    if (over.signal.aborted) return;
    mark(stage);
    viewer.onStage(stage);
  }

  function connected(): void {
    if (!desktop || over.signal.aborted) return;
    mark('connected');
    viewer.onConnected(desktop);
    setTimeout(show, PICTURE_TIMEOUT);
    keepVigil(desktop, channel, { onStalled: viewer.onStalled, onEnd: give }, over.signal);
  }

  function show(): void {
    if (desktop?.updates) mark('picture');
    if (isShown || over.signal.aborted) return;
    isShown = true;
    desktop?.show();
    viewer.onPicture();
  }

  function fail(details: string): void {
    failure ??= details;
    // What a decoder threw, or did not like.
    if (isShown && !/^Unexpected server message/.test(details) && desktop?.spareH264()) {
      end(decoderEnding(details));
    } else {
      end(protocolEnding(details));
    }
  }

  function give(cause: 'STUCK' | 'STALLED'): void {
    if (cause === 'STUCK') desktop?.spareH264();
    end(OWN_ENDS[cause]);
  }

  async function signIn(types: readonly (keyof NoVncCredentials)[]): Promise<void> {
    // Apple's challenge comes after noVNC has asked, and has it ask once more.
    if (asked) return;
    asked = true;
    reach('signing-in');
    const credentials = await viewer.askCredentials(types, over.signal);
    if (over.signal.aborted) return;
    // A copy, as noVNC keeps its answer to Apple's challenge in it, which the next session must not find.
    if (credentials) desktop?.sendCredentials({ ...credentials });
    else end(OWN_ENDS.CANCELLED);
  }

  async function verify(publicKey: Uint8Array<ArrayBuffer>): Promise<void> {
    // Only secure pages have the cryptography that this way of signing in takes.
    if (!isSecureContext) return end(OWN_ENDS.INSECURE);
    const trusted = await viewer.askTrust(publicKey, over.signal);
    if (over.signal.aborted) return;
    if (trusted) desktop?.approveServer();
    else end(OWN_ENDS.DISTRUSTED);
  }

  async function onClosed(farewell: Farewell): Promise<void> {
    if (over.signal.aborted) return;
    over.abort();
    mark('end');
    const ending = isRefusal(farewell)
      ? await explainRefusal(relay, farewell)
      : closeEnding(farewell);
    tell(ending, farewell);
  }

  function close(): void {
    // Whoever wants no more of it does not wait to hear why it was refused.
    if (over.signal.aborted) tell(OWN_ENDS.CLOSED, null);
    else end(OWN_ENDS.CLOSED);
  }

  // Whatever is first to end a session tells the cause; what follows from it is not news.
  function end(ending: Ending): void {
    if (over.signal.aborted) return;
    over.abort();
    mark('end');
    channel.close();
    desktop?.disconnect();
    tell(ending, null);
  }

  function tell(ending: Ending, farewell: Farewell | null): void {
    if (isTold) return;
    isTold = true;
    const early = Object.entries({ socket: channel.openedAt, server: channel.spokenAt });
    viewer.onEnd({
      ending,
      farewell,
      failure,
      stages: [
        ...early.flatMap(([name, at]) => (at === null ? [] : [[name, at - begin] as const])),
        ...stages,
      ],
      ...channel.traffic,
      protocol: desktop?.protocol ?? null,
      rects: desktop?.rects ?? null,
      size: desktop?.size ?? null,
    });
  }

  function mark(name: string): void {
    if (!stages.some(([each]) => each === name)) stages.push([name, performance.now() - begin]);
  }
}
