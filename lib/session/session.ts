import type { Duplex } from 'node:stream';
import { asConsoleError, ConsoleError, type ConsoleErrorCode } from '../errors.ts';
import type { FrameFault } from '../relay/browser-frames.ts';
import {
  BrowserIntake,
  type BrowserListener,
  type BrowserSocket,
  OPEN,
} from '../relay/browser-socket.ts';
import { Intake } from '../relay/intake.ts';
import type { ReadBuffers } from '../relay/read-buffers.ts';
import { Relay, TO_SERVER_LIMIT } from '../relay/relay.ts';
import { FieldReader } from '../rfb/login/field-reader.ts';
import { refusalIn } from '../rfb/login/refusal.ts';
import type { Rights } from '../rfb/rights.ts';
import { Cancellation, dial, type Line } from '../target/dial.ts';
import type { Lookup } from '../target/lookup.ts';
import type { HostAddress } from '../target/name.ts';
import { needsGateway, rightsOf, type Target } from '../target/target.ts';
import { Farewell } from './farewell.ts';
import { awaitBanner } from './gate.ts';
import { Gateway, type GatewayTimeouts, type Joined } from './gateway.ts';
import { Pulse, type PulseLimits } from './pulse.ts';
import type { SessionEnd, SessionInfo } from './session-info.ts';

/** Longest waits, in milliseconds. */
export interface SessionTimeouts extends PulseLimits, GatewayTimeouts {
  readonly dns: number;
  readonly connect: number;
  readonly banner: number;
  readonly close: number;
}

export interface SessionSettings {
  readonly timeouts: SessionTimeouts;
  readonly lookup: Lookup;
  readonly buffers: ReadBuffers;
  /** The longest message of a browser, in bytes. */
  readonly limits: { readonly maxPayload: number };
}

/** Where a session goes, and what its addresses are judged by. */
export interface Way {
  readonly target: Target;
  readonly mayDial: (ip: string, asked: HostAddress) => boolean;
  /** The TCP port the viewer reached this server on: never dialled, it would be a loop. */
  readonly ownPort: number | undefined;
}

/** What a session tells those who keep count of it. */
export interface SessionWatcher {
  /** The server has greeted, or the session has ended before it could. */
  onDialled(session: Session): void;
  onOpen(session: Session): void;
  onEnd(session: Session, end: SessionEnd): void;
  /** Both sockets are gone. */
  onGone(session: Session): void;
}

/** The close code of a connection that ended without one (RFC 6455 section 7.4.1). */
const NO_CLOSE_FRAME = 1006;

/**
 * One viewer on one target: dial, gate, relay, farewell. Whoever ends it (browser, server, a limit,
 * the host), it ends in `end`, once:
 *
 *     browser  ── close, RST, silence ──▶  end  ◀── FIN, RST, refusal ──  server
 *        ▲                                  │                               ▲
 *        └── close frame with the reason ◀──┴──▶ what was sent, then FIN ───┘
 *            gone `timeouts.close` later            gone as soon
 */
export class Session implements BrowserListener {
  readonly info: SessionInfo;
  readonly #browser: BrowserSocket;
  readonly #flow: BrowserIntake;
  readonly #settings: SessionSettings;
  readonly #watcher: SessionWatcher;
  readonly #pulse = new Pulse();
  #dialling: Cancellation | null = new Cancellation();
  #early = new FieldReader();
  #earlyLength = 0;
  #server: Duplex | null = null;
  #gateway: Gateway | null = null;
  #relay: Relay | null = null;
  #ended = false;
  #farewell: Farewell | null = null;

