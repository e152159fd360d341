import { openingWords } from './opening-words.ts';

/** How a WebSocket closed, and how far it had come. */
export interface Farewell {
  readonly code: number;
  readonly reason: string;
  readonly opened: boolean;
  /** The server has said something on it. */
  readonly spoken: boolean;
  /** Why the server refused, where it did so before noVNC was there. */
  readonly refusal: string | null;
}

// A server says no more than who it is before it is asked for something. One that floods a page
// which is still loading is none that we know.
const MAX_EARLY = 64 * 1024;

// A clipboard is an answer too, and need not be gathered whole.
const MANY_ANSWERS = 1024;

// Types of messages that are keys (QEMU's own too) and pointer moves.
const INPUTS: ReadonlySet<number> = new Set([4, 5, 255]);

/**
 * Our WebSocket in the shape that noVNC takes. It keeps what arrives before noVNC does, and gives the
 * first answers in its place; it lets no text through, and tells how it closed before noVNC hears of it.
 */
export class Channel {
  // noVNC looks for these names on the object, and for the others on its prototype.
  binaryType: BinaryType = 'arraybuffer';
  onopen: ((event: Event) => void) | null = null;
  onerror: ((event: Event) => void) | null = null;
  onclose: ((event: CloseEvent) => void) | null = null;

  readonly #socket: WebSocket;
  /** Whether the server lets others stay (RFC 6143, 7.3.1): said here or by noVNC, whoever comes to it. */
  readonly shared: boolean;
  #receive: ((event: MessageEvent<ArrayBuffer>) => void) | null = null;
  #early: MessageEvent<ArrayBuffer>[] | null = [];
  #earlyBytes = 0;
  readonly #words: Generator<void, string | undefined, number>;
  #refusal: string | null = null;
  /** What noVNC answers to the message that it is reading: to send them one by one costs far more. */
  #answers: number[] | null = null;
  /** Bytes that are said already, and that noVNC is going to say. */
  #ahead = 0;
  /** The bytes of all messages, either way. */
  readonly traffic = { received: 0, sent: 0 };
  /** Keys and pointer moves that were sent. */
  inputs = 0;
  /** When it was made, when it opened, and when the server first spoke, as of `performance.now()`. */
  readonly madeAt = performance.now();
  openedAt: number | null = null;
  spokenAt: number | null = null;
  #onEnd: ((farewell: Farewell) => void) | null = null;
  #farewell: Farewell | null = null;

  constructor(socket: WebSocket, shared: boolean) {
    this.#socket = socket;
    this.shared = shared;
    this.#words = openingWords(shared, (bytes) => {
      this.#ahead += bytes.byteLength;
      this.#send(bytes);
    });
    this.#words.next(); // to where it waits for the first byte
    socket.binaryType = 'arraybuffer';
    socket.onopen = (event) => {
      this.openedAt = performance.now();
      this.onopen?.(event);
    };
    socket.onmessage = (event) => {
      this.spokenAt ??= performance.now();
      this.#take(event);
    };
    socket.onerror = (event) => this.onerror?.(event);
    socket.onclose = (event) => {
      const opened = this.openedAt !== null;
      const spoken = this.spokenAt !== null;
      const { code, reason } = event;
      this.#farewell = { code, reason, opened, spoken, refusal: this.#refusal };
      this.#onEnd?.(this.#farewell);
      this.onclose?.(event);
    };
  }

  /** Calls back once it has closed, which it may have done already; never within this call. */
  whenClosed(onEnd: (farewell: Farewell) => void): void {
    const farewell = this.#farewell;
    if (farewell) queueMicrotask(() => onEnd(farewell));
    else this.#onEnd = onEnd;
  }

  get protocol(): string {
    return this.#socket.protocol;
  }

  get readyState(): number {
    return this.#socket.readyState;
  }

  get onmessage(): ((event: MessageEvent<ArrayBuffer>) => void) | null {
    return this.#receive;
  }

  set onmessage(receive: ((event: MessageEvent<ArrayBuffer>) => void) | null) {
    this.#receive = receive;
    // noVNC sets its handlers in the midst of its constructor, and is not ready before the end of it.
    if (this.#early) queueMicrotask(() => this.#deliver());
  }

  /** Bytes that the browser has not got rid of. */
  get buffered(): number {
    return this.#socket.bufferedAmount;
  }

  send(bytes: Uint8Array<ArrayBuffer>): void {
    const said = Math.min(this.#ahead, bytes.byteLength);
    this.#ahead -= said;
    if (said === bytes.byteLength) return;
    const rest = bytes.subarray(said);
    if (!this.#answers) {
      this.#send(rest);
      return;
    }
    this.#answers.push(...rest);
    if (this.#answers.length > MANY_ANSWERS) this.#sendAnswers();
  }

  close(): void {
    this.#sendAnswers();
    this.#socket.close();
  }

  #send(bytes: Uint8Array<ArrayBuffer>): void {
    // Of the handshake some may look so too, which does no harm.
    if (INPUTS.has(bytes[0] ?? 0)) this.inputs += 1;
    this.traffic.sent += bytes.byteLength;
    this.#socket.send(bytes);
  }

  #take(event: MessageEvent<ArrayBuffer | string>): void {
    if (!isBinary(event)) return;
    this.traffic.received += event.data.byteLength;
    if (!this.#early) {
      this.#answers = [];
      try {
        this.#receive?.(event);
      } finally {
        this.#sendAnswers();
        this.#answers = null;
      }
      return;
    }
    this.#early.push(event);
    this.#earlyBytes += event.data.byteLength;
    if (this.#earlyBytes > MAX_EARLY) {
      this.#early = [];
      this.close();
      return;
    }
    for (const byte of new Uint8Array(event.data)) {
      this.#refusal ??= this.#words.next(byte).value ?? null;
    }
  }

  #sendAnswers(): void {
    const answers = this.#answers?.splice(0) ?? [];
    if (answers.length > 0) this.#send(Uint8Array.from(answers));
  }

  #deliver(): void {
    const early = this.#early ?? [];
    this.#early = null;
    for (const event of early) this.#receive?.(event);
  }
}

function isBinary(event: MessageEvent<ArrayBuffer | string>): event is MessageEvent<ArrayBuffer> {
  return typeof event.data !== 'string';
}
