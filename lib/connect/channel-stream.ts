import { Duplex } from 'node:stream';

/** What is needed of an SSH channel. Its own `destroy` only asks the other side to close. */
export type Channel = Pick<
  Duplex,
  'on' | 'once' | 'write' | 'end' | 'pause' | 'resume' | 'readableEnded'
>;

/** An SSH channel as a stream that takes its whole connection along when it goes. */
export class ChannelStream extends Duplex {
  readonly #channel: Channel;
  readonly #hangUp: () => void;

  /** `hangUp` ends the connection that the channel is in. */
  constructor(channel: Channel, hangUp: () => void) {
    super(); // half open: TLS on top of it is destroyed along with it, and may hold bytes still
    this.#channel = channel;
    this.#hangUp = hangUp;
    // A stream with no listener for its errors would end the process.
    this.on('error', () => {});
    channel.on('data', (bytes: Buffer) => {
      if (!this.push(bytes)) channel.pause();
    });
    channel.on('end', () => this.push(null));
    channel.on('error', (error) => this.destroy(error));
    channel.on('close', () => {
      if (!channel.readableEnded) this.destroy(new Error('the SSH channel broke off'));
    });
  }

  override _read(): void {
    this.#channel.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void) {
    this.#channel.write(chunk, done);
  }

  override _final(done: () => void): void {
    this.#channel.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#hangUp();
    done(error);
  }
}
