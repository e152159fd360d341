import type { OnReadOpts } from 'node:net';
import type { Duplex } from 'node:stream';
import { type BrowserIntake, type BrowserSocket, OPEN } from './browser-socket.ts';

/** Room in front of the bytes for the longest header of an unmasked frame (RFC 6455 section 5.2). */
const HEADER_ROOM = 10;
const FIN_BINARY = 0x82;
const EMPTY = Buffer.alloc(0);

/** What all idle sessions read into together, and copy from: enough for a cursor or a clock, bytes. */
const SCRATCH_SIZE = 2 * 1024;

/** A live session's own read buffer, in bytes. */
const MAX_SIZE = 64 * 1024;

/** What is lent to a session while its server sends faster than that, in bytes. */
const LOAN_SIZE = 1024 * 1024;
const MAX_FREE_LOANS = 4;

/** After so many reads in a row that leave most of it empty, a session's own buffer is halved. */
const SMALL_READS = 256;

/** A browser that takes longer over one buffer gets a smaller one, in milliseconds. */
const SLOW_WRITE = 250;

/** Bytes that may wait for the server before the browser is held up. */
export const TO_SERVER_LIMIT = 64 * 1024;

/** The read buffers that sessions share: a scratch for the idle, large ones for a few at full load. */
export class ReadBuffers {
  readonly scratch = Buffer.allocUnsafeSlow(HEADER_ROOM + SCRATCH_SIZE);
  readonly #free: Buffer<ArrayBuffer>[] = [];

  borrow(): Buffer<ArrayBuffer> {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(HEADER_ROOM + LOAN_SIZE);
  }

  giveBack(buffer: Buffer<ArrayBuffer>): void {
    if (this.#free.length < MAX_FREE_LOANS) this.#free.push(buffer);
  }
}

/**
 * What a server's socket reads into, behind room for a frame header, so that a read leaves with its
 * header in one write and nothing is copied. It is one buffer at a time: the shared scratch while
 * reads are small (these few bytes are copied, so the scratch is free at once), the session's own,
 * which doubles while reads fill it, and a borrowed large one while that is not enough. Hand
 * `onread` to `net.connect`.
 */
export class Intake {
  readonly onread: OnReadOpts;
  /** Called with the length of each read; false stops reading until the socket's `resume()`. */
  onBytes: (length: number) => boolean = () => true;
  readonly #buffers: ReadBuffers;
  /** What the next read goes into. */
  #whole: Buffer<ArrayBuffer> = EMPTY;
  /** What it shall be: the scratch's size, one for a buffer of its own, or that of a loan. */
  #wanted = SCRATCH_SIZE;
  #smallReads = 0;
  #isSlow = false;
  /** Whoever got the last read is done with it. */
  #isFree = true;

