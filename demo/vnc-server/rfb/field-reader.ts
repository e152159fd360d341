import type { Readable } from 'node:stream';

/** Reads fixed-size fields off a paused stream, as long as they take to come. */
export class FieldReader {
  readonly #stream: Readable;
  #wake = () => {};

  constructor(stream: Readable) {
    this.#stream = stream;
    // One listener for the whole conversation: adding one for each field starves Node of turns.
    for (const event of ['readable', 'end', 'close']) stream.on(event, () => this.#wake());
  }

  async read(size: number): Promise<Buffer> {
    if (size === 0) return Buffer.alloc(0);
    for (;;) {
      const bytes: Buffer | null = this.#stream.read(size);
      if (bytes?.length === size) return bytes;
      if (this.#stream.errored) throw this.#stream.errored;
      if (bytes || this.#stream.readableEnded || this.#stream.destroyed) {
        throw new Error('the viewer left');
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async readUint8(): Promise<number> {
    return (await this.read(1)).readUInt8();
  }
}
