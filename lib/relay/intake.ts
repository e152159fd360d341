import type { OnReadOpts, Socket } from 'node:net';
import {
  HEADER_ROOM,
  MAX_SIZE,
  type ReadBuffers,
  SCRATCH_SIZE,
  type Sharer,
} from './read-buffers.ts';
import { aim, canAim } from './read-into.ts';

const FIN_BINARY = 0x82;
const EMPTY = Buffer.alloc(0);

/** In place of a size: the buffer that all quick sessions have in common. */
const COMMON = 0;

/** What is lent to a socket while more is there to be read than its own buffer holds, in bytes. */
const LOAN_SIZE = 1024 * 1024;

/** After so many reads in a row that leave most of it empty, a session's own buffer is halved. */
const SMALL_READS = 256;

/** After so many reads in a row that a browser took at once it is quick, if it never was slow. */
const QUICK_READS = 256;

/** Node never forgets where a socket was made to read into: after so many times it stays apart. */
const MAX_MOVES = 64;

/**
 * What a socket reads into, behind room for a frame header, so that a server's read leaves with its
 * header in one write and nothing is copied. It is one buffer at a time: the shared scratch while
 * reads are small (these few bytes are copied, so the scratch is free at once), one that doubles
 * while reads fill it, and a large one while that is not enough. Who may `share` reads into the
 * buffer of all quick sessions instead, and keeps it when what was read does not leave at once. A
 * browser's intake is bursty: between its few long messages it needs none. Hand `onread` to
 * `net.connect`.
 */
