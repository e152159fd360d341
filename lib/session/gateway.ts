import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { asConsoleError, ConsoleError } from '../errors.ts';
import { type BrowserSocket, OPEN } from '../relay/browser-socket.ts';
import { Intake } from '../relay/intake.ts';
import type { ReadBuffers } from '../relay/read-buffers.ts';
import { readInto } from '../relay/read-into.ts';
import type { Filter, Said } from '../relay/relay.ts';
import { BANNER_LENGTH } from '../rfb/banner.ts';
import { BrowserMessages } from '../rfb/browser/browser-messages.ts';
import type { Authenticator } from '../rfb/login/authenticator.ts';
import type { Credentials } from '../rfb/login/credentials.ts';
import { Doorkeeper } from '../rfb/login/doorkeeper.ts';
import { FieldReader } from '../rfb/login/field-reader.ts';
import { logIn } from '../rfb/login/log-in.ts';
import type { Peer } from '../rfb/login/peer.ts';
import { storedCredentials } from '../rfb/login/stored-credentials.ts';
import { askVault, type CredentialSource } from '../rfb/login/vault.ts';
import type { Rights } from '../rfb/rights.ts';
import { ServerMessages } from '../rfb/server/server-messages.ts';
import { startTls } from '../target/start-tls.ts';
import type { Target } from '../target/target.ts';
import { HandshakeClock } from './handshake-clock.ts';
import { ServerLine } from './server-line.ts';

const NOTHING = Buffer.alloc(0);

/** Longest waits, in milliseconds. */
export interface GatewayTimeouts {
  /** For `credentials`, where it is a function. */
  readonly authorize: number;
  /** For the server's part of the handshake, and for a browser that only has to let itself in. */
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
  readonly #timeouts: GatewayTimeouts;
  readonly #clock: HandshakeClock;
  readonly #browser: BrowserSocket;
  readonly #onFault: (error: ConsoleError) => void;
  readonly #fromBrowser = new FieldReader();
  readonly #serverMessages: ServerMessages;
  readonly #browserMessages: BrowserMessages;
  #rights: Rights;
  #line: ServerLine | null = null;
  readonly #over = new AbortController();
  #giveUp: (error: ConsoleError) => void = () => {};

  /** `onFault` is told when either side breaks the protocol once they are joined. */
  constructor(
    rights: Rights,
    timeouts: GatewayTimeouts,
    browser: BrowserSocket,
    onFault: (error: ConsoleError) => void,
  ) {
    this.#timeouts = timeouts;
    const { handshake, signIn } = timeouts;
    const limits = { server: handshake, browser: handshake, viewer: signIn };
    this.#clock = new HandshakeClock(limits, (error) => this.cancel(error));
    this.#browser = browser;
    this.#onFault = onFault;
    this.#rights = rights;
    this.#serverMessages = new ServerMessages(rights);
    this.#browserMessages = new BrowserMessages(rights, this.#serverMessages);
  }

  /** What the browser says during the handshake. */
  push(bytes: Uint8Array): void {
    this.#fromBrowser.push(bytes);
  }

  /**
   * Logs in to the server, whose greeting has been read, and then lets the browser in. Rejects with
   * what the session ends with. The target is not kept: it may hold a password.
   */
  negotiate(
    target: Target,
    stream: Duplex,
    greeting: Buffer,
    buffers: ReadBuffers,
  ): Promise<Joined> {
    return new Promise((resolve, reject) => {
      this.#giveUp = reject;
      this.#lead(target, stream, greeting, buffers).then(resolve, reject);
    });
  }

