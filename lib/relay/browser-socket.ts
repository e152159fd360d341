import type { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { BrowserFrames, type FrameFault } from './browser-frames.ts';
import { Intake } from './intake.ts';
import type { ReadBuffers } from './read-buffers.ts';
import { readInto } from './read-into.ts';

/** A WebSocket of `ws` 7 (as express-ws brings it) or 8, as far as we use it. */
export interface BrowserSocket {
  readonly readyState: number;
  readonly bufferedAmount: number;
  /** What was negotiated: by name (8), or an object of them (7: also a text in some releases). */
  readonly extensions?: string;
  /** The socket under it. Without one, bytes go the plain way, by `send` and `message`. */
  readonly _socket?: Socket | null;
  /** What parses frames; `_state` 0 with nothing buffered: it is between two of them. */
  readonly _receiver?: Writable & { readonly _state?: number; readonly _bufferedBytes?: number };
  on(event: 'message', listener: (data: unknown, isBinary?: boolean) => void): unknown;
  on(event: 'close', listener: (code: number) => void): unknown;
  on(event: 'error', listener: (error: Error & { code?: string }) => void): unknown;
  on(event: 'pong', listener: () => void): unknown;
  send(data: Uint8Array, options: { binary: boolean }, done: (error?: Error) => void): void;
  ping(): void;
  close(code: number, reason: string): void;
  terminate(): void;
  /** Only `ws` 8 has these two. */
  pause?(): void;
  resume?(): void;
}

/** `readyState` of RFC 6455 sockets. */
export const OPEN = 1;
export const CLOSED = 3;

/** What holds a browser up: a server that does not take more, bytes that are lent, its own haste. */
const PAUSED = 1;
const KEPT = 2;
const RESTING = 4;

/**
 * How long a browser is read before others have their turn, in milliseconds. The kernel hands over up
 * to 32 reads in a row; of tiny frames, or tiny messages in large ones, they are hundreds of thousands.
 */
const LONG_TURN = 2;
/** Reads that are less apart are of one turn, in milliseconds. */
const BETWEEN_TURNS = 0.1;

export interface BrowserListener {
  /** What has come. Where it `isLent`, it is good until the call returns, or until `giveBack`. */
  onBytes(bytes: Uint8Array): void;
  onFault(fault: FrameFault): void;
}

/**
 * What a browser sends, as bytes, and a hold on it. Where it can, it reads the frames itself, between
 * the socket and `ws`, which keeps pings, pongs, closes and all that breaks the protocol; else it
 * takes the messages that `ws` makes.
 */
export class BrowserIntake {
  readonly #browser: BrowserSocket;
  readonly #socket: Socket | null;
  #intake: Intake | null = null;
  #holds = 0;
  /** When the reads of this turn began, and when the last was done (`performance.now()`). */
  #began = 0;
  #done = 0;

  constructor(
    browser: BrowserSocket,
    listener: BrowserListener,
    maxPayload: number,
    buffers: ReadBuffers,
  ) {
    this.#browser = browser;
    const socket = browser._socket ?? null;
    const readers = socket?.listeners('data') as OnData[] | undefined;
    const isFresh = browser._receiver?._state === 0 && browser._receiver._bufferedBytes === 0;
    if (socket && readers?.length === 1 && isFresh && !browser.extensions) {
      this.#socket = socket;
      const toWs = readers[0]!;
      const frames = framesFor(socket, toWs, listener, maxPayload);
      const take = (chunk: Buffer) => {
        const now = performance.now();
        if (now - this.#done > BETWEEN_TURNS) this.#began = now;
        frames.push(chunk);
        this.#done = performance.now();
        if (this.#done - this.#began > LONG_TURN) this.#rest();
      };
      tap(socket, toWs, take);
      const intake = new Intake(buffers, true);
      if (readInto(socket, intake.onread)) this.#intake = intake;
      intake.onBytes = (length) => {
        const bytes = intake.bytes(length);
        take(intake.isScratch ? Buffer.from(bytes) : bytes);
        return this.#holds === 0;
      };
      this.#tellParser();
    } else {
      this.#socket = null;
      browser.on('message', (data, isBinary) => {
        const isBytes = isBinary !== false && data instanceof Uint8Array;
        if (!isBytes) listener.onFault('TEXT_FRAME');
        else if (data.length > 0) listener.onBytes(data);
      });
      if (!browser.pause) this.#tellParser();
    }
  }

  /** The browser is held up, so it cannot be heard. */
  get paused(): boolean {
    return (this.#holds & (PAUSED | KEPT)) !== 0;
  }

  pause(): void {
    this.#hold(PAUSED);
  }

  resume(): void {
    this.#letGo(PAUSED);
  }

  /** Holds the browser up no more; what was lent stays with whom it was lent to. */
  release(): void {
    this.#letGo(PAUSED | KEPT);
  }

  /** What `onBytes` gives is in a buffer that the next read goes into: `keep` it, or be done with it. */
  get isLent(): boolean {
    return this.#intake !== null && !this.#intake.isScratch;
  }

  /** Reads nothing, whatever else is said, until what was lent is given back. */
  keep(): void {
    this.#intake?.lend();
    this.#hold(KEPT);
  }

  giveBack(): void {
    this.#intake?.giveBack();
    this.#letGo(KEPT);
  }

  /** Leaves the others their turn. */
  #rest(): void {
    this.#hold(RESTING);
    setImmediate(() => this.#letGo(RESTING));
  }

  #hold(by: number): void {
    const wasFree = this.#holds === 0;
    this.#holds |= by;
    if (wasFree) this.#stop();
  }

  #letGo(by: number): void {
    if ((this.#holds & by) === 0) return;
    this.#holds &= ~by;
    if (this.#holds === 0) this.#go();
  }

  #stop(): void {
    if (this.#socket) this.#socket.pause();
    else if (this.#browser.pause) this.#browser.pause();
    else this.#browser._socket?.pause();
  }

  #go(): void {
    if (this.#socket) this.#socket.resume();
    else if (this.#browser.resume) this.#browser.resume();
    else if (!this.#browser._receiver?.writableNeedDrain) this.#browser._socket?.resume();
  }

  /** `ws` resumes its socket when its parser has taken what it was given, held up by us or not. */
  #tellParser(): void {
    const parser = this.#browser._receiver;
    parser?.removeAllListeners('drain');
    parser?.on('drain', () => {
      if (this.#holds === 0) this.#browser._socket?.resume();
    });
  }
}

type OnData = (this: Socket, chunk: Buffer) => void;

/** What reads the frames of a socket, and gives `ws` the control frames. */
function framesFor(
  socket: Socket,
  toWs: OnData,
  listener: BrowserListener,
  maxPayload: number,
): BrowserFrames {
  return new BrowserFrames(
    {
      onBytes: (bytes) => listener.onBytes(bytes),
      onFault: (fault) => listener.onFault(fault),
      onControl: (frame) => toWs.call(socket, frame),
    },
    maxPayload,
  );
}

/** Takes a socket's bytes before `ws` does. */
function tap(socket: Socket, toWs: OnData, take: (chunk: Buffer) => void): void {
  socket.off('data', toWs);
  socket.on('data', take);
  // ws gives its parser what a closed socket still holds; that is ours to read as well.
  socket.prependListener('close', () => {
    const last = socket.read();
    if (Buffer.isBuffer(last)) take(last);
  });
}
