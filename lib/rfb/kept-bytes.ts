const EMPTY = Buffer.alloc(0);

/**
 * Leaves parts of a chunk out, in the chunk itself: what is kept is moved together, one move for
 * all that stands between two gaps. A chunk without gaps comes back as it is.
 */
export class KeptBytes {
  #chunk: Buffer = EMPTY;
  /** What has been moved together. */
  #start = 0;
  #end = 0;
  /** Where the bytes begin that are to be kept, up to the next gap. */
  #run = 0;

  begin(chunk: Buffer, at: number): void {
    this.#chunk = chunk;
    this.#start = this.#end = this.#run = at;
  }

  /** Leaves out what is between; called in order. */
  drop(from: number, to: number): void {
    this.#keep(from);
    this.#run = to;
  }

  /** What is left: the chunk, a view of it, or nothing. */
  finish(): Buffer {
    const chunk = this.#chunk;
    this.#keep(chunk.length);
    this.#chunk = EMPTY;
    if (this.#start === this.#end) return EMPTY;
    const isWhole = this.#start === 0 && this.#end === chunk.length;
    return isWhole ? chunk : chunk.subarray(this.#start, this.#end);
  }

  #keep(to: number): void {
    const from = this.#run;
    if (to <= from) return;
    // The first that is kept can stay where it is.
    if (this.#end === this.#start) this.#start = this.#end = from;
    else if (this.#end !== from) this.#chunk.copyWithin(this.#end, from, to);
    this.#end += to - from;
  }
}
