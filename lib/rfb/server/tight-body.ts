import type { PixelSize } from '../pixel-format.ts';
import { type Area, Body, lost } from './framed.ts';

/** High half of the control byte; the low one resets streams, which changes no length. */
const FILL = 8;
const JPEG = 9;
const PNG = 10;
const HAS_FILTER = 4;

const COPY_FILTER = 0;
const PALETTE_FILTER = 1;
const GRADIENT_FILTER = 2;

/** Less than that is sent as it is, without a length before it, in bytes. */
const SHORTEST_COMPRESSED = 12;
const LONGEST_LENGTH = 3;

type Awaited = 'control' | 'filter' | 'palette' | 'length';

/**
 * Tight, and TightPNG (rfbproto, Tight Encoding): a control byte, then one of
 *
 * | what | bytes |
 * |---|---|
 * | fill | a pixel |
 * | JPEG, PNG | length of 1 to 3 bytes, data |
 * | basic | filter if it says so, palette if the filter is that, data as it is or after its length |
 */
export class TightBody extends Body {
  readonly #isPng: boolean;
  #width = 0;
  #height = 0;
  #pixel = 0;
  #awaited: Awaited = 'control';
  #lengthBytes = 0;
  #length = 0;

  constructor(isPng: boolean) {
    super();
    this.#isPng = isPng;
  }

  begin({ width, height }: Area, { tight }: PixelSize): void {
    this.#width = width;
    this.#height = height;
    this.#pixel = tight;
    this.#await('control');
  }

  next(bytes: Buffer, at: number): void {
    const byte = bytes[at]!;
    switch (this.#awaited) {
      case 'control':
        this.#onControl(byte >> 4);
        return;
      case 'filter':
        this.#onFilter(byte);
        return;
      case 'palette':
        this.#onPalette(byte + 1);
        return;
      case 'length':
        this.#onLength(byte);
        return;
    }
  }

  #onControl(kind: number): void {
    if (kind === JPEG || (kind === PNG && this.#isPng)) this.#await('length');
    else if (kind === FILL) this.ask(this.#pixelLength(), 0);
    else if (kind > FILL || this.#isPng) throw lost(`a Tight rectangle of kind ${kind}`);
    else if ((kind & HAS_FILTER) !== 0) this.#await('filter');
    else this.#onFilter(COPY_FILTER);
  }

  #onFilter(filter: number): void {
    if (filter === PALETTE_FILTER) this.#await('palette');
    else if (filter !== COPY_FILTER && filter !== GRADIENT_FILTER) {
      throw lost(`a Tight rectangle with filter ${filter}`);
    } else this.#awaitData(0, this.#width * this.#height * this.#pixelLength());
  }

  #onPalette(colours: number): void {
    const row = colours <= 2 ? (this.#width + 7) >> 3 : this.#width;
    this.#awaitData(colours * this.#pixelLength(), row * this.#height);
  }

  /** Seven bits a byte, the lowest first; all eight of the third. */
  #onLength(byte: number): void {
    const isLast = ++this.#lengthBytes === LONGEST_LENGTH;
    this.#length |= (isLast ? byte : byte & 0x7f) << (7 * (this.#lengthBytes - 1));
    if (isLast || byte < 0x80) this.ask(this.#length, 0);
    else this.ask(0, 1);
  }

  #awaitData(before: number, size: number): void {
    if (size < SHORTEST_COMPRESSED) this.ask(before + size, 0);
    else this.#await('length', before);
  }

  #await(awaited: Awaited, skip = 0): void {
    this.#awaited = awaited;
    this.#lengthBytes = this.#length = 0;
    this.ask(skip, 1);
  }

  #pixelLength(): number {
    if (this.#pixel === 0) throw lost('Tight pixels of a format for which servers differ');
    return this.#pixel;
  }
}
