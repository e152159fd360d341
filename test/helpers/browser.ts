import type { TestContext } from 'node:test';
import { WebSocket } from 'ws';
import { Inbox, within } from './inbox.ts';

export interface Refusal {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

export interface Farewell {
  readonly code: number;
  readonly reason: string;
}

export interface BrowserOptions {
  headers?: Record<string, string>;
  protocols?: string[];
  autoPong?: boolean;
}

/** The viewer's side of a WebSocket, by `ws`. */
export class Browser {
  readonly socket: WebSocket;
  readonly inbox = new Inbox('the relay, at the browser');
  /** Messages so far. */
  messages = 0;
  readonly #opened: Promise<void>;
  readonly #closed: Promise<Farewell>;
  readonly #refused: Promise<Refusal>;
  #farewell: Farewell | null = null;

  constructor(url: string, { headers = {}, protocols = [], autoPong = true }: BrowserOptions = {}) {
    const socket = new WebSocket(url, protocols, { headers, autoPong, rejectUnauthorized: false });
    this.socket = socket;
    socket.on('message', (data: Buffer, isBinary) => {
      if (!isBinary) throw new Error('a text frame came');
      this.messages++;
      this.inbox.push(data);
    });
    socket.on('error', () => {});
    this.#closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => {
        this.#farewell = { code, reason: reason.toString() };
        resolve(this.#farewell);
      });
    });
    this.#refused = new Promise((resolve, reject) => {
      socket.on('unexpected-response', (_req, res) => {
        const chunks: Buffer[] = [];
        res.on('data', (chunk: Buffer) => chunks.push(chunk));
        res.on('end', () => {
          const body = Buffer.concat(chunks).toString();
          resolve({ status: res.statusCode ?? 0, headers: res.headers, body });
          socket.terminate();
        });
      });
      socket.on('open', () => reject(new Error('the handshake was accepted')));
      socket.on('error', reject);
    });
    this.#refused.catch(() => {});
    this.#opened = new Promise((resolve, reject) => {
      socket.on('open', resolve);
      socket.on('unexpected-response', (_req, { statusCode }) => {
        reject(new Error(`the handshake was refused with ${statusCode}`));
      });
      socket.on('error', reject);
    });
    this.#opened.catch(() => {});
  }

  static open(t: TestContext, url: string, options?: BrowserOptions): Browser {
    const browser = new Browser(url, options);
    t.after(() => browser.socket.terminate());
    return browser;
  }

  opened(): Promise<void> {
    return within(this.#opened, 'an open WebSocket');
  }

  refused(): Promise<Refusal> {
    return within(this.#refused, 'a refused handshake');
  }

  closed(patience?: number): Promise<Farewell> {
    return within(this.#closed, 'the end of a WebSocket', patience);
  }

  /** How it ended, if it did. */
  get farewell(): Farewell | null {
    return this.#farewell;
  }

  read(size: number, patience?: number): Promise<Buffer> {
    return this.inbox.read(size, patience);
  }

  send(bytes: Uint8Array): void {
    this.socket.send(bytes, { binary: true });
  }
}
