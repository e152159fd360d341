import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInflate } from 'node:zlib';

export const RAW = 0;
export const COPY_RECT = 1;
export const ZRLE = 16;
export const CURSOR = -239;
export const DESKTOP_NAME = -307;
export const EXTENDED_DESKTOP_SIZE = -308;

export interface Rectangle {
  x: number;
  y: number;
  width: number;
  height: number;
  encoding: number;
}

/** A viewer that keeps the picture it is sent, as numbers of the pixel format it asked for. */
export class RfbViewer {
  readonly socket: Socket;
  width = 0;
  height = 0;
  name = '';
  picture = new Uint32Array();
  #format = { size: 4, compactSize: 3, bigEndian: false };
  readonly #chunks: Buffer[] = [];
  #buffered = 0;
  #ended = false;
  #wake = () => {};
  // One stream spans all areas.
  readonly #inflate = createInflate();
  #inflated: Buffer[] = [];

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.on('error', () => {});
    // A test that waits for what never comes fails, rather than hangs.
    this.socket.setTimeout(8_000, () => this.socket.destroy());
    this.#inflate.on('data', (bytes: Buffer) => this.#inflated.push(bytes));
    this.socket.on('data', (chunk) => {
      this.#chunks.push(chunk);
      this.#buffered += chunk.length;
      this.#wake();
    });
    for (const event of ['end', 'close']) {
      this.socket.on(event, () => {
        this.#ended = true;
        this.#wake();
      });
    }
  }

  /** Connects to a server without a password, and asks for nothing yet. */
  static async open(port: number, shared = true): Promise<RfbViewer> {
    const viewer = new RfbViewer(port);
    await viewer.read(12);
    viewer.send('52 46 42 20 30 30 33 2e 30 30 38 0a');
    await viewer.read(2);
    viewer.send('01');
    await viewer.read(4);
    viewer.send(shared ? '01' : '00');
    await viewer.readServerInit();
    return viewer;
  }

  async read(size: number): Promise<Buffer> {
    while (this.#buffered < size) {
      if (this.#ended) throw new Error('the server hung up');
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const all = Buffer.concat(this.#chunks);
    this.#chunks.splice(0, this.#chunks.length, all.subarray(size));
    this.#buffered -= size;
    return all.subarray(0, size);
  }

  /** Everything up to the server's end. */
  async readAll(): Promise<Buffer> {
    while (!this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.read(this.#buffered);
  }

  async readServerInit(): Promise<void> {
    const init = await this.read(24);
    this.width = init.readUInt16BE(0);
    this.height = init.readUInt16BE(2);
    this.picture = new Uint32Array(this.width * this.height);
    this.name = (await this.read(init.readUInt32BE(20))).toString();
  }

  send(hex: string): void {
    this.socket.write(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
  }

  sendFormat(hex: string, size: number, compactSize: number, bigEndian = false): void {
    this.#format = { size, compactSize, bigEndian };
    this.send(`00 000000 ${hex}`);
  }

  sendEncodings(...encodings: number[]): void {
    const bytes = Buffer.alloc(4 + 4 * encodings.length);
    bytes.writeUInt8(2);
    bytes.writeUInt16BE(encodings.length, 2);
    encodings.forEach((encoding, i) => {
      bytes.writeInt32BE(encoding, 4 + 4 * i);
    });
    this.socket.write(bytes);
  }

  request(incremental: boolean, area = [0, 0, this.width, this.height]): void {
    this.send(`03 ${incremental ? '01' : '00'} ${area.map((value) => hex(value, 4)).join(' ')}`);
  }

  sendKey(keysym: number): void {
    this.send(`04 01 0000 ${hex(keysym, 8)} 04 00 0000 ${hex(keysym, 8)}`);
  }

  type(text: string): void {
    for (const character of text) {
      this.sendKey(character === '\n' ? 0xff0d : character.charCodeAt(0));
    }
  }

  sendPointer(x: number, y: number, buttons: number): void {
    this.send(`05 ${hex(buttons, 2)} ${hex(x, 4)} ${hex(y, 4)}`);
  }

  /** The next message: an update is drawn, of others the bytes behind the type are told. */
  async readMessage(): Promise<{ type: number; rectangles: Rectangle[]; text: string }> {
    const type = (await this.read(1)).readUInt8();
    const rectangles: Rectangle[] = [];
    if (type === 2) return { type, rectangles, text: '' };
    if (type === 250) return { type, rectangles, text: (await this.read(3)).toString('hex') };
    if (type === 3) {
      const length = (await this.read(7)).readUInt32BE(3);
      return { type, rectangles, text: (await this.read(length)).toString('latin1') };
    }
    if (type !== 0) throw new Error(`message of type ${type}`);
    const count = (await this.read(3)).readUInt16BE(1);
    for (let i = 0; i < count; i++) rectangles.push(await this.#readRectangle());
    return { type, rectangles, text: '' };
  }

  /** Asks for changes and draws them until the picture is as wanted; tells what was drawn. */
  async drawUntil(isDone: () => boolean): Promise<Rectangle[]> {
    const drawn: Rectangle[] = [];
    while (!isDone()) {
      this.request(true);
      drawn.push(...(await this.readMessage()).rectangles);
    }
    return drawn;
  }

  async end(): Promise<void> {
    this.socket.end();
    if (!this.socket.closed) await once(this.socket, 'close');
  }

  async #readRectangle(): Promise<Rectangle> {
    const head = await this.read(12);
    const rectangle = {
      x: head.readUInt16BE(0),
      y: head.readUInt16BE(2),
      width: head.readUInt16BE(4),
      height: head.readUInt16BE(6),
      encoding: head.readInt32BE(8),
    };
    const { x, y, width, height, encoding } = rectangle;
    if (encoding === RAW) {
      const bytes = await this.read(width * height * this.#format.size);
      this.#draw(x, y, width, this.#pixels(bytes, this.#format.size));
    } else if (encoding === COPY_RECT) {
      const source = await this.read(4);
      this.#copy(rectangle, source.readUInt16BE(0), source.readUInt16BE(2));
    } else if (encoding === ZRLE) {
      const length = (await this.read(4)).readUInt32BE(0);
      this.#drawZrle(rectangle, await this.#decompress(await this.read(length)));
    } else if (encoding === CURSOR) {
      await this.read(width * height * this.#format.size + Math.ceil(width / 8) * height);
    } else if (encoding === DESKTOP_NAME) {
      this.name = (await this.read((await this.read(4)).readUInt32BE(0))).toString();
    } else if (encoding === EXTENDED_DESKTOP_SIZE) {
      const screens = (await this.read(4)).readUInt8(0);
      await this.read(16 * screens);
      if (y === 0) {
        this.width = width;
        this.height = height;
        this.picture = new Uint32Array(width * height);
      }
    } else {
      throw new Error(`encoding ${encoding}`);
    }
    return rectangle;
  }

  async #decompress(bytes: Buffer): Promise<Buffer> {
    this.#inflated = [];
    await new Promise<void>((resolve, reject) => {
      this.#inflate.once('error', reject);
      this.#inflate.write(bytes);
      this.#inflate.flush(resolve);
    });
    this.#inflate.removeAllListeners('error');
    return Buffer.concat(this.#inflated);
  }

  #drawZrle(area: Rectangle, bytes: Buffer): void {
    const { compactSize } = this.#format;
    let offset = 0;
    const take = (count: number) => {
      offset += count;
      return bytes.subarray(offset - count, offset);
    };
    const takePixels = (count: number) => this.#pixels(take(count * compactSize), compactSize);
    for (let y = area.y; y < area.y + area.height; y += 64) {
      const height = Math.min(64, area.y + area.height - y);
      for (let x = area.x; x < area.x + area.width; x += 64) {
        const width = Math.min(64, area.x + area.width - x);
        const kind = take(1).readUInt8();
        if (kind > 16) throw new Error(`tile of kind ${kind}`);
        if (kind === 0) {
          this.#draw(x, y, width, takePixels(width * height));
          continue;
        }
        const palette = takePixels(kind);
        const bits = [0, 0, 1, 2, 2][kind] ?? 4;
        const pixels: number[] = [];
        for (let row = 0; row < height; row++) {
          const packed = take(Math.ceil((width * bits) / 8));
          for (let i = 0; i < width; i++) {
            const byte = bits ? packed.readUInt8((i * bits) >> 3) : 0;
            const index = (byte >> (8 - bits - ((i * bits) & 7))) & ((1 << bits) - 1);
            pixels.push(palette[index]!);
          }
        }
        this.#draw(x, y, width, Uint32Array.from(pixels));
      }
    }
    if (offset !== bytes.length) throw new Error(`${bytes.length - offset} bytes behind the tiles`);
  }

  #pixels(bytes: Buffer, size: number): Uint32Array {
    const { bigEndian } = this.#format;
    return Uint32Array.from({ length: bytes.length / size }, (_, i) =>
      bigEndian ? bytes.readUIntBE(i * size, size) : bytes.readUIntLE(i * size, size),
    );
  }

  #draw(x: number, y: number, width: number, pixels: Uint32Array): void {
    for (let row = 0; row * width < pixels.length; row++) {
      const line = pixels.subarray(row * width, (row + 1) * width);
      this.picture.set(line, (y + row) * this.width + x);
    }
  }

  #copy({ x, y, width, height }: Rectangle, fromX: number, fromY: number): void {
    const before = this.picture.slice();
    for (let row = 0; row < height; row++) {
      const start = (fromY + row) * this.width + fromX;
      this.picture.set(before.subarray(start, start + width), (y + row) * this.width + x);
    }
  }
}

/** A number as hexadecimal digits. */
export function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
