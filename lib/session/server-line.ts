import type { Duplex } from 'node:stream';
import { asConsoleError, ConsoleError } from '../errors.ts';
import { FieldReader } from '../rfb/login/field-reader.ts';
import type { ServerPeer, TlsMode } from '../rfb/login/peer.ts';

/** What a server may have said that nobody has asked for yet, in bytes. */
const MOST_UNREAD = 64 * 1024;

/** Puts TLS around a stream; rejects with a ConsoleError. */
export type TlsStarter = (stream: Duplex, mode: TlsMode) => Promise<Duplex>;

/** The server's stream while the relay itself talks to it, field by field. */
export class ServerLine implements ServerPeer {
  readonly #startTls: TlsStarter;
  readonly #reader = new FieldReader();
  #stream: Duplex;
  #failure: ConsoleError | null = null;
  /** Of who waits for something else than the server. */
  #onFailure: ((error: ConsoleError) => void) | null = null;

  /** `greeting` is what was read already. */
  constructor(stream: Duplex, greeting: Buffer, startTls: TlsStarter) {
    this.#stream = stream;
    this.#startTls = startTls;
    this.#reader.push(greeting);
    this.#listen();
  }

  async read(size: number): Promise<Buffer> {
    if (this.#stream.isPaused() && this.#reader.buffered < MOST_UNREAD) this.#stream.resume();
    return this.#reader.read(size);
  }

  write(bytes: Uint8Array): void {
    // A copy: what is written may be wiped by its owner before a slow server has taken it.
    if (this.#stream.writable) this.#stream.write(Buffer.from(bytes));
  }

  async startTls(mode: TlsMode): Promise<void> {
    // What came before TLS would be taken for what came through it.
    if (this.#reader.buffered > 0) {
      throw new ConsoleError('NOT_VNC', 'the server sent bytes between its consent to TLS and TLS');
    }
    this.#ignore();
    this.#stream = await this.#startTls(this.#stream, mode);
    this.#listen();
  }

  /** What else is waited for: it comes, or the server is lost meanwhile. One at a time. */
  during<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      work.then(resolve, reject);
      this.#onFailure = reject;
      if (this.#failure !== null) reject(this.#failure);
    });
  }

  /** Fails what is being read, and what is done meanwhile. The first failure stays. */
  fail(error: ConsoleError): void {
    this.#failure ??= error;
    this.#reader.fail(this.#failure);
    this.#onFailure?.(this.#failure);
  }

  /**
   * Hands the stream on, paused, for ClientInit. Throws where the server is gone, which no listener
   * would hear of any more, or has spoken out of its turn: such bytes are none that a viewer may see,
   * as wayvnc 0.5 takes a wrong password by a 0 and a piece of its memory.
   */
  release(): Duplex {
    this.#ignore();
    const stream = this.#stream;
    stream.pause();
    if (this.#reader.buffered > 0) {
      const detail = `the server sent ${this.#reader.take().length} bytes before ClientInit`;
      throw new ConsoleError('SERVER_PROTOCOL', detail);
    }
    if (stream.destroyed || stream.readableEnded) throw closed();
    return stream;
  }

  destroy(): void {
    this.#stream.destroy();
  }

  readonly #onData = (bytes: unknown): void => {
    if (!Buffer.isBuffer(bytes)) {
      this.#stream.destroy(new TypeError('the stream gave something else than bytes'));
      return;
    }
    this.#reader.push(bytes);
    if (this.#reader.buffered > MOST_UNREAD) this.#stream.pause();
  };

  readonly #onEnd = (): void => {
    this.fail(closed());
  };

  readonly #onError = (error: Error): void => this.fail(asConsoleError(error, 'SERVER_LOST'));

  #listen(): void {
    const stream = this.#stream;
    if (stream.destroyed || stream.readableEnded) {
      this.#onEnd();
      return;
    }
    stream.on('data', this.#onData);
    stream.on('error', this.#onError);
    stream.on('end', this.#onEnd);
    stream.on('close', this.#onEnd);
    stream.resume();
  }

  #ignore(): void {
    const stream = this.#stream;
    stream.off('data', this.#onData);
    stream.off('error', this.#onError);
    stream.off('end', this.#onEnd);
    stream.off('close', this.#onEnd);
  }
}

function closed(): ConsoleError {
  return new ConsoleError('SERVER_LOST', 'the server closed during the handshake');
}
