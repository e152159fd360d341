import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type BrowserIntake, type BrowserSocket, OPEN } from './browser-socket.ts';
import { frameFrom, type Intake } from './intake.ts';

/** A browser that takes longer over one buffer gets a smaller one, in milliseconds. */
const SLOW_WRITE = 250;

/** So many bytes are copied rather than sent beside their header. */
const FEW = 1024;

/** Bytes that may wait for the server before the browser is held up. */
export const TO_SERVER_LIMIT = 64 * 1024;

/** What both sides have said before they were joined. */
export interface Said {
  readonly byServer: Buffer;
  readonly byBrowser: Buffer;
}

/**
 * Looks at the bytes on their way, and may take some out. It may change what it is given; what it
 * returns is part of that, or bytes of its own. It does not throw.
 */
export interface Filter {
  toServer(bytes: Buffer): Buffer;
  toBrowser(bytes: Buffer): Buffer;
}

/**
 * Joins a browser's socket and a server's stream, until `stop()`. It holds one read of the server's
 * at most, whatever the browser does: reading goes on when the kernel has taken the last one. It
 * knows no ends and no timers: its owner listens for those.
 */
export class Relay {
  readonly #browser: BrowserSocket;
  readonly #flow: BrowserIntake;
  readonly #server: Duplex;
  /** libuv takes a write while another is on its way; TLS, and streams of others, must not get one. */
  readonly #isPlain: boolean;
  readonly #intake: Intake | null;
  readonly #filter: Filter | null;
  readonly #toServerLimit: number;
  readonly #written = (): void => this.#onWritten();
  /** Of a write that passed the stream's queue by, which would have destroyed the stream. */
  readonly #sent = (error?: Error | null): void => {
    if (error) this.#browser._socket?.destroy(error);
    this.#onWritten();
  };
  readonly #taken = (): void => {
    if (this.#server.writableLength === 0) this.#flow.giveBack();
  };
  #stopped = false;
  #toBrowser = 0;
  #toServer = 0;
  #received = 0;
  #stalledSince = 0;
  /** Writes to the browser that are not done. What ws writes beside them (a pong) is not counted. */
  #writing = 0;

  /** `intake` is what the server's socket reads into; null for a stream that has none. */
  constructor(
    browser: BrowserSocket,
    flow: BrowserIntake,
    server: Duplex,
    intake: Intake | null,
    said: Said,
    filter: Filter | null = null,
  ) {
    this.#browser = browser;
    this.#flow = flow;
    this.#server = server;
    this.#isPlain = browser._socket instanceof Socket && !('encrypted' in browser._socket);
    this.#intake = intake;
    this.#filter = filter;
    // Never below the stream's own mark: only what passes that is followed by a `drain`. In object
    // mode it counts chunks, and so does `writableLength`.
    const mark = server.writableHighWaterMark;
    this.#toServerLimit = server.writableObjectMode ? mark : Math.max(TO_SERVER_LIMIT, mark);
    if (intake === null) server.on('data', (chunk) => this.#onChunk(chunk));
    else if (browser._socket) {
      intake.onBytes = (length) => this.#onRead(length);
      if (this.#isPlain && server instanceof Socket) intake.share(server);
    } else intake.onBytes = (length) => this.#onChunk(Buffer.from(intake.bytes(length)));
    server.on('drain', () => flow.resume());
    this.#onChunk(said.byServer);
    if (said.byBrowser.length > 0) this.write(said.byBrowser);
    if (server.writableLength <= this.#toServerLimit) flow.resume();
    if (this.#stalledSince === 0) server.resume();
  }

  /** Bytes passed on so far. */
  get toBrowser(): number {
    return this.#toBrowser;
  }

  get toServer(): number {
    return this.#toServer;
  }

  /** Bytes that the browser has sent, passed on or not. */
  get received(): number {
    return this.#received;
  }

  /** Since when the browser has not taken what was written to it (`performance.now()`), or 0. */
  get stalledSince(): number {
    return this.#stalledSince;
  }

  /** Passes on what the browser has sent. */
  write(bytes: Uint8Array): void {
    if (this.#stopped || !this.#server.writable) return;
    this.#received += bytes.length;
    const passed = this.#filter?.toServer(bytes as Buffer) ?? bytes;
    if (passed.length > 0) this.tellServer(passed);
  }

  /** Sends the server bytes that have passed the filter, or that no browser has sent. */
  tellServer(bytes: Uint8Array): void {
    // The filter may just have ended it all.
    if (this.#stopped || !this.#server.writable) return;
    this.#toServer += bytes.length;
    const mayKeep = this.#flow.isLent;
    // Only a socket is known to be done with bytes that it has taken.
    const isLent = mayKeep && this.#server instanceof Socket;
    // What was lent before may be given back when this is taken, and not sooner.
    this.#server.write(mayKeep && !isLent ? Buffer.from(bytes) : bytes, this.#taken);
    if (isLent) {
      if (this.#server.writableLength > 0) this.#flow.keep();
    } else if (this.#server.writableLength > this.#toServerLimit) this.#flow.pause();
  }

  /** Sends the browser bytes that no server has sent, behind all that it was sent so far. */
  tellBrowser(bytes: Uint8Array): void {
    if (!this.#stopped && this.#browser.readyState === OPEN) this.#send(bytes);
  }

  /**
   * Passes nothing on from now: what still comes is read and dropped. While a frame is on its way,
   * nothing is read, as that would go into the very bytes that are being sent.
   */
  stop(): void {
    this.#stopped = true;
    this.#flow.release();
    if (this.#stalledSince === 0) this.#server.resume();
  }

  /** The fast way: header and bytes in one write from the buffer they were read into. */
  #onRead(length: number): boolean {
    const socket = this.#browser._socket;
    // What is dropped here leaves the buffer free only if no frame of it is on its way.
    const isOver = this.#stopped || this.#browser.readyState !== OPEN;
    if (isOver || !socket) return this.#writing === 0;
    const intake = this.#intake!;
    let frame: Buffer | null = null;
    if (this.#filter === null) {
      this.#toBrowser += length;
      frame = intake.frame(length);
    } else {
      const bytes = intake.bytes(length);
      const passed = this.#filter.toBrowser(bytes);
      if (passed.length === 0) return this.#writing === 0;
      frame = passed === bytes ? intake.frame(length) : intake.frameOf(passed);
      if (frame === null) this.#send(passed);
      else this.#toBrowser += passed.length;
    }
    let isDirect = false;
    if (frame !== null) {
      this.#writing++;
      // With nothing queued, a stream's queue has nothing to do, and costs a tenth of a live session.
      isDirect = this.#isPlain && socket.writableLength === 0;
      if (isDirect) socket._write(frame, 'buffer' as BufferEncoding, this.#sent);
      else socket.write(frame, this.#written);
    }
    const isTaken = isDirect ? this.#writing === 0 : this.#browser.bufferedAmount === 0;
    if (isTaken) return true; // the kernel has it: the buffer is free again
    this.#stalledSince = performance.now();
    return false;
  }

  /** The plain way, for streams of other kinds. */
  #onChunk(chunk: Buffer): boolean {
    if (!(chunk instanceof Uint8Array)) {
      this.#server.destroy(new TypeError('the stream gave something else than bytes'));
      return false;
    }
    if (this.#stopped || this.#browser.readyState !== OPEN) return true;
    const passed = this.#filter?.toBrowser(this.#own(chunk)) ?? chunk;
    // What is not sent is not waited for, whatever else is on its way to the browser.
    if (passed.length === 0) return true;
    this.#send(passed);
    if (this.#browser.bufferedAmount === 0) return true;
    this.#stalledSince ||= performance.now();
    this.#server.pause();
    return false;
  }

  /** A filter changes what it is given, and a stream of the host's may give what others have too. */
  #own(chunk: Buffer): Buffer {
    return this.#server instanceof Socket ? chunk : Buffer.from(chunk);
  }

  #send(bytes: Uint8Array): void {
    this.#toBrowser += bytes.length;
    this.#writing++;
    const socket = this.#browser._socket;
    // ws makes two writes of a frame, and of those one again: more than a copy of a few bytes costs.
    // They may not pass others by that it is still compressing.
    const isNext = socket && this.#browser.bufferedAmount === socket.writableLength;
    if (isNext && bytes.length <= FEW) socket.write(frameFrom(bytes), this.#written);
    else this.#browser.send(bytes, { binary: true }, this.#written);
  }

  #onWritten(): void {
    if (--this.#writing > 0 || this.#stalledSince === 0) return;
    if (this.#intake) this.#intake.isSlow = performance.now() - this.#stalledSince > SLOW_WRITE;
    this.#stalledSince = 0;
    this.#server.resume();
  }
}
