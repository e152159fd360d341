import type { OnReadOpts } from 'node:net';
import type { Duplex } from 'node:stream';
import { type BrowserSocket, type FlowControl, OPEN } from './browser-socket.ts';

/** Room in front of the bytes for the longest header of an unmasked frame (RFC 6455 section 5.2). */
const HEADER_ROOM = 10;
const FIN_BINARY = 0x82;

/** A read buffer's size in bytes: little for an idle session, much for one under full load. */
const MIN_SIZE = 2 * 1024;
const MAX_SIZE = 1024 * 1024;

/** After so many reads in a row that leave most of the buffer empty, it is halved. */
const SMALL_READS = 256;

/** A browser that takes longer over one buffer gets a smaller one, in milliseconds. */
const SLOW_WRITE = 250;
const SLOW_SIZE = 64 * 1024;

/** Bytes that may wait for the server before the browser is held up. */
export const TO_SERVER_LIMIT = 64 * 1024;

/**
 * What a server's socket reads into: one buffer, behind room for a frame header, so that a read
 * leaves with its header in one write and nothing is copied. It starts small, doubles while reads
 * fill it, and shrinks again. Hand `onread` to `net.connect`.
 */
export class Intake {
  readonly onread: OnReadOpts;
  /** Called with the length of each read; false stops reading until the socket's `resume()`. */
  onBytes: (length: number) => boolean = () => true;
  #whole = Buffer.alloc(0);
  #size = 0;
  #wanted = MIN_SIZE;
  #smallReads = 0;

  constructor() {
    this.onread = {
      // Asked for after every read; no answer means: the same again. (Node's types miss that.)
      buffer: (() => this.#nextRoom()) as () => Uint8Array,
      callback: (length) => {
        this.#adapt(length);
        return this.onBytes(length);
      },
    };
  }

  /** The bytes of the last read, until the next one. */
  bytes(length: number): Buffer {
    return this.#whole.subarray(HEADER_ROOM, HEADER_ROOM + length);
  }

  /** The last read as one binary frame, until the next one. */
  frame(length: number): Buffer {
    const whole = this.#whole;
    let start = 0;
    if (length < 126) {
      start = HEADER_ROOM - 2;
      whole[start + 1] = length;
    } else if (length < 65536) {
      start = HEADER_ROOM - 4;
      whole[start + 1] = 126;
      whole[start + 2] = length >>> 8;
      whole[start + 3] = length;
    } else {
      whole[1] = 127;
      whole.writeUInt32BE(0, 2);
      whole.writeUInt32BE(length, 6);
    }
    whole[start] = FIN_BINARY;
    return whole.subarray(start, HEADER_ROOM + length);
  }

  /** Reads less at a time from now on: the browser is slow, and its picture should be fresh. */
  slowDown(): void {
    if (this.#size > SLOW_SIZE) this.#wanted = SLOW_SIZE;
  }

  #adapt(length: number): void {
    if (length > this.#size / 4) {
      this.#smallReads = 0;
      if (length === this.#size && length < MAX_SIZE) this.#wanted = length * 2;
    } else if (++this.#smallReads >= SMALL_READS && this.#size > MIN_SIZE) {
      this.#smallReads = 0;
      this.#wanted = this.#size / 2;
    }
  }

  #nextRoom(): Uint8Array | undefined {
    if (this.#wanted === this.#size) return undefined;
    this.#size = this.#wanted;
    this.#whole = Buffer.allocUnsafeSlow(HEADER_ROOM + this.#size);
    return this.#whole.subarray(HEADER_ROOM);
  }
}

/** What both sides have said before they were joined, and what to do about a text message. */
export interface Handover {
  readonly greeting: Buffer;
  readonly early: readonly Uint8Array[];
  readonly onText: () => void;
}

/**
 * Joins a browser's socket and a server's stream, until `stop()`. It holds one read of the server's
 * at most, whatever the browser does: reading goes on when the kernel has taken the last one. It
 * knows no ends and no timers: its owner listens for those.
 */
export class Relay {
  readonly #browser: BrowserSocket;
  readonly #flow: FlowControl;
  readonly #server: Duplex;
  readonly #intake: Intake | null;
  readonly #onText: () => void;
  readonly #toServerLimit: number;
  readonly #written = (): void => this.#onWritten();
  #stopped = false;
  #toBrowser = 0;
  #toServer = 0;
  #stalledSince = 0;

  /** `intake` is what the server's socket reads into; null for a stream that has none. */
  constructor(
    browser: BrowserSocket,
    flow: FlowControl,
    server: Duplex,
    intake: Intake | null,
    { greeting, early, onText }: Handover,
  ) {
    this.#browser = browser;
    this.#flow = flow;
    this.#server = server;
    this.#intake = intake;
    this.#onText = onText;
    // Never below the stream's own mark: only what passes that is followed by a `drain`.
    this.#toServerLimit = Math.max(TO_SERVER_LIMIT, server.writableHighWaterMark);
    if (intake === null) server.on('data', (chunk) => this.#onChunk(chunk));
    else if (browser._socket) intake.onBytes = (length) => this.#onRead(length);
    else intake.onBytes = (length) => this.#onChunk(Buffer.from(intake.bytes(length)));
    browser.on('message', (data, isBinary) => this.#onMessage(data, isBinary));
    server.on('drain', () => flow.resume());
    this.#onChunk(greeting);
    for (const bytes of early) this.#onMessage(bytes, true);
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

  /** Since when the browser has not taken what was written to it (`performance.now()`), or 0. */
  get stalledSince(): number {
    return this.#stalledSince;
  }

  /** Passes nothing on from now: what still comes is read and dropped. */
  stop(): void {
    this.#stopped = true;
    this.#flow.resume();
    this.#server.resume();
  }

  /** The fast way: header and bytes in one write from the buffer they were read into. */
  #onRead(length: number): boolean {
    const socket = this.#browser._socket;
    if (this.#stopped || this.#browser.readyState !== OPEN || !socket) return true;
    this.#toBrowser += length;
    socket.write(this.#intake!.frame(length), this.#written);
    if (socket.writableLength === 0) return true; // the kernel has it: the buffer is free again
    this.#stalledSince = performance.now();
    return false;
  }

  /** The plain way, for streams of other kinds. */
  #onChunk(chunk: Buffer): boolean {
    if (this.#stopped || this.#browser.readyState !== OPEN) return true;
    this.#toBrowser += chunk.length;
    this.#browser.send(chunk, { binary: true }, this.#written);
    if (this.#browser.bufferedAmount === 0) return true;
    this.#stalledSince ||= performance.now();
    this.#server.pause();
    return false;
  }

  #onWritten(): void {
    if (this.#stalledSince === 0 || this.#browser.bufferedAmount > 0) return;
    if (performance.now() - this.#stalledSince > SLOW_WRITE) this.#intake?.slowDown();
    this.#stalledSince = 0;
    this.#server.resume();
  }

  #onMessage(data: unknown, isBinary?: boolean): void {
    if (this.#stopped) return;
    if (isBinary === false || !(data instanceof Uint8Array)) {
      this.#onText();
    } else if (data.length > 0 && this.#server.writable) {
      this.#toServer += data.length;
      this.#server.write(data);
      if (this.#server.writableLength > this.#toServerLimit) this.#flow.pause();
    }
  }
}
