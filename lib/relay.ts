import type { OnReadOpts } from 'node:net';
import type { Duplex } from 'node:stream';
import { type BrowserSocket, type FlowControl, OPEN } from './browser-socket.ts';

/** Room in front of the bytes for the longest header of an unmasked frame (RFC 6455 section 5.2). */
const HEADER_ROOM = 10;
const FIN_BINARY = 0x82;

/** A read buffer's size in bytes: little for an idle session, much for one under full load. */
const MIN_SIZE = 2 * 1024;
const MAX_SIZE = 1024 * 1024;

/** After so many reads in a row that leave most of the buffer empty, it is halved. */
const SMALL_READS = 256;

/** A browser that takes longer over one buffer gets a smaller one, in milliseconds. */
const SLOW_WRITE = 250;
const SLOW_SIZE = 64 * 1024;

/** Bytes that may wait for the server before the browser is held up. */
export const TO_SERVER_LIMIT = 64 * 1024;

/**
 * What a server's socket reads into: one buffer, behind room for a frame header, so that a read
 * leaves with its header in one write and nothing is copied. It starts small, doubles while reads
 * fill it, and shrinks again. Hand `onread` to `net.connect`.
 */
export class Intake {
  readonly onread: OnReadOpts;
  /** Called with the length of each read; false stops reading until the socket's `resume()`. */
  onBytes: (length: number) => boolean = () => true;
  #whole = Buffer.alloc(0);
  #size = 0;
  #wanted = MIN_SIZE;
  #smallReads = 0;

  constructor() {
    this.onread = {
      // Asked for after every read; no answer means: the same again. (Node's types miss that.)
      buffer: (() => this.#nextRoom()) as () => Uint8Array,
      callback: (length) => {
        this.#adapt(length);
        return this.onBytes(length);
      },
    };
  }

  /** The bytes of the last read, until the next one. */
  bytes(length: number): Buffer {
    return this.#whole.subarray(HEADER_ROOM, HEADER_ROOM + length);
  }

  /** The last read as one binary frame, until the next one. */
  frame(length: number): Buffer {
    const whole = this.#whole;
    let start = 0;
    if (length < 126) {
      start = HEADER_ROOM - 2;
      whole[start + 1] = length;
    } else if (length < 65536) {
      start = HEADER_ROOM - 4;
      whole[start + 1] = 126;
      whole[start + 2] = length >>> 8;
      whole[start + 3] = length;
    } else {
      whole[1] = 127;
      whole.writeUInt32BE(0, 2);
      whole.writeUInt32BE(length, 6);
    }
    whole[start] = FIN_BINARY;
    return whole.subarray(start, HEADER_ROOM + length);
  }

  /** Reads less at a time from now on: the browser is slow, and its picture should be fresh. */
  slowDown(): void {
    if (this.#size > SLOW_SIZE) this.#wanted = SLOW_SIZE;
  }

  #adapt(length: number): void {
    if (length > this.#size / 4) {
      this.#smallReads = 0;
      if (length === this.#size && length < MAX_SIZE) this.#wanted = length * 2;
    } else if (++this.#smallReads >= SMALL_READS && this.#size > MIN_SIZE) {
      this.#smallReads = 0;
      this.#wanted = this.#size / 2;
    }
  }

  #nextRoom(): Uint8Array | undefined {
    if (this.#wanted === this.#size) return undefined;
    this.#size = this.#wanted;
    this.#whole = Buffer.allocUnsafeSlow(HEADER_ROOM + this.#size);
    return this.#whole.subarray(HEADER_ROOM);
  }
}

/** A browser and a server that have been joined. */
export interface Relay {
  /** Bytes passed on so far. */
  readonly toBrowser: number;
  readonly toServer: number;
  /** Since when the browser has not taken what was written to it (`performance.now()`), or 0. */
  readonly stalledSince: number;
  /** Passes nothing on from now; what comes is read and dropped. */
  stop(): void;
}

/** What both sides have said before they were joined, and what to do about a text message. */
export interface Handover {
  readonly greeting: Buffer;
  readonly early: readonly Uint8Array[];
  readonly onText: () => void;
}

/**
 * Joins a browser's socket and a server's stream, until `stop()`. It holds one read of the server's
 * at most, whatever the browser does: reading goes on when the kernel has taken the last one. It
 * knows no ends and no timers: its caller listens for those.
 *
 * `intake` is what the server's socket reads into; null for a stream that has none.
 */
export function relay(
  browser: BrowserSocket,
  flow: FlowControl,
  server: Duplex,
  intake: Intake | null,
  { greeting, early, onText }: Handover,
): Relay {
  const socket = browser._socket;
  // Never below the stream's own mark: only what passes that is followed by a `drain`.
  const toServerLimit = Math.max(TO_SERVER_LIMIT, server.writableHighWaterMark);
  let stopped = false;
  let toBrowser = 0;
  let toServer = 0;
  let stalledSince = 0;

  if (intake && socket) intake.onBytes = onRead;
  else if (intake) intake.onBytes = (length) => onChunk(Buffer.from(intake.bytes(length)));
  else server.on('data', onChunk);
  browser.on('message', onMessage);
  server.on('drain', onServerDrain);
  if (greeting.length > 0) onChunk(greeting);
  for (const bytes of early) onMessage(bytes, true);
  if (server.writableLength <= toServerLimit) flow.resume();
  if (stalledSince === 0) server.resume();

  /** The fast way: frame and bytes in one write from the buffer they were read into. */
  function onRead(length: number): boolean {
    if (stopped || browser.readyState !== OPEN) return true;
    toBrowser += length;
    socket!.write(intake!.frame(length), onWritten);
    if (socket!.writableLength === 0) return true; // the kernel has it: the buffer is free again
    stalledSince = performance.now();
    return false;
  }

  function onWritten(): void {
    if (stalledSince === 0 || socket!.writableLength > 0) return;
    if (performance.now() - stalledSince > SLOW_WRITE) intake!.slowDown();
    goOn();
  }

  /** The plain way, for streams of other kinds. */
  function onChunk(chunk: Buffer): boolean {
    if (stopped || browser.readyState !== OPEN) return true;
    toBrowser += chunk.length;
    browser.send(chunk, { binary: true }, onSent);
    if (browser.bufferedAmount === 0) return true;
    stalledSince ||= performance.now();
    server.pause();
    return false;
  }

  function onSent(): void {
    if (stalledSince !== 0 && browser.bufferedAmount === 0) goOn();
  }

  function goOn(): void {
    stalledSince = 0;
    server.resume();
  }

  function onMessage(data: unknown, isBinary?: boolean): void {
    if (stopped) return;
    if (isBinary === false || !(data instanceof Uint8Array)) return onText();
    if (data.length === 0 || !server.writable) return;
    toServer += data.length;
    server.write(data);
    if (server.writableLength > toServerLimit) flow.pause();
  }

  function onServerDrain(): void {
    flow.resume();
  }

  return {
    get toBrowser() {
      return toBrowser;
    },
    get toServer() {
      return toServer;
    },
    get stalledSince() {
      return stalledSince;
    },
    stop() {
      stopped = true;
      flow.resume();
      server.resume();
    },
  };
}
