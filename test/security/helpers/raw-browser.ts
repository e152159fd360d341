import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { connect as connectByTls } from 'node:tls';
import type { Door } from './host.ts';
import { Changes } from './until.ts';

export interface RawResponse {
  readonly status: number;
  /** Lower-case names; a header that came twice is joined with a line feed. */
  readonly headers: Readonly<Record<string, string>>;
  /** The head as it came. */
  readonly head: string;
}

export interface FrameOptions {
  opcode?: number;
  fin?: boolean;
  /** RSV1 to RSV3 as 4, 2, 1. */
  rsv?: number;
  masked?: boolean;
  /** A length to announce that is not the payload's. */
  length?: bigint | number;
  /** Size of the length field: 7, 16 or 64 bits; the shortest that fits unless told. */
  bits?: 7 | 16 | 64;
}

/** Makes the bytes of one frame, right or wrong (RFC 6455 section 5.2). */
export function frame(payload: Uint8Array | string = '', options: FrameOptions = {}): Buffer {
  const { opcode = 2, fin = true, rsv = 0, masked = true } = options;
  const body = Buffer.from(payload as Uint8Array);
  const length = BigInt(options.length ?? body.length);
  const bits = options.bits ?? (length < 126n ? 7 : length < 65536n ? 16 : 64);
  const head = Buffer.alloc(2 + (bits === 7 ? 0 : bits / 8));
  head[0] = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  head[1] = (masked ? 0x80 : 0) | (bits === 7 ? Number(length) : bits === 16 ? 126 : 127);
  if (bits === 16) head.writeUInt16BE(Number(length), 2);
  if (bits === 64) head.writeBigUInt64BE(length, 2);
  if (!masked) return Buffer.concat([head, body]);
  const mask = Buffer.from([1, 2, 3, 4]);
  for (let at = 0; at < body.length; at++) body[at]! ^= mask[at & 3]!;
  return Buffer.concat([head, mask, body]);
}

/** Makes a close frame. */
export function closeFrame(code: number, reason: Uint8Array | string = ''): Buffer {
  const head = Buffer.alloc(2);
  head.writeUInt16BE(code);
  return frame(Buffer.concat([head, Buffer.from(reason as Uint8Array)]), { opcode: 8 });
}

export interface UpgradeOptions {
  /** Replaces the usual headers by name; null leaves one out; an array sends it many times. */
  headers?: Record<string, string | string[] | null>;
  method?: string;
  version?: string;
  /** Bytes right behind the request. */
  behind?: Uint8Array | string;
}

/** Makes the text of an upgrade request. */
export function upgradeRequest(
  path: string,
  port: number,
  { headers = {}, method = 'GET', version = '1.1' }: UpgradeOptions = {},
): string {
  const all = {
    Host: `127.0.0.1:${port}`,
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === null ? [] : [value].flat().map((each) => `${name}: ${each}`),
  );
  return [`${method} ${path} HTTP/${version}`, ...lines, '', ''].join('\r\n');
}