export class Intake implements Sharer {
  readonly onread: OnReadOpts;
  /** Called with the length of each read; false stops reading until the socket's `resume()`. */
  onBytes: (length: number) => boolean = () => true;
  readonly #buffers: ReadBuffers;
  readonly #isBursty: boolean;
  /** What the next read goes into. */
  #whole: Buffer<ArrayBuffer> = EMPTY;
  /** What it shall be: the scratch's size, one for a buffer of its own, that of a loan, or COMMON. */
  #wanted = SCRATCH_SIZE;
  #smallReads = 0;
  /** What reads into it, if it may be moved: then it may share. */
  #socket: Socket | null = null;
  #isSharing = false;
  #quickReads = 0;
  #patience = QUICK_READS;
  #moves = 0;
  /** The last view of what was read. */
  #bytes: Buffer = EMPTY;
  /** The last frame in this buffer, and how many bytes are behind its header; 0: there is none. */
  #frame: Buffer = EMPTY;
  #frameLength = 0;
  #isSlow = false;
  /** Whoever got the last read is done with it. */
  #isFree = true;
  /** What was read is on its way still, in this buffer, and in those before it. */
  #isLent = false;
  readonly #lent: Buffer<ArrayBuffer>[] = [];

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
        if (!this.#isFree) this.#keep();
        return this.#isFree;
      },
    };
  }

  /** The last read went into the scratch, and has to be copied before anything else is read. */
  get isScratch(): boolean {
    return this.#whole === this.#buffers.scratch;
  }

  /**
   * Lets a session read into the same buffer as others while its browser is quick. For who needs no
   * byte of a read any more when `onBytes` has returned true.
   */
  share(socket: Socket): void {
    if (!canAim(socket)) return;
    this.#socket = socket;
    this.#wanted = COMMON;
    socket.once('close', () => this.#stopSharing());
  }

  /** The bytes of the last read, until the next one. */
  bytes(length: number): Buffer {
    // To make a view costs more than the rest of this: the last one serves a read of the same length.
    if (this.#bytes.length !== length) {
      this.#bytes = this.#whole.subarray(HEADER_ROOM, HEADER_ROOM + length);
    }
    return this.#bytes;
  }

  /** The last read as one binary frame, until the next one. */
  frame(length: number): Buffer {
    if (length === this.#frameLength) {
      if (this.#isSharing) writeHeader(this.#whole, HEADER_ROOM, length);
      return this.#frame;
    }
    const frame = this.#frameAt(HEADER_ROOM, length);
    if (!this.isScratch) {
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
    if (!this.isScratch) return whole.subarray(start, at + length);
    const copy = Buffer.allocUnsafe(at + length - start);
    whole.copy(copy, 0, start, at + length);
    return copy;
  }

  /** Says how fast the browser is: for a slow one less is read at a time, so its picture is fresh. */
  set isSlow(isSlow: boolean) {
    this.#isSlow = isSlow;
  }

  /** Reads no more into the last buffer, whoever has the socket read on: bytes of it are on their way. */
  lend(): void {
    this.#isLent = true;
  }

  /** All that was lent is free again. */
  giveBack(): void {
    this.#isLent = false;
    for (let buffer = this.#lent.pop(); buffer; buffer = this.#lent.pop()) {
      this.#buffers.giveBack(buffer);
    }
  }

  moveTo(common: Buffer<ArrayBuffer>): void {
    let room = common;
    const socket = this.#socket!;
    if (++this.#moves === MAX_MOVES) {
      this.#stopSharing();
      this.#wanted = MAX_SIZE;
      room = this.#buffers.borrow(MAX_SIZE);
    }
    this.#whole = room;
    this.#forgetViews();
    aim(socket, room.subarray(HEADER_ROOM));
  }

  #adapt(length: number): void {
    const size = this.#whole.length - HEADER_ROOM;
    if (this.#isBursty) {
      this.#wanted = length === size ? MAX_SIZE : SCRATCH_SIZE;
    } else if (size > MAX_SIZE) {
      if (length <= MAX_SIZE) this.#wanted = MAX_SIZE; // a buffer of its own would have done
    } else if (length === size) {
      this.#smallReads = this.#quickReads = 0;
      if (size < MAX_SIZE) this.#wanted = size * 2;
      else if (!this.#isSlow) this.#wanted = LOAN_SIZE;
    } else if (this.#socket) {
      if (++this.#quickReads >= this.#patience) this.#wanted = COMMON;
    } else if (length > size / 4) {
      this.#smallReads = 0;
    } else if (++this.#smallReads >= SMALL_READS && size > SCRATCH_SIZE) {
      this.#smallReads = 0;
      this.#wanted = size / 2;
    }
  }

  #nextRoom(): Uint8Array | undefined {
    const last = this.#whole;
    const wasShared = this.#isSharing;
    const isCommon = this.#wanted === COMMON;
    const isRight = isCommon
      ? wasShared
      : last.length === HEADER_ROOM + this.#wanted && !wasShared && !this.#isLent;
    if (isRight) return;
    this.#leave();
    this.#forgetViews();
    this.#isSharing = isCommon;
    if (isCommon) this.#whole = this.#buffers.share(this);
    else if (this.#wanted === SCRATCH_SIZE) this.#whole = this.#buffers.scratch;
    else this.#whole = this.#buffers.borrow(this.#wanted);
    // What is still on its way goes to whoever is done with it last: the garbage collector.
    const wasOwn = !wasShared && last.length > HEADER_ROOM + SCRATCH_SIZE;
    if (wasOwn && this.#isLent) this.#lent.push(last);
    else if (wasOwn && this.#isFree) this.#buffers.giveBack(last);
    this.#isLent = false;
    return this.#whole.subarray(HEADER_ROOM);
  }

  /** What was read is on its way still: nobody else may read into the same buffer now. */
  #keep(): void {
    this.#quickReads = 0;
    if (!this.#isSharing) return;
    this.#isSharing = false;
    this.#patience *= 2;
    if (this.#wanted === COMMON) this.#wanted = MAX_SIZE;
    this.#buffers.cede(this);
  }

  /** They would keep the buffer that they are of alive. */
  #forgetViews(): void {
    this.#bytes = this.#frame = EMPTY;
    this.#frameLength = 0;
  }

  #leave(): void {
    if (this.#isSharing) this.#buffers.leave(this);
    this.#isSharing = false;
  }

  #stopSharing(): void {
    this.#leave();
    this.#socket = null;
  }
}

/** Bytes as one binary frame, in a buffer of its own. */
export function frameFrom(bytes: Uint8Array): Buffer {
  const whole = Buffer.allocUnsafe(HEADER_ROOM + bytes.length);
  whole.set(bytes, HEADER_ROOM);
  return whole.subarray(writeHeader(whole, HEADER_ROOM, bytes.length));
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
