import type { OnReadOpts } from 'node:net';

/** Room in front of the bytes for the longest header of an unmasked frame (RFC 6455 section 5.2). */
const HEADER_ROOM = 10;
const FIN_BINARY = 0x82;
const EMPTY = Buffer.alloc(0);

/** What all idle sessions read into together, and copy from: enough for a cursor or a clock, bytes. */
const SCRATCH_SIZE = 2 * 1024;

/** A live socket's own read buffer, in bytes. */
const MAX_SIZE = 64 * 1024;

/** What is lent to a socket while more than that is there to be read, in bytes. */
const LOAN_SIZE = 1024 * 1024;

/** Of each size that is handed round, so many are kept for the next who asks. */
const MAX_FREE = 4;

/** After so many reads in a row that leave most of it empty, a session's own buffer is halved. */
const SMALL_READS = 256;

/** The read buffers that sessions share: a scratch for the idle, large ones for a few at full load. */
export class ReadBuffers {
  readonly scratch = Buffer.allocUnsafeSlow(HEADER_ROOM + SCRATCH_SIZE);
  readonly #free = new Map<number, Buffer<ArrayBuffer>[]>();

  /** A buffer with room for so many bytes behind a header. */
  borrow(size: number): Buffer<ArrayBuffer> {
    return this.#free.get(size)?.pop() ?? Buffer.allocUnsafeSlow(HEADER_ROOM + size);
  }

  giveBack(buffer: Buffer<ArrayBuffer>): void {
    const size = buffer.length - HEADER_ROOM;
    const free = this.#free.get(size) ?? [];
    this.#free.set(size, free);
    if (free.length < MAX_FREE) free.push(buffer);
  }
}

/**
 * What a socket reads into, behind room for a frame header, so that a server's read leaves with its
 * header in one write and nothing is copied. It is one buffer at a time: the shared scratch while
 * reads are small (these few bytes are copied, so the scratch is free at once), one that doubles
 * while reads fill it, and a large one while that is not enough. A browser's is bursty: between its
 * few long messages it needs none. Hand `onread` to `net.connect`.
 */
export class Intake {
  readonly onread: OnReadOpts;
  /** Called with the length of each read; false stops reading until the socket's `resume()`. */
  onBytes: (length: number) => boolean = () => true;
  readonly #buffers: ReadBuffers;
  readonly #isBursty: boolean;
  /** What the next read goes into. */
  #whole: Buffer<ArrayBuffer> = EMPTY;
  /** What it shall be: the scratch's size, one for a buffer of its own, or that of a loan. */
  #wanted = SCRATCH_SIZE;
  #smallReads = 0;
  /** The last frame in this buffer, and how many bytes are behind its header; 0: there is none. */
  #frame: Buffer = EMPTY;
  #frameLength = 0;
  #isSlow = false;
  /** Whoever got the last read is done with it. */
  #isFree = true;

  /** `isBursty`: no buffer is kept between bursts; what leaves room was the end of one. */
  constructor(buffers: ReadBuffers, isBursty = false) {
    this.#buffers = buffers;
    this.#isBursty = isBursty;
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

  /** The last read went into what all share, and has to be copied before anything else is read. */
  get isShared(): boolean {
    return this.#whole === this.#buffers.scratch;
  }

  /** The bytes of the last read, until the next one. */
  bytes(length: number): Buffer {
    return this.#whole.subarray(HEADER_ROOM, HEADER_ROOM + length);
  }

  /** The last read as one binary frame, until the next one. */
  frame(length: number): Buffer {
    // To make a view costs more than the rest of this: the last one serves a read of the same length.
    if (length === this.#frameLength) return this.#frame;
    const frame = this.#frameAt(HEADER_ROOM, length);
    if (!this.isShared) {
      this.#frameLength = length;
      this.#frame = frame;
    }
    return frame;
  }

  /** A part of the last read as a frame, until the next one; null: these are other bytes. */
  frameOf(part: Buffer): Buffer | null {
    if (part.buffer !== this.#whole.buffer) return null;
    // What is in front of it is room for a header, or bytes that do not go on.
    this.#frameLength = 0;
    return this.#frameAt(part.byteOffset - this.#whole.byteOffset, part.length);
  }

  #frameAt(at: number, length: number): Buffer {
    const whole = this.#whole;
    const start = writeHeader(whole, at, length);
    if (!this.isShared) return whole.subarray(start, at + length);
    const copy = Buffer.allocUnsafe(at + length - start);
    whole.copy(copy, 0, start, at + length);
    return copy;
  }

  /** Says how fast the browser is: for a slow one less is read at a time, so its picture is fresh. */
  set isSlow(isSlow: boolean) {
    this.#isSlow = isSlow;
  }

  #adapt(length: number): void {
    const size = this.#whole.length - HEADER_ROOM;
    if (this.#isBursty) {
      this.#wanted = length === size ? MAX_SIZE : SCRATCH_SIZE;
    } else if (size > MAX_SIZE) {
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
    const isShared = this.#wanted === SCRATCH_SIZE;
    this.#frameLength = 0;
    this.#whole = isShared ? this.#buffers.scratch : this.#buffers.borrow(this.#wanted);
    // What is still on its way goes to whoever is done with it last: the garbage collector.
    if (this.#isFree && last.length > HEADER_ROOM + SCRATCH_SIZE) this.#buffers.giveBack(last);
    return this.#whole.subarray(HEADER_ROOM);
  }
}

/** Writes the header of a binary frame right before the bytes at `at`; returns where it begins. */
function writeHeader(whole: Buffer, at: number, length: number): number {
  let start = at - HEADER_ROOM;
  if (length < 126) {
    start = at - 2;
    whole[start + 1] = length;
  } else if (length < 65536) {
    start = at - 4;
    whole[start + 1] = 126;
    whole[start + 2] = length >>> 8;
    whole[start + 3] = length;
  } else {
    whole[start + 1] = 127;
    whole.writeUInt32BE(0, start + 2);
    whole.writeUInt32BE(length, start + 6);
  }
  whole[start] = FIN_BINARY;
  return start;
}