/** A browser that may do all that no browser does: it writes what it is told, byte by byte. */
export class RawBrowser {
  readonly socket: Socket;
  response: RawResponse | undefined;
  /** Of the HTTP answer, when there was no handshake. */
  body: Buffer = Buffer.alloc(0);
  /** All that binary messages carried, unless `onPayload` takes it. */
  payload: Buffer = Buffer.alloc(0);
  payloadLength = 0;
  onPayload: ((bytes: Buffer) => void) | undefined;
  closing: { code: number; reason: string } | undefined;
  pings = 0;
  /** Answer pings, as a browser does. */
  answersPings = true;
  gone = false;
  error: Error | undefined;
  readonly changes = new Changes();
  #rest: Buffer = Buffer.alloc(0);
  #remaining = 0;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (bytes) => {
      this.#take(bytes);
      this.changes.announce();
    });
    socket.on('error', (error) => {
      this.error = error;
    });
    socket.on('end', () => this.changes.announce());
    socket.on('close', () => {
      this.gone = true;
      this.changes.announce();
    });
  }

  /** Connects; sends nothing yet. */
  static async connect({ port, tls }: Door, from?: string): Promise<RawBrowser> {
    const where = { host: '127.0.0.1', port, ...(from && { localAddress: from }) };
    const socket = tls ? connectByTls({ ...where, rejectUnauthorized: false }) : connect(where);
    const browser = new RawBrowser(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once(tls ? 'secureConnect' : 'connect', resolve);
      socket.once('error', reject);
    });
    return browser;
  }

  /** Connects and asks for a WebSocket; resolves with the answer, whatever it is. */
  static async open(door: Door, path: string, options: UpgradeOptions = {}): Promise<RawBrowser> {
    const browser = await RawBrowser.connect(door);
    browser.write(upgradeRequest(path, door.port, options));
    if (options.behind) browser.write(options.behind);
    await browser.answered();
    return browser;
  }

  write(bytes: Uint8Array | string): void {
    if (!this.socket.destroyed) this.socket.write(bytes);
  }

  /** Writes and waits until the kernel has it. */
  async push(bytes: Uint8Array): Promise<void> {
    await new Promise<void>((resolve) => this.socket.write(bytes, () => resolve()));
  }

  /** Waits for an HTTP answer, or the end of the connection. */
  answered(timeout?: number): Promise<void> {
    return this.changes.until('an answer', () => this.response !== undefined || this.gone, timeout);
  }

  /** Waits until the connection is gone. */
  hungUp(timeout?: number): Promise<void> {
    return this.changes.until('the end of the connection', () => this.gone, timeout);
  }

  /** Waits for a close frame, or the end of the connection, and hangs up as a browser does. */
  async closed(timeout?: number): Promise<number | undefined> {
    await this.changes.until('a close', () => this.closing !== undefined || this.gone, timeout);
    this.socket.end();
    return this.closing?.code;
  }

  until(what: string, condition: () => boolean, timeout?: number): Promise<void> {
    return this.changes.until(what, condition, timeout);
  }

  /** Sends RST. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  destroy(): void {
    this.socket.destroy();
  }

  #take(bytes: Buffer): void {
    if (this.response && this.response.status !== 101) {
      this.body = Buffer.concat([this.body, bytes]);
      return;
    }
    if (!this.response) {
      this.#rest = Buffer.concat([this.#rest, bytes]);
      const end = this.#rest.indexOf('\r\n\r\n');
      if (end < 0) return;
      this.response = readHead(this.#rest.toString('latin1', 0, end));
      const rest = this.#rest.subarray(end + 4);
      this.#rest = Buffer.alloc(0);
      if (rest.length > 0) this.#take(rest);
      return;
    }
    this.#takeFrames(bytes);
  }

  #takeFrames(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#remaining > 0) {
        const part = bytes.subarray(at, at + this.#remaining);
        this.#remaining -= part.length;
        at += part.length;
        this.#onPayload(part);
        continue;
      }
      const rest =
        this.#rest.length > 0
          ? Buffer.concat([this.#rest, bytes.subarray(at)])
          : bytes.subarray(at);
      const head = readFrameHead(rest);
      if (head === null || (head.opcode >= 8 && rest.length < head.size + head.length)) {
        this.#rest = Buffer.from(rest);
        return;
      }
      at = bytes.length - (rest.length - head.size);
      this.#rest = Buffer.alloc(0);
      if (head.opcode < 8) {
        this.#remaining = head.length;
      } else {
        this.#onControl(head.opcode, rest.subarray(head.size, head.size + head.length));
        at += head.length;
      }
    }
  }

  #onPayload(bytes: Buffer): void {
    this.payloadLength += bytes.length;
    if (this.onPayload) this.onPayload(bytes);
    else this.payload = Buffer.concat([this.payload, bytes]);
  }

  #onControl(opcode: number, payload: Buffer): void {
    if (opcode === 8) {
      this.closing ??= {
        code: payload.length >= 2 ? payload.readUInt16BE(0) : 1005,
        reason: payload.toString('utf8', 2),
      };
    } else if (opcode === 9) {
      this.pings++;
      if (this.answersPings) this.write(frame(payload, { opcode: 10 }));
    }
  }
}

function readHead(head: string): RawResponse {
  const [first = '', ...lines] = head.split('\r\n');
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers[name] = headers[name] === undefined ? value : `${headers[name]}\n${value}`;
  }
  return { status: Number(first.split(' ')[1]), headers, head };
}

function readFrameHead(bytes: Buffer): { opcode: number; size: number; length: number } | null {
  if (bytes.length < 2) return null;
  const short = bytes[1]! & 0x7f;
  const size = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (bytes.length < size) return null;
  const length =
    short === 126
      ? bytes.readUInt16BE(2)
      : short === 127
        ? Number(bytes.readBigUInt64BE(2))
        : short;
  return { opcode: bytes[0]! & 0x0f, size, length };
}