  async #lead(
    target: Target,
    stream: Duplex,
    greeting: Buffer,
    buffers: ReadBuffers,
  ): Promise<Joined> {
    const { tls = {}, credentials } = target;
    const host = 'host' in target ? target.host : undefined;
    const line = new ServerLine(stream, greeting.subarray(BANNER_LENGTH), (raw, mode) =>
      startTls(raw, tls, host, mode),
    );
    this.#line = line;
    const door = new Doorkeeper(this.#browserPeer);
    void door.greet();
    try {
      const authenticator =
        credentials === undefined
          ? this.#askViewer(door, line)
          : storedCredentials(await line.during(this.#fetch(credentials)));
      this.#clock.await('server');
      await logIn(line, greeting.subarray(0, BANNER_LENGTH), {
        tls: target.tls !== undefined,
        allowAnonymous: tls.allowAnonymous === true,
        authenticator,
      });
      this.#clock.await('browser');
      await line.during(door.letIn());
      // What the host opened may have listeners of the host's: to read past them would deafen those.
      return this.#join(line, 'connect' in target ? null : buffers);
    } catch (error) {
      if (error instanceof ConsoleError && error.code === 'LOGIN_FAILED') door.refuse();
      throw error;
    } finally {
      this.#clock.stop();
    }
  }

  #fetch(credentials: CredentialSource): Promise<Credentials> {
    return askVault(credentials, this.#timeouts.authorize, this.#over.signal);
  }

  /** Gives the handshake up, and lets go of what it holds. */
  cancel(error: ConsoleError): void {
    this.#clock.stop();
    this.#giveUp(error);
    this.#over.abort(error);
    this.#fromBrowser.fail(error);
    this.#line?.fail(error);
    this.#line?.destroy();
  }

  toServer(bytes: Buffer): Buffer {
    return this.#pass(this.#browserMessages, bytes);
  }

  toBrowser(bytes: Buffer): Buffer {
    return this.#pass(this.#serverMessages, bytes);
  }

  /**
   * Changes what the viewer may do from now on, but for what is undefined; returns what to tell either
   * side. Throws, and changes nothing, where the server's part of it cannot be kept any more.
   */
  restrict(change: Partial<Rights>): { toBrowser: Buffer; toServer: Buffer } {
    const given = Object.entries(change).filter(([, right]) => right !== undefined);
    const rights: Rights = { ...this.#rights, ...Object.fromEntries(given) };
    const toBrowser = this.#serverMessages.restrict(rights);
    this.#rights = rights;
    return { toBrowser, toServer: this.#browserMessages.restrict(rights) };
  }

  /** The server has to be told something that cannot be said while a message of the browser's goes on. */
  get isOwing(): boolean {
    return this.#browserMessages.isOwing;
  }

  /** What one side has said, as far as it may go on: nothing more after a breach. */
  #pass(messages: BrowserMessages | ServerMessages, bytes: Buffer): Buffer {
    try {
      return messages.filter(bytes);
    } catch (error) {
      this.#onFault(asConsoleError(error));
      return NOTHING;
    }
  }

  #join(line: ServerLine, buffers: ReadBuffers | null): Joined {
    const stream = line.release();
    this.#line = null;
    const intake = buffers && stream instanceof Socket ? new Intake(buffers) : null;
    const isRead = intake !== null && readInto(stream as Socket, intake.onread);
    return {
      stream,
      intake: isRead ? intake : null,
      said: { byServer: NOTHING, byBrowser: this.#fromBrowser.take() },
    };
  }

  /** The time for that is the viewer's, and the server has to wait for it. */
  #askViewer(door: Doorkeeper, line: ServerLine): Authenticator {
    const viewer = door.viewerCredentials();
    return {
      ...viewer,
      answer: async (method, challenge) => {
        this.#clock.await('viewer');
        const answer = await line.during(viewer.answer(method, challenge));
        this.#clock.await('server');
        return answer;
      },
    };
  }

  get #browserPeer(): Peer {
    return {
      read: (size) => this.#fromBrowser.read(size),
      write: (bytes) => {
        if (this.#browser.readyState !== OPEN) return;
        this.#browser.send(Buffer.from(bytes), { binary: true }, () => {});
      },
    };
  }
}
