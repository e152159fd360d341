import { KeptBytes } from '../kept-bytes.ts';
import type { Rights } from '../rights.ts';
import { sizeToHave } from './browser-message-sizes.ts';
import { BrowserRules, type ServerSide } from './browser-rules.ts';

const EMPTY = Buffer.alloc(0);

/** In place of what may not be said any more: a space, to servers that take it for text. */
const BLANK = 0x20;

/**
 * Takes what a browser says from ClientInit on (RFC 6143 sections 7.3.1 and 7.5), and lets on what
 * it may say, in whole messages. A short message that has not come completely is held, of a long one
 * no more than its head.
 */
export class BrowserMessages {
  readonly #rules: BrowserRules;
  readonly #kept = new KeptBytes();
  #isStarted = false;
  /** What has come of a message that is held. */
  #held = EMPTY;
  #have = 0;
  /** Of a long message: bytes still to come, and if they go on. */
  #left = 0;
  #isPassing = false;
  #longType = 0;
  /** The rights to it were taken while it was on its way: of what it says no more goes on. */
  #isBlank = false;
  /** What follows the long message that is on its way to the server. */
  #due = EMPTY;

  constructor(rights: Rights, server: ServerSide) {
    this.#rules = new BrowserRules(rights, server);
  }

  /**
   * Takes a chunk, which is changed by it; returns what goes to the server: a view of the chunk,
   * or a buffer of its own where a message came in parts, or something had to be put in.
   */
  filter(chunk: Buffer): Buffer {
    if (!this.#isStarted) return this.#start(chunk);
    if (this.#due.length > 0) return this.#endLong(chunk);
    if (this.#have > 0) return this.#endHeld(chunk);
    return this.#read(chunk, 0, 0);
  }

  /**
   * Changes the rights; returns what has to be sent to the server for it, at once: releases of what
   * is pressed, and the encodings anew. What is left of a text or size that may not be sent any more
   * goes on blank. While a long message is on its way nothing can be, and a
   * later `filter` returns it right behind that message.
   */
  restrict(rights: Rights): Buffer {
    const bytes = this.#rules.restrict(rights);
    if (this.#left === 0 || !this.#isPassing) return bytes;
    // The server waits for so many bytes.
    this.#isBlank = !this.#rules.mayGoOn(this.#longType);
    this.#due = Buffer.concat([this.#due, bytes]);
    return EMPTY;
  }

  /** What `restrict` had to send waits for the end of a long message. */
  get isOwing(): boolean {
    return this.#due.length > 0;
  }

  #start(chunk: Buffer): Buffer {
    if (chunk.length === 0) return chunk;
    this.#isStarted = true;
    chunk[0] = this.#rules.clientInit(chunk[0]!);
    return this.#read(chunk, 0, 1);
  }

  #endLong(chunk: Buffer): Buffer {
    const rest = Math.min(this.#left, chunk.length);
    if (this.#isBlank) chunk.fill(BLANK, 0, rest);
    this.#left -= rest;
    if (this.#left > 0) return chunk;
    const due = this.#due;
    this.#due = EMPTY;
    return Buffer.concat([chunk.subarray(0, rest), due, this.#read(chunk, rest, rest)]);
  }

  #endHeld(chunk: Buffer): Buffer {
    let at = 0;
    let size = sizeToHave(this.#held, 0, this.#have);
    while (this.#have < size) {
      if (at === chunk.length) return EMPTY;
      if (this.#held.length < size) this.#held = Buffer.concat([this.#held], size);
      const length = chunk.copy(this.#held, this.#have, at, at + size - this.#have);
      this.#have += length;
      at += length;
      size = sizeToHave(this.#held, 0, this.#have);
    }
    const message = this.#held.subarray(0, this.#take(this.#held, 0, size));
    this.#held = EMPTY;
    this.#have = 0;
    const others = this.#read(chunk, at, at);
    return others.length === 0 ? message : Buffer.concat([message, others]);
  }

  /** Reads from a border on; what is between `from` and there goes on. */
  #read(chunk: Buffer, from: number, border: number): Buffer {
    const kept = this.#kept;
    const end = chunk.length;
    kept.begin(chunk, from);
    let at = border;
    while (at < end) {
      if (this.#left > 0) {
        const length = Math.min(this.#left, end - at);
        if (!this.#isPassing) kept.drop(at, at + length);
        else if (this.#isBlank) chunk.fill(BLANK, at, at + length);
        this.#left -= length;
        at += length;
        continue;
      }
      const size = sizeToHave(chunk, at, end);
      if (end - at < size) {
        this.#hold(chunk, at, size);
        kept.drop(at, end);
        break;
      }
      const passed = this.#take(chunk, at, size);
      if (passed < size) kept.drop(at + passed, at + size);
      at += size;
    }
    return kept.finish();
  }

  #hold(chunk: Buffer, at: number, size: number): void {
    this.#held = Buffer.alloc(size);
    this.#have = chunk.copy(this.#held, 0, at);
  }

  #take(bytes: Buffer, at: number, size: number): number {
    const passed = this.#rules.take(bytes, at, size);
    this.#left = this.#rules.rest;
    this.#isPassing = passed > 0;
    this.#longType = bytes[at]!;
    this.#isBlank = false;
    return passed;
  }
}
