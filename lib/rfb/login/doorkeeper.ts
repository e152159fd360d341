import { ConsoleError, ENDS } from '../../errors.ts';
import type { Authenticator, Method, Question } from './authenticator.ts';
import { readAnswer } from './challenges.ts';
import type { Peer } from './peer.ts';
import { BARE, PLAIN, VENCRYPT } from './security-types.ts';
import { type Version, versionLine, versionOf } from './version.ts';

/** With nothing, if that will do: a viewer is asked for what is needed only. */
const METHODS: readonly Method[] = ['none', 'plain', 'ard', 'msLogon', 'vnc'];

/**
 * Plays the VNC server toward the browser (RFC 6143 section 7.1), which waits at the door until the
 * real one has let us in. It is always offered 3.8 and one security type, so it has no choice.
 */
export class Doorkeeper {
  readonly #browser: Peer;
  #greeting: Promise<Version> | null = null;
  #state: 'unasked' | 'asked' | Answered | 'told' = 'unasked';

  constructor(browser: Peer) {
    this.#browser = browser;
  }

  /**
   * Exchanges versions with the browser. May be called early, to save its time, and then needs no
   * looking after: a failure comes again from whatever needs the version.
   */
  greet(): Promise<Version> {
    this.#greeting ??= this.#exchangeVersions();
    this.#greeting.catch(() => {});
    return this.#greeting;
  }

  /** Asks the viewer: passes a challenge on to the browser, and its answer back. */
  viewerCredentials(): Authenticator {
    let asked: Question | null = null;
    return {
      methods: METHODS,
      answer: (method, challenge) => {
        asked = method;
        return this.#ask(method, challenge);
      },
      // Whoever has been sent a password can quote it.
      mayTell: () => asked === null || asked === 'vnc',
    };
  }

  /** Tells the browser that it is in: what comes next is ClientInit. */
  async letIn(): Promise<void> {
    const state = this.#state;
    if (state === 'asked' || state === 'told') {
      throw new ConsoleError('INTERNAL', `a browser that is ${state} cannot be let in`);
    }
    this.#state = 'told';
    if (state === 'unasked') {
      const version = await this.greet();
      await this.#offer(version, BARE.none);
      // Before 3.8, None has no result.
      if (version !== 8) return;
    }
    this.#browser.write(Buffer.alloc(4));
  }

  /**
   * Tells a browser that was asked for credentials that the server did not take them, in our words
   * and never the server's. One that was not asked is told by how the session ends.
   */
  refuse(): void {
    if (typeof this.#state === 'string') return;
    const { version } = this.#state;
    this.#state = 'told';
    const reason = Buffer.from(ENDS.LOGIN_FAILED.words);
    const failed = Buffer.of(0, 0, 0, 1);
    const length = Buffer.of(0, 0, 0, reason.length);
    this.#browser.write(version === 8 ? Buffer.concat([failed, length, reason]) : failed);
  }

  async #exchangeVersions(): Promise<Version> {
    const ours = versionLine(8);
    this.#browser.write(ours);
    const version = versionOf(await this.#browser.read(ours.length));
    if (version === null) throw protocolError('answers with no RFB version that there is');
    return version;
  }

  async #ask(method: Question, challenge: Buffer): Promise<Buffer> {
    if (this.#state !== 'unasked') {
      throw new ConsoleError('INTERNAL', 'a browser can be asked once only');
    }
    this.#state = 'asked';
    const version = await this.greet();
    await this.#offer(version, method === 'plain' ? VENCRYPT : BARE[method]);
    if (method === 'plain') await this.#offerPlain();
    this.#browser.write(challenge);
    const answer = await readAnswer(this.#browser, method, challenge);
    this.#state = { version };
    return answer;
  }

  async #offer(version: Version, type: number): Promise<void> {
    if (version === 3) {
      // In 3.3 the server decides, and there are but these two.
      if (type > BARE.vnc) throw protocolError(`speaks RFB 3.3, which has no type ${type}`);
      this.#browser.write(Buffer.of(0, 0, 0, type));
      return;
    }
    this.#browser.write(Buffer.of(1, type));
    if ((await this.#browser.read(1))[0] !== type)
      throw protocolError('chose what was not offered');
  }

  /** VeNCrypt 0.2 without TLS, as the WebSocket has it (rfbproto, "VeNCrypt"). */
  async #offerPlain(): Promise<void> {
    const venCrypt = Buffer.of(0, 2);
    this.#browser.write(venCrypt);
    if (!(await this.#browser.read(2)).equals(venCrypt)) {
      throw protocolError('speaks another VeNCrypt than 0.2');
    }
    const plain = Buffer.alloc(4);
    plain.writeUInt32BE(PLAIN);
    this.#browser.write(Buffer.concat([Buffer.of(0, 1), plain]));
    if (!(await this.#browser.read(4)).equals(plain)) {
      throw protocolError('chose what was not offered');
    }
  }
}

/** A browser that has answered in this version, and waits to hear if that will do. */
interface Answered {
  readonly version: Version;
}

function protocolError(what: string): ConsoleError {
  return new ConsoleError('BROWSER_PROTOCOL', `the browser ${what}`);
}
