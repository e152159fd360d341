import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { asConsoleError, ConsoleError } from '../errors.ts';
import { type BrowserSocket, OPEN } from '../relay/browser-socket.ts';
import { Intake, type ReadBuffers } from '../relay/intake.ts';
import { readInto } from '../relay/read-into.ts';
import type { Filter, Said } from '../relay/relay.ts';
import { BANNER_LENGTH } from '../rfb/banner.ts';
import { BrowserMessages } from '../rfb/browser/browser-messages.ts';
import { Doorkeeper } from '../rfb/login/doorkeeper.ts';
import { FieldReader } from '../rfb/login/field-reader.ts';
import { logIn } from '../rfb/login/log-in.ts';
import type { Peer } from '../rfb/login/peer.ts';
import { storedCredentials } from '../rfb/login/stored-credentials.ts';
import { askVault } from '../rfb/login/vault.ts';
import type { Rights } from '../rfb/rights.ts';
import { ServerMessages } from '../rfb/server/server-messages.ts';
import { startTls } from '../target/start-tls.ts';
import { rightsOf, type Target } from '../target/target.ts';
import { ServerLine } from './server-line.ts';

const NOTHING = Buffer.alloc(0);

/** Longest waits, in milliseconds. */
export interface GatewayTimeouts {
  /** For `credentials`, where it is a function. */
  readonly authorize: number;
  /** For the server's part of the handshake. */
  readonly handshake: number;
  /** For a viewer who is asked for credentials. */
  readonly signIn: number;
}

/** Both sides, each logged in, or let in, and about to say ClientInit and ServerInit. */
export interface Joined {
  readonly stream: Duplex;
  readonly intake: Intake | null;
  readonly said: Said;
}

/**
 * Leads a session that needs the protocol (RFC 6143): plays the viewer toward the server, and the
 * server toward the browser; then lets pass what the viewer's rights allow. From ClientInit on both
 * sides speak the same bytes, whatever security each of them used, so the hand-over is exact.
 */
export class Gateway implements Filter {
  readonly #target: Target;
  readonly #timeouts: GatewayTimeouts;
  readonly #browser: BrowserSocket;
  readonly #onFault: (error: ConsoleError) => void;
  readonly #fromBrowser = new FieldReader();
  readonly #serverMessages: ServerMessages;
  readonly #browserMessages: BrowserMessages;
  #rights: Rights;
  #line: ServerLine | null = null;
  #giveUp: (error: ConsoleError) => void = () => {};
  #timer: NodeJS.Timeout | undefined;

  /** `onFault` is told when either side breaks the protocol once they are joined. */
  constructor(
    target: Target,
    timeouts: GatewayTimeouts,
    browser: BrowserSocket,
    onFault: (error: ConsoleError) => void,
  ) {
    this.#target = target;
    this.#timeouts = timeouts;
    this.#browser = browser;
    this.#onFault = onFault;
    this.#rights = rightsOf(target);
    this.#serverMessages = new ServerMessages(this.#rights);
    this.#browserMessages = new BrowserMessages(this.#rights, this.#serverMessages);
  }

  /** Bytes of the browser's that nobody has asked for yet. */
  get unread(): number {
    return this.#fromBrowser.buffered;
  }

  /** What the browser says during the handshake. */
  push(bytes: Uint8Array): void {
    this.#fromBrowser.push(bytes);
  }

  /**
   * Logs in to the server, whose greeting has been read, and then lets the browser in. Rejects with
   * what the session ends with.
   */
  negotiate(stream: Duplex, greeting: Buffer, buffers: ReadBuffers): Promise<Joined> {
    return new Promise((resolve, reject) => {
      this.#giveUp = reject;
      this.#lead(stream, greeting, buffers).then(resolve, reject);
    });
  }

  async #lead(stream: Duplex, greeting: Buffer, buffers: ReadBuffers): Promise<Joined> {
    const { tls = {}, credentials } = this.#target;
    const host = 'host' in this.#target ? this.#target.host : undefined;
    const line = new ServerLine(stream, greeting.subarray(BANNER_LENGTH), (raw, mode) =>
      startTls(raw, tls, host, mode),
    );
    this.#line = line;
    const door = new Doorkeeper(this.#browserPeer(credentials === undefined));
    void door.greet();
    try {
      const authenticator =
        credentials === undefined
          ? door.viewerCredentials()
          : storedCredentials(await askVault(credentials, this.#timeouts.authorize));
      this.#await('handshake');
      await logIn(line, greeting.subarray(0, BANNER_LENGTH), {
        tls: this.#target.tls !== undefined,
        allowAnonymous: tls.allowAnonymous === true,
        authenticator,
      });
      await door.letIn();
      return this.#join(line, buffers);
    } catch (error) {
      if (error instanceof ConsoleError && error.code === 'LOGIN_FAILED') door.refuse();
      throw error;
    } finally {
      clearTimeout(this.#timer);
    }
  }

  /** Gives the handshake up, and lets go of what it holds. */
  cancel(error: ConsoleError): void {
    clearTimeout(this.#timer);
    this.#giveUp(error);
    this.#fromBrowser.fail(error);
    this.#line?.fail(error);
    this.#line?.destroy();
  }

  toServer(bytes: Buffer): Buffer {
    try {
      return this.#browserMessages.filter(bytes);
    } catch (error) {
      this.#onFault(asConsoleError(error));
      return NOTHING;
    }
  }

  toBrowser(bytes: Buffer): Buffer {
    try {
      return this.#serverMessages.filter(bytes);
    } catch (error) {
      this.#onFault(asConsoleError(error));
      return NOTHING;
    }
  }

  /** Changes what the viewer may do from now on; returns what to tell the server. */
  restrict(change: Partial<Rights>): Buffer {
    this.#rights = { ...this.#rights, ...change };
    this.#serverMessages.restrict(this.#rights);
    return this.#browserMessages.restrict(this.#rights);
  }

  #join(line: ServerLine, buffers: ReadBuffers): Joined {
    const stream = line.release();
    this.#line = null;
    const intake = stream instanceof Socket ? new Intake(buffers) : null;
    const isRead = intake !== null && readInto(stream as Socket, intake.onread);
    const byBrowser = this.#fromBrowser.take();
    return {
      stream,
      intake: isRead ? intake : null,
      said: { byServer: NOTHING, byBrowser: byBrowser.length > 0 ? [byBrowser] : [] },
    };
  }

  #browserPeer(asksViewer: boolean): Peer {
    return {
      read: async (size) => {
        if (asksViewer) this.#await('signIn');
        try {
          return await this.#fromBrowser.read(size);
        } finally {
          if (asksViewer) this.#await('handshake');
        }
      },
      write: (bytes) => {
        if (this.#browser.readyState !== OPEN) return;
        this.#browser.send(Buffer.from(bytes), { binary: true }, () => {});
      },
    };
  }

  /** Gives whoever is waited for now so long. */
  #await(whom: 'handshake' | 'signIn'): void {
    clearTimeout(this.#timer);
    const limit = this.#timeouts[whom];
    this.#timer = setTimeout(() => {
      const error =
        whom === 'signIn'
          ? new ConsoleError('IDLE', `no credentials from the viewer within ${limit} ms`)
          : new ConsoleError('TIMEOUT', `the handshake took longer than ${limit} ms`);
      this.cancel(error);
    }, limit);
  }
}
