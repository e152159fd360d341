import { constants, createDeflate } from 'node:zlib';

const LEVEL = 4;

/** One zlib stream from a viewer's first area to its last, as ZRLE wants it. */
export class ZlibStream {
  readonly #deflate = createDeflate({ level: LEVEL });
  #compressed: Buffer[] = [];

  constructor() {
    this.#deflate.on('data', (bytes: Buffer) => this.#compressed.push(bytes));
    // It fails only by being closed, and then nobody waits for it.
    this.#deflate.on('error', () => {});
  }

  /** Compresses the bytes to the last, with their length ahead. One call at a time. */
  async compress(bytes: Buffer): Promise<Buffer> {
    this.#compressed = [];
    await new Promise<void>((resolve) => {
      this.#deflate.write(bytes);
      this.#deflate.flush(constants.Z_SYNC_FLUSH, resolve);
    });
    const length = Buffer.alloc(4);
    length.writeUInt32BE(this.#compressed.reduce((sum, part) => sum + part.length, 0));
    return Buffer.concat([length, ...this.#compressed]);
  }

  close(): void {
    this.#deflate.close();
  }
}