  constructor(
    browser: BrowserSocket,
    info: SessionInfo,
    settings: SessionSettings,
    watcher: SessionWatcher,
  ) {
    this.info = info;
    this.#browser = browser;
    this.#settings = settings;
    this.#watcher = watcher;
    const { limits, buffers } = settings;
    this.#flow = new BrowserIntake(browser, this, limits.maxPayload, buffers);
    browser.on('error', (error) => this.#onBrowserError(error));
    browser.on('close', (code) => this.#onBrowserClose(code));
    browser.on('pong', () => this.#pulse.onPong());
    browser._socket?.setKeepAlive?.(true, 30_000); // a host's own stream has none
  }

  /** Dials the target. Never rejects: a failure is an end. */
  async open({ target, mayDial, ownPort }: Way): Promise<void> {
    const cancellation = this.#dialling;
    if (!cancellation) return;
    const { timeouts, lookup, buffers } = this.#settings;
    if (needsGateway(target)) {
      const onFault = (error: ConsoleError) => this.end(error);
      this.#gateway = new Gateway(rightsOf(target), timeouts, this.#browser, onFault);
    }
    try {
      const line = await dial(target, {
        mayDial,
        lookup,
        ownPort,
        cancellation,
        dnsTimeout: timeouts.dns,
        connectTimeout: timeouts.connect,
        createIntake: () => (this.#gateway ? null : new Intake(buffers)),
      });
      if (this.#ended) line.stream.destroy();
      else this.#adopt(line, target);
    } catch (error) {
      this.end(asConsoleError(error));
    }
  }

  #adopt(line: Line<Intake>, target: Target): void {
    this.#server = line.stream;
    awaitBanner(line, this.#settings.timeouts.banner, (outcome) => {
      if (this.#ended) return true;
      if (outcome instanceof ConsoleError) {
        this.end(outcome);
        return true;
      }
      this.#dialled();
      if (this.#gateway) void this.#negotiate(this.#gateway, target, line.stream, outcome);
      else this.#join({ ...line, said: { byServer: outcome, byBrowser: this.#early.take() } });
      return line.intake !== null;
    });
  }

  /** Never rejects: a failure is an end. */
  async #negotiate(gateway: Gateway, target: Target, raw: Duplex, greeting: Buffer): Promise<void> {
    try {
      const { buffers } = this.#settings;
      const joined = await gateway.negotiate(target, raw, greeting, buffers);
      if (this.#ended) joined.stream.destroy();
      else this.#join(joined);
    } catch (error) {
      this.end(asConsoleError(error));
    }
  }

  /** Changes what the viewer may do. Returns false where the relay does not speak the protocol. */
  restrict(rights: Partial<Rights>): boolean {
    if (!this.#gateway) return false;
    const { toBrowser, toServer } = this.#gateway.restrict(rights);
    if (toBrowser.length > 0) this.#relay?.tellBrowser(toBrowser);
    if (toServer.length > 0) this.#relay?.tellServer(toServer);
    return true;
  }

  /** Ends the session, whichever side began. Further calls do nothing. */
  end(error: ConsoleError): void {
    if (this.#ended) return;
    this.#ended = true;
    const dialling = this.#dialling;
    this.#dialled();
    dialling?.cancel(error);
    this.#gateway?.cancel(error);
    this.#early.take();
    this.#relay?.stop();
    this.#flow.release();
    if (this.#browser.readyState === OPEN) this.#browser.close(error.closeCode, error.words);
    const isGood = error.code === 'SERVER_CLOSED' || error.code === 'BROWSER_CLOSED';
    if (isGood && this.#relay) this.#server?.end();
    else this.#server?.destroy();
    this.#farewell = new Farewell(
      this.#browser,
      this.#server,
      this.#relay,
      this.#settings.timeouts.close,
      () => this.#watcher.onGone(this),
    );
    this.#watcher.onEnd(this, {
      error,
      toBrowser: this.#relay?.toBrowser ?? 0,
      toServer: this.#relay?.toServer ?? 0,
      duration: this.#pulse.age,
    });
    this.#farewell.check();
  }

  /** Ends both sockets now, whatever is still on its way. */
  destroy(): void {
    this.end(new ConsoleError('SHUTTING_DOWN'));
    this.#farewell?.hangUp();
  }

  /** Looks after the session's slow limits; called about once a second. */
  tick(now: number): void {
    if (this.#ended) return;
    // ws answers a close frame by itself, then waits long for the browser to hang up.
    if (this.#browser.readyState !== OPEN) {
      this.end(new ConsoleError('BROWSER_CLOSED'));
      return;
    }
    const condition = {
      stalledSince: this.#relay?.stalledSince ?? 0,
      paused: this.#flow.paused,
      received: this.#relay?.received ?? 0,
      owing: this.#gateway?.isOwing ?? false,
    };
    const error = this.#pulse.feel(now, this.#settings.timeouts, condition, this.#browser);
    if (error === null) return;
    this.end(error);
    if (error.code === 'BROWSER_GONE') this.#browser.terminate();
  }

  /** What the browser says before the server has spoken waits, and no more than a little of it. */
  onBytes(bytes: Uint8Array): void {
    if (this.#ended) return;
    if (this.#relay) {
      this.#relay.write(bytes);
      return;
    }
    if (this.#gateway) this.#gateway.push(bytes);
    else this.#early.push(bytes);
    this.#earlyLength += bytes.length;
    if (this.#earlyLength > TO_SERVER_LIMIT) this.#flow.pause();
  }

  onFault(fault: FrameFault): void {
    this.end(new ConsoleError(fault));
  }

  #join({ stream, intake, said }: Joined): void {
    this.#server = stream;
    stream.on('close', () => this.#onServerClose());
    // It tells the browser before it leaves, or resets what it has no use for.
    const refusal = this.#gateway ? null : refusalIn(said.byServer);
    stream.on('end', () => this.end(refusal ?? new ConsoleError('SERVER_CLOSED')));
    stream.on('error', (error) => this.end(refusal ?? asConsoleError(error, 'SERVER_LOST')));
    const relay = new Relay(this.#browser, this.#flow, stream, intake, said, this.#gateway);
    this.#relay = relay;
    // What was said before may have been a breach already.
    if (this.#ended) relay.stop();
    else this.#watcher.onOpen(this);
  }

  #dialled(): void {
    if (!this.#dialling) return;
    this.#dialling = null;
    this.#watcher.onDialled(this);
  }

  #onBrowserError(error: Error & { code?: string }): void {
    let code: ConsoleErrorCode = 'BROWSER_GONE';
    if (error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') code = 'MESSAGE_TOO_LARGE';
    else if (error.code?.startsWith('WS_ERR_')) code = 'BROWSER_PROTOCOL';
    this.end(new ConsoleError(code, error.message, error));
  }

  #onBrowserClose(code: number): void {
    this.end(new ConsoleError(code === NO_CLOSE_FRAME ? 'BROWSER_GONE' : 'BROWSER_CLOSED'));
    this.#farewell?.check();
  }

  #onServerClose(): void {
    if (!this.#ended) this.end(new ConsoleError('SERVER_LOST', 'the stream closed without an end'));
    this.#farewell?.check();
  }
}
