/**
 * Reads fields of fixed sizes off bytes that are pushed as they arrive. What it has not read stays,
 * in order, until `take`; what it has read is overwritten, as it may have been a password.
 */
export class FieldReader {
  #chunks: Buffer[] = [];
  #buffered = 0;
  #failure: Error | null = null;
  #waiting: Waiting | null = null;

  /** How many bytes have come and are not read yet. */
  get buffered(): number {
    return this.#buffered;
  }

  /** Adds bytes; they are copied, so that the caller's buffer is free at once. */
  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#chunks.push(Buffer.from(bytes));
    this.#buffered += bytes.length;
    const waiting = this.#waiting;
    if (waiting === null || this.#buffered < waiting.size) return;
    this.#waiting = null;
    waiting.resolve(this.#shift(waiting.size));
  }

  /** Makes the read that waits, and every later one, reject with this. The first failure stays. */
  fail(error: Error): void {
    this.#failure ??= error;
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.reject(this.#failure);
  }

  /** Waits for so many bytes and reads them, in one; one read at a time. */
  read(size: number): Promise<Buffer> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    if (this.#waiting !== null) return Promise.reject(new Error('a read is waiting already'));
    if (this.#buffered >= size) return Promise.resolve(this.#shift(size));
    return new Promise((resolve, reject) => {
      this.#waiting = { size, resolve, reject };
    });
  }

  /** Gives away all that was not read; afterwards nothing is buffered. */
  take(): Buffer {
    return this.#shift(this.#buffered);
  }

  #shift(size: number): Buffer {
    const field = Buffer.alloc(size);
    let filled = 0;
    while (filled < size) {
      const chunk = this.#chunks[0]!;
      const part = chunk.subarray(0, size - filled);
      filled += part.copy(field, filled);
      part.fill(0);
      if (part.length === chunk.length) this.#chunks.shift();
      else this.#chunks[0] = chunk.subarray(part.length);
    }
    this.#buffered -= size;
    return field;
  }
}

interface Waiting {
  readonly size: number;
  resolve(bytes: Buffer): void;
  reject(error: Error): void;
}