  constructor(buffers: ReadBuffers) {
    this.#buffers = buffers;
    this.onread = {
      // Asked for after every read; no answer means: the same again. (Node's types miss that.)
      buffer: (() => this.#nextRoom()) as () => Uint8Array,
      callback: (length) => {
        this.#adapt(length);
        this.#isFree = this.onBytes(length);
        return this.#isFree;
      },
    };
  }

  /** The bytes of the last read, until the next one. */
  bytes(length: number): Buffer {
    return this.#whole.subarray(HEADER_ROOM, HEADER_ROOM + length);
  }

  /** The last read as one binary frame, until the next one. */
  frame(length: number): Buffer {
    if (this.#whole === this.#buffers.scratch) return frameOf(this.bytes(length));
    return this.#whole.subarray(writeHeader(this.#whole, length), HEADER_ROOM + length);
  }

  /** Says how fast the browser is: for a slow one less is read at a time, so its picture is fresh. */
  set isSlow(isSlow: boolean) {
    this.#isSlow = isSlow;
  }

  #adapt(length: number): void {
    const size = this.#whole.length - HEADER_ROOM;
    if (size > MAX_SIZE) {
      if (length <= MAX_SIZE) this.#wanted = MAX_SIZE; // a buffer of its own would have done
    } else if (length === size) {
      this.#smallReads = 0;
      if (size < MAX_SIZE) this.#wanted = size * 2;
      else if (!this.#isSlow) this.#wanted = LOAN_SIZE;
    } else if (length > size / 4) {
      this.#smallReads = 0;
    } else if (++this.#smallReads >= SMALL_READS && size > SCRATCH_SIZE) {
      this.#smallReads = 0;
      this.#wanted = size / 2;
    }
  }

  #nextRoom(): Uint8Array | undefined {
    const last = this.#whole;
    if (last.length === HEADER_ROOM + this.#wanted) return undefined;
    if (this.#wanted === SCRATCH_SIZE) this.#whole = this.#buffers.scratch;
    else if (this.#wanted === LOAN_SIZE) this.#whole = this.#buffers.borrow();
    else this.#whole = Buffer.allocUnsafeSlow(HEADER_ROOM + this.#wanted);
    const wasLoan = last.length === HEADER_ROOM + LOAN_SIZE;
    if (wasLoan && this.#isFree) this.#buffers.giveBack(last); // else it is on its way: let it go
    return this.#whole.subarray(HEADER_ROOM);
  }
}

/** A binary frame of its own, with a copy of the bytes. */
function frameOf(bytes: Uint8Array): Buffer {
  const whole = Buffer.allocUnsafe(HEADER_ROOM + bytes.length);
  whole.set(bytes, HEADER_ROOM);
  return whole.subarray(writeHeader(whole, bytes.length));
}

/** Writes the header of a binary frame right before the bytes; returns where it begins. */
function writeHeader(whole: Buffer, length: number): number {
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
  return start;
}

/** What both sides have said before they were joined. */
export interface Said {
  readonly byServer: Buffer;
  readonly byBrowser: readonly Uint8Array[];
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
  readonly #intake: Intake | null;
  readonly #toServerLimit: number;
  readonly #written = (): void => this.#onWritten();
  #stopped = false;
  #toBrowser = 0;
  #toServer = 0;
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
  ) {
    this.#browser = browser;
    this.#flow = flow;
    this.#server = server;
    this.#intake = intake;
    // Never below the stream's own mark: only what passes that is followed by a `drain`.
    this.#toServerLimit = Math.max(TO_SERVER_LIMIT, server.writableHighWaterMark);
    if (intake === null) server.on('data', (chunk) => this.#onChunk(chunk));
    else if (browser._socket) intake.onBytes = (length) => this.#onRead(length);
    else intake.onBytes = (length) => this.#onChunk(Buffer.from(intake.bytes(length)));
    server.on('drain', () => flow.resume());
    this.#onChunk(said.byServer);
    for (const bytes of said.byBrowser) this.write(bytes);
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

  /** Passes on what the browser has sent. */
  write(bytes: Uint8Array): void {
    if (this.#stopped || !this.#server.writable) return;
    this.#toServer += bytes.length;
    this.#server.write(bytes);
    if (this.#server.writableLength > this.#toServerLimit) this.#flow.pause();
  }

  /**
   * Passes nothing on from now: what still comes is read and dropped. While a frame is on its way,
   * nothing is read, as that would go into the very bytes that are being sent.
   */
  stop(): void {
    this.#stopped = true;
    this.#flow.resume();
    if (this.#stalledSince === 0) this.#server.resume();
  }

  /** The fast way: header and bytes in one write from the buffer they were read into. */
  #onRead(length: number): boolean {
    const socket = this.#browser._socket;
    // What is dropped here leaves the buffer free only if no frame of it is on its way.
    const isOver = this.#stopped || this.#browser.readyState !== OPEN;
    if (isOver || !socket) return this.#writing === 0;
    this.#toBrowser += length;
    this.#writing++;
    socket.write(this.#intake!.frame(length), this.#written);
    if (socket.writableLength === 0) return true; // the kernel has it: the buffer is free again
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
    this.#toBrowser += chunk.length;
    this.#writing++;
    this.#browser.send(chunk, { binary: true }, this.#written);
    if (this.#browser.bufferedAmount === 0) return true;
    this.#stalledSince ||= performance.now();
    this.#server.pause();
    return false;
  }

  #onWritten(): void {
    if (--this.#writing > 0 || this.#stalledSince === 0) return;
    if (this.#intake) this.#intake.isSlow = performance.now() - this.#stalledSince > SLOW_WRITE;
    this.#stalledSince = 0;
    this.#server.resume();
  }
}
