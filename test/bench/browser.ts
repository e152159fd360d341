import net from 'node:net';
import { PayloadFinder } from './payload-finder.ts';

/** The banner every target greets with, as a VNC server does. */
export const BANNER = 'RFB 003.008\n';

/** One buffer for the reads of all: what is read is counted at once, and never kept. */
const READ_BUFFER = Buffer.allocUnsafeSlow(256 * 1024);

const END_OF_HEADERS = '\r\n\r\n';

type OnPayload = (payload: Buffer) => void;

interface Wish {
  readonly bytes: number;
  resolve(): void;
  reject(error: Error): void;
}

/**
 * A browser's end of a session, as cheap as Node has it, or a bare TCP one where the relay speaks
 * no WebSocket.
 */
export class Browser {
  readonly #socket: net.Socket;
  readonly #frames: PayloadFinder | null;
  readonly #onPayload: OnPayload | undefined;
  #answer: string | null;
  #unclaimed = 0;
  #wish: Wish | null = null;
  #failure: Error | null = null;
  #wakeSender: () => void = () => {};

  /**
   * Opens a session, over bare TCP if there is no path, and waits for the banner. `onPayload` sees
   * every byte from the banner on; what it is given does not outlive the call.
   */
  static async open(port: number, path: string | null, onPayload?: OnPayload): Promise<Browser> {
    const browser = new Browser(port, path, onPayload);
    await browser.receive(BANNER.length);
    return browser;
  }

  private constructor(port: number, path: string | null, onPayload: OnPayload | undefined) {
    this.#socket = net.connect({
      host: '127.0.0.1',
      port,
      noDelay: true,
      onread: { buffer: READ_BUFFER, callback: (length) => this.#onRead(length) },
    });
    this.#socket.on('drain', () => this.#wakeSender());
    this.#socket.on('error', (error) => this.#fail(error));
    this.#socket.on('close', () => this.#fail(new Error('the relay hung up')));
    this.#onPayload = onPayload;
    this.#frames = path === null ? null : new PayloadFinder();
    this.#answer = path === null ? null : '';
    if (path !== null) this.#socket.write(upgradeRequest(port, path));
  }

  /** Waits for so many bytes of payload more than were waited for before. */
  receive(bytes: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#wish = { bytes, resolve, reject };
      this.#grant();
    });
  }

  /** Tells how many bytes of payload nobody has waited for yet, and takes them as waited for. */
  claim(): number {
    if (this.#failure) throw this.#failure;
    const bytes = this.#unclaimed;
    this.#unclaimed = 0;
    return bytes;
  }

  /** Sends bytes as they are, and tells whether the socket takes more for now. */
  send(bytes: Buffer): boolean {
    if (this.#failure) throw this.#failure;
    return this.#socket.write(bytes);
  }

  /** Waits until the socket takes more, or has failed. */
  drained(): Promise<void> {
    return new Promise((resolve) => {
      this.#wakeSender = resolve;
    });
  }

  stall(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#socket.destroy();
  }

  #onRead(length: number): true {
    try {
      this.#take(READ_BUFFER.subarray(0, length));
    } catch (error) {
      this.#socket.destroy(error as Error);
    }
    return true;
  }

  #take(bytes: Buffer): void {
    if (this.#answer !== null) this.#takeAnswer(bytes);
    else if (this.#frames) this.#frames.push(bytes, (payload) => this.#count(payload));
    else this.#count(bytes);
    this.#grant();
  }

  #takeAnswer(bytes: Buffer): void {
    const answer = this.#answer + bytes.toString('latin1');
    const end = answer.indexOf(END_OF_HEADERS);
    this.#answer = answer;
    if (end < 0) return;
    if (!answer.startsWith('HTTP/1.1 101 ')) throw new Error(answer.slice(0, answer.indexOf('\r')));
    this.#answer = null;
    this.#take(Buffer.from(answer.slice(end + END_OF_HEADERS.length), 'latin1'));
  }

  #count(payload: Buffer): void {
    this.#unclaimed += payload.length;
    this.#onPayload?.(payload);
  }

  #grant(): void {
    const wish = this.#wish;
    if (!wish) return;
    if (this.#unclaimed >= wish.bytes) {
      this.#unclaimed -= wish.bytes;
      this.#wish = null;
      wish.resolve();
    } else if (this.#failure) {
      this.#wish = null;
      wish.reject(this.#failure);
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#grant();
    this.#wakeSender();
  }
}

function upgradeRequest(port: number, path: string): string {
  const fields = [
    `GET ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    `Origin: http://127.0.0.1:${port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Protocol: binary',
    'Sec-WebSocket-Version: 13',
  ];
  return fields.join('\r\n') + END_OF_HEADERS;
}
