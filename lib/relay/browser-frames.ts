import { unmask } from './unmask.ts';

/** What a browser may send wrong, and only we can see. */
export type FrameFault = 'TEXT_FRAME' | 'MESSAGE_TOO_LARGE' | 'BROWSER_PROTOCOL';

/** Who gets what a browser's frames hold. */
export interface FrameListener {
  /** Payload of binary messages, unmasked, in order; a message may come in any number of pieces. */
  onBytes(bytes: Buffer): void;
  /** A control frame as it came, in bytes of its own (ping, pong, close, or one that breaks the protocol). */
  onControl(frame: Buffer): void;
  /** The browser broke a rule; nothing more is read. */
  onFault(fault: FrameFault): void;
}

const FIN = 0x80;
const RESERVED_BITS = 0x70;
const MASKED = 0x80;
const CONTINUATION = 0;
const TEXT = 1;
const BINARY = 2;
const FIRST_CONTROL = 8;
const CLOSE = 8;
const LONGEST_CONTROL = 125;

/**
 * Reads a browser's frames (RFC 6455 section 5.2) in the buffers they came in: what a chunk holds of
 * payload is unmasked and moved together there, and passed on as one piece, however large or small the
 * messages are. A general parser has to gather each message first, which costs a copy and a buffer.
 * At most the head of one frame, or one control frame, is held back.
 */
export class BrowserFrames {
  readonly #listener: FrameListener;
  readonly #maxPayload: number;
  #rest: Buffer | null = null;
  /** Of the frame that is being read: bytes still to come, and its key, turned to the next byte. */
  #left = 0;
  #key = 0;
  /** A message has begun and its last fragment has not come; the bytes of it that were announced. */
  #inMessage = false;
  #messageLength = 0;
  /** A fault or a close frame has come: what follows is nothing to anybody. */
  #done = false;

  constructor(listener: FrameListener, maxPayload: number) {
    this.#listener = listener;
    this.#maxPayload = maxPayload;
  }

  /** Reads one chunk, which is changed by it. */
  push(chunk: Buffer): void {
    let at = this.#rest ? this.#finishHead(this.#rest, chunk) : 0;
    // The payload that has been read and not passed on.
    let start = 0;
    let end = 0;
    while (at < chunk.length && !this.#done) {
      if (this.#left === 0) {
        const size = headSize(chunk, at);
        if (chunk.length - at < size) {
          this.#rest = Buffer.from(chunk.subarray(at));
          break;
        }
        const isControl = (chunk[at]! & 0x0f) >= FIRST_CONTROL;
        const fault = isControl ? null : this.#begin(chunk, at, size);
        if (isControl || fault) {
          this.#flush(chunk, start, end); // what came before an end goes out before it
          start = end = 0;
        }
        if (isControl) this.#control(chunk, at, size);
        else if (fault) this.#fail(fault);
        at += size;
        continue;
      }
      const length = Math.min(this.#left, chunk.length - at);
      if (end === 0) start = end = at;
      else chunk.copyWithin(end, at, at + length);
      this.#key = unmask(chunk, end, end + length, this.#key);
      end += length;
      at += length;
      this.#left -= length;
    }
    this.#flush(chunk, start, end);
  }

  #flush(chunk: Buffer, start: number, end: number): void {
    if (end > start) this.#listener.onBytes(chunk.subarray(start, end));
  }

  #control(chunk: Buffer, at: number, size: number): void {
    this.#done = (chunk[at]! & 0x0f) === CLOSE;
    this.#listener.onControl(Buffer.from(chunk.subarray(at, at + size)));
  }

  #fail(fault: FrameFault): void {
    this.#done = true;
    this.#listener.onFault(fault);
  }

  /** Takes from a chunk what a head that was held back still lacks; returns how much that was. */
  #finishHead(rest: Buffer, chunk: Buffer): number {
    let head = rest;
    let at = 0;
    for (let size = headSize(head, 0); size > head.length; size = headSize(head, 0)) {
      const more = chunk.subarray(at, at + size - head.length);
      if (more.length === 0) break;
      head = Buffer.concat([head, more]);
      at += more.length;
    }
    const size = headSize(head, 0);
    this.#rest = size > head.length ? head : null;
    if (this.#rest) return at;
    if ((head[0]! & 0x0f) >= FIRST_CONTROL) {
      this.#control(head, 0, size);
    } else {
      const fault = this.#begin(head, 0, size);
      if (fault) this.#fail(fault);
    }
    return at;
  }

  /** Reads the head of a data frame; says what is wrong with it. */
  #begin(chunk: Buffer, at: number, size: number): FrameFault | null {
    const first = chunk[at]!;
    const opcode = first & 0x0f;
    const short = chunk[at + 1]! & 0x7f;
    // Lengths of 2^32 and more are over every limit that can be set.
    const isHuge = short === 127 && chunk.readUInt32BE(at + 2) !== 0;
    let length = short;
    if (short === 126) length = chunk.readUInt16BE(at + 2);
    if (short === 127) length = chunk.readUInt32BE(at + 6);
    this.#messageLength += length;
    if (opcode === TEXT && !this.#inMessage) return 'TEXT_FRAME';
    const isNext = opcode === (this.#inMessage ? CONTINUATION : BINARY);
    const isMasked = (chunk[at + 1]! & MASKED) !== 0;
    if (!isNext || !isMasked || (first & RESERVED_BITS) !== 0) return 'BROWSER_PROTOCOL';
    if (isHuge || this.#messageLength > this.#maxPayload) return 'MESSAGE_TOO_LARGE';
    this.#left = length;
    this.#key = chunk.readInt32LE(at + size - 4);
    this.#inMessage = (first & FIN) === 0;
    if (!this.#inMessage) this.#messageLength = 0;
    return null;
  }
}

/** Bytes to have before a frame can be looked at: its head, or the whole of a control frame. */
function headSize(chunk: Buffer, at: number): number {
  if (chunk.length - at < 2) return 2;
  const short = chunk[at + 1]! & 0x7f;
  const mask = (chunk[at + 1]! & MASKED) === 0 ? 0 : 4;
  if ((chunk[at]! & 0x0f) >= FIRST_CONTROL) {
    return short <= LONGEST_CONTROL ? 2 + mask + short : 2;
  }
  if (short === 126) return 4 + mask;
  return (short === 127 ? 10 : 2) + mask;
}
