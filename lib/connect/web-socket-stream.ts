import { Duplex } from 'node:stream';
import { WebSocket } from 'ws';

/** Close codes of an end in good order: done, going away, none given (RFC 6455 section 7.4.1). */
const GOOD_ENDS = [1000, 1001, 1005];
const NO_CLOSE_FRAME = 1006;

/**
 * A WebSocket as a stream of bytes. It ends when the other side closes in good order, and else fails
 * with why: `createWebSocketStream` of ws ends in either case. It holds one message beyond its mark
 * at most, as reading stops there.
 */
export class WebSocketStream extends Duplex {
  readonly #socket: WebSocket;

  /** A socket that may still be opening. */
  constructor(socket: WebSocket) {
    super(); // half open: TLS on top of it is destroyed along with it, and may hold bytes still
    this.#socket = socket;
    // A stream with no listener for its errors would end the process.
    this.on('error', () => {});
    socket.on('message', (data, isBinary) => this.#onMessage(data as Buffer, isBinary));
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', (code, reason) => this.#onClose(code, reason.toString()));
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    // Called back when the kernel has it: so a server that reads nothing holds up whoever writes.
    this.#socket.send(chunk, { binary: true }, done);
  }

  override _final(done: () => void): void {
    if (this.#socket.readyState === WebSocket.CLOSED) {
      done();
      return;
    }
    this.#socket.once('close', () => done());
    this.#socket.close(1000);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.terminate();
    done(error);
  }

  #onMessage(data: Buffer, isBinary: boolean): void {
    if (!isBinary) this.destroy(new Error('the WebSocket sent text: VNC is binary'));
    else if (!this.push(data)) this.#socket.pause();
  }

  #onClose(code: number, reason: string): void {
    if (GOOD_ENDS.includes(code)) this.push(null);
    else if (code === NO_CLOSE_FRAME) this.destroy(new Error('the WebSocket broke off'));
    else this.destroy(new Error(`the WebSocket closed with ${code} ${reason}`.trimEnd()));
  }
}
