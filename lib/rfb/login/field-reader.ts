const EMPTY = Buffer.alloc(0);

/**
 * Reads fields of fixed sizes off bytes that are pushed as they arrive. What it has not read stays,
 * in order, until `take`; what it has read is overwritten, as it may have been a password.
 */
export class FieldReader {
  /** What has come: one buffer, as a side may send byte by byte, and a buffer each is costly. */
  #bytes = EMPTY;
  #start = 0;
  #end = 0;
  #failure: Error | null = null;
  #waiting: Waiting | null = null;

  /** How many bytes have come and are not read yet. */
  get buffered(): number {
    return this.#end - this.#start;
  }

  /** Adds bytes; they are copied, so that the caller's buffer is free at once. */
  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#makeRoom(bytes.length);
    this.#bytes.set(bytes, this.#end);
    this.#end += bytes.length;
    const waiting = this.#waiting;
    if (waiting === null || this.buffered < waiting.size) return;
    this.#waiting = null;
    waiting.resolve(this.#shift(waiting.size));
  }

  /**
   * Makes the read that waits reject with this, and every later one that what has come cannot answer:
   * a server may say why it refuses and be gone in one. The first failure stays.
   */
  fail(error: Error): void {
    this.#failure ??= error;
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.reject(this.#failure);
  }

  /** Waits for so many bytes and reads them, in one; one read at a time. */
  read(size: number): Promise<Buffer> {
    if (this.#waiting !== null) return Promise.reject(new Error('a read is waiting already'));
    if (this.buffered >= size) return Promise.resolve(this.#shift(size));
    if (this.#failure !== null) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting = { size, resolve, reject };
    });
  }

  /** Gives away all that was not read; afterwards nothing is buffered. */
  take(): Buffer {
    return this.#shift(this.buffered);
  }

  #makeRoom(size: number): void {
    if (this.#end + size <= this.#bytes.length) return;
    const last = this.#bytes.subarray(this.#start, this.#end);
    this.#bytes = Buffer.alloc(2 * (last.length + size));
    this.#start = 0;
    this.#end = last.copy(this.#bytes);
    last.fill(0);
  }

  #shift(size: number): Buffer {
    if (size === 0) return EMPTY;
    const part = this.#bytes.subarray(this.#start, this.#start + size);
    const field = Buffer.alloc(size);
    part.copy(field);
    part.fill(0);
    this.#start += size;
    if (this.buffered > 0) return field;
    this.#bytes = EMPTY;
    this.#start = this.#end = 0;
    return field;
  }
}

interface Waiting {
  readonly size: number;
  resolve(bytes: Buffer): void;
  reject(error: Error): void;
}
