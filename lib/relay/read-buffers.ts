/** Room in front of the bytes for the longest header of an unmasked frame (RFC 6455 section 5.2). */
export const HEADER_ROOM = 10;

/** What all idle sessions read into together, and copy from: enough for a cursor or a clock, bytes. */
export const SCRATCH_SIZE = 2 * 1024;

/** A live socket's own read buffer, and what quick ones have in common, in bytes. */
export const MAX_SIZE = 64 * 1024;

/** Of each size that is handed round, so many are kept for the next who asks. */
const MAX_FREE = 4;

/** Reads into the common buffer. */
export interface Sharer {
  /** Reads into this one from now on. */
  moveTo(common: Buffer<ArrayBuffer>): void;
}

/**
 * The read buffers that sessions share: a scratch for the idle, large ones for a few at full load,
 * and one that is common to all whose browsers take at once what they are sent. It stays in the
 * processor's cache, where a buffer for each of a hundred sessions would not.
 */
export class ReadBuffers {
  readonly scratch = Buffer.allocUnsafeSlow(HEADER_ROOM + SCRATCH_SIZE);
  readonly #free = new Map<number, Buffer<ArrayBuffer>[]>();
  readonly #sharers = new Set<Sharer>();
  #common: Buffer<ArrayBuffer> | null = null;

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

  /** The common buffer, for one who reads into it until it leaves. */
  share(sharer: Sharer): Buffer<ArrayBuffer> {
    this.#sharers.add(sharer);
    this.#common ??= this.borrow(MAX_SIZE);
    return this.#common;
  }

  leave(sharer: Sharer): void {
    this.#sharers.delete(sharer);
  }

  /**
   * Leaves the common buffer to one whose bytes in it are still on their way, before anybody reads
   * again: the others move to another one.
   */
  cede(to: Sharer): void {
    this.#sharers.delete(to);
    this.#common = this.borrow(MAX_SIZE);
    for (const sharer of this.#sharers) sharer.moveTo(this.#common);
  }
}
