/** Longest wait for anything that a test expects, in milliseconds. */
const PATIENCE = 20_000;

/** A promise that fails with what was waited for, in place of a test that hangs. */
export function within<T>(promise: Promise<T>, what: string, patience = PATIENCE): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new Error(`${what}: not within ${patience} ms`);
    timer = setTimeout(() => reject(error), patience);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** A promise, and what settles it. */
export function deferred<T>(): { promise: Promise<T>; resolve: (value: T | Promise<T>) => void } {
  let resolve: (value: T | Promise<T>) => void = () => {};
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** Gives the event loop one whole turn, so that what has been written is read. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Waits until a condition holds, looking again each turn of the event loop, and soon less often. */
export async function until(
  holds: () => boolean,
  what: string,
  patience = PATIENCE,
): Promise<void> {
  const start = performance.now();
  for (let turns = 0; !holds(); turns++) {
    if (performance.now() - start > patience) throw new Error(`${what}: not within ${patience} ms`);
    if (turns < 20) await turn();
    else await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** Things as they come in, taken one by one. */
export class Queue<T> {
  readonly #what: string;
  readonly #items: T[] = [];
  #waiting: ((item: T) => void)[] = [];

  constructor(what: string) {
    this.#what = what;
  }

  get size(): number {
    return this.#items.length;
  }

  push(item: T): void {
    const waiting = this.#waiting.shift();
    if (waiting) waiting(item);
    else this.#items.push(item);
  }

  next(patience?: number): Promise<T> {
    const item = this.#items.shift();
    if (item !== undefined) return Promise.resolve(item);
    return within(new Promise<T>((resolve) => this.#waiting.push(resolve)), this.#what, patience);
  }
}

/** Bytes as they come in, taken by count. */
export class Inbox {
  readonly #what: string;
  #chunks: Uint8Array[] = [];
  #length = 0;
  #wake: (() => void) | null = null;
  #failure: Error | null = null;

  constructor(what: string) {
    this.#what = what;
  }

  /** Bytes that came and have not been taken. */
  get length(): number {
    return this.#length;
  }

  push(bytes: Uint8Array): void {
    this.#chunks.push(bytes);
    this.#length += bytes.length;
    this.#wake?.();
  }

  /** No more will come: what waits for more, now or later, fails with this. */
  fail(error: Error): void {
    this.#failure = error;
    this.#wake?.();
  }

  /** All that has come and was not taken. */
  peek(): Buffer {
    const whole = Buffer.concat(this.#chunks);
    this.#chunks = [whole];
    return whole;
  }

  async read(size: number, patience?: number): Promise<Buffer> {
    const arrived = new Promise<void>((resolve, reject) => {
      this.#wake = () => {
        if (this.#length >= size) resolve();
        else if (this.#failure) reject(this.#failure);
      };
      this.#wake();
    });
    await within(arrived, `${size} bytes from ${this.#what}`, patience).catch((error: Error) => {
      throw new Error(`${error.message}, ${this.#length} came`);
    });
    this.#wake = null;
    const whole = this.peek();
    this.#chunks = [whole.subarray(size)];
    this.#length -= size;
    return whole.subarray(0, size);
  }
}
