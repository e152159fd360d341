import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { ServerMessages } from '../../lib/rfb/server/server-messages.ts';
import { setEncodings, setPixelFormat, updateRequest } from '../rfb/helpers/browser-says.ts';
import { ALL } from '../rfb/helpers/sessions.ts';
import { eventually } from './eventually.ts';

/** Looks at what a real server sends, with a rule and without, and draws nothing. */
export class RfbTap {
  readonly strict = new ServerMessages({ ...ALL, clipboard: 'to-server' });
  readonly lax = new ServerMessages(ALL);
  readonly #socket: Socket;
  readonly #sent: Buffer[] = [];
  readonly #passed: Buffer[] = [];
  #size = 0;
  #failure: unknown = null;
  #asking: NodeJS.Timeout | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Logs in to a server without a password, and goes on asking for changes of its screen. */
  static async open(port: number, format: string, encodings: number[]): Promise<RfbTap> {
    const socket = connect(port, '127.0.0.1');
    await read(socket, 12);
    socket.write('RFB 003.008\n');
    const [count = 0] = await read(socket, 1);
    await read(socket, count);
    socket.write(Buffer.of(1));
    await read(socket, 4);
    const tap = new RfbTap(socket);
    tap.#start(format, encodings);
    return tap;
  }

  /** All that has come. */
  get sent(): Buffer {
    return Buffer.concat(this.#sent);
  }

  /** What the one with the rule has let on. */
  get passed(): Buffer {
    return Buffer.concat(this.#passed);
  }

  write(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  /** Waits until so many more bytes have come. */
  async more(bytes: number): Promise<void> {
    const enough = this.#size + bytes;
    await eventually(`${bytes} bytes of the screen`, () => {
      if (this.#failure) throw this.#failure;
      return this.#size >= enough;
    });
  }

  close(): void {
    clearInterval(this.#asking);
    this.#socket.destroy();
    if (this.#failure) throw this.#failure;
  }

  #start(format: string, encodings: number[]): void {
    this.#socket.on('error', () => {});
    this.#socket.on('end', () => {
      this.#failure ??= new Error('the server closed the connection');
    });
    this.#socket.on('data', (chunk: Buffer) => {
      this.#sent.push(Buffer.from(chunk));
      this.#size += chunk.length;
      if (this.#failure) return;
      try {
        this.lax.filter(Buffer.from(chunk));
        this.#passed.push(this.strict.filter(chunk));
      } catch (error) {
        this.#failure = error;
      }
    });
    const asked = setPixelFormat(format);
    for (const each of [this.strict, this.lax]) each.setPixelFormat(asked, 4);
    const whole = Buffer.from(updateRequest);
    whole[1] = 0;
    this.write(Buffer.concat([Buffer.of(1), asked, setEncodings(...encodings), whole]));
    this.#asking = setInterval(() => this.write(updateRequest), 20);
  }
}

async function read(socket: Socket, size: number): Promise<Buffer> {
  for (;;) {
    const bytes: Buffer | null = socket.read(size);
    if (bytes) return bytes;
    await once(socket, 'readable');
  }
}
