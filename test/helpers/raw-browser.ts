import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { type Frame, readFrames } from './frames.ts';
import { within } from './inbox.ts';

/** The example key of RFC 6455 section 1.3; any 16 bytes will do. */
export const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';

/** The viewer's side of a connection, byte by byte. */
export class RawBrowser {
  readonly socket: Socket;
  readonly #transport: Socket;
  readonly #closed: Promise<void>;
  #bytes: Buffer = Buffer.alloc(0);

  private constructor(socket: Socket, transport: Socket) {
    this.socket = socket;
    this.#transport = transport;
    socket.on('error', () => {});
    transport.on('error', () => {});
    socket.on('data', (bytes: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, bytes]);
    });
    this.#closed = new Promise((resolve) => {
      socket.on('end', () => resolve());
      socket.on('close', () => resolve());
    });
  }

  static async open(t: TestContext, port: number, tls: boolean): Promise<RawBrowser> {
    const transport = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const socket = tls ? connectTls({ socket: transport, rejectUnauthorized: false }) : transport;
    const browser = new RawBrowser(socket, transport);
    t.after(() => transport.destroy());
    await once(socket, tls ? 'secureConnect' : 'connect');
    return browser;
  }

  /** Leaves without a word: RST. */
  reset(): void {
    this.#transport.resetAndDestroy();
  }

  closed(patience?: number): Promise<void> {
    return within(this.#closed, 'the end of a raw socket', patience);
  }

  /** All bytes that have come and were not read as head or frames. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  /** Writes a handshake; `fields` replace ours by name, null leaves one out. */
  handshake(path: string, fields: Record<string, string | null> = {}, method = 'GET'): void {
    const all: Record<string, string | null> = {
      Host: '127.0.0.1',
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Key': KEY,
      'Sec-WebSocket-Version': '13',
      ...fields,
    };
    const lines = Object.entries(all).flatMap(([name, value]) =>
      value === null ? [] : [`${name}: ${value}\r\n`],
    );
    this.socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
  }

  /** Reads an answer's head. */
  async head(): Promise<string> {
    while (!this.#bytes.includes('\r\n\r\n')) await this.#more('the head of an answer');
    const end = this.#bytes.indexOf('\r\n\r\n') + 4;
    const head = this.#bytes.toString('latin1', 0, end);
    this.#bytes = this.#bytes.subarray(end);
    return head;
  }

  /** Reads the next frames, as many as asked for. */
  async frames(count: number): Promise<Frame[]> {
    while (readFrames(this.#bytes).frames.length < count) await this.#more(`${count} frames`);
    const { frames } = readFrames(this.#bytes, count);
    this.#bytes = this.#bytes.subarray(frames.reduce((sum, { length }) => sum + length, 0));
    return frames;
  }

  /** Reads what comes until the connection ends. */
  async rest(): Promise<Buffer> {
    await this.closed();
    return this.#bytes;
  }

  async #more(what: string): Promise<void> {
    await within(once(this.socket, 'data'), what);
  }
}
