import type { PixelSize } from '../pixel-format.ts';
import { type Area, Body, lost } from './framed.ts';

const SIDE = 16;

const IS_RAW = 1;
const HAS_BACKGROUND = 2;
const HAS_FOREGROUND = 4;
const HAS_RECTANGLES = 8;
const ARE_COLOURED = 16;
const ALL = 31;

/**
 * Hextile (RFC 6143 section 7.7.4): tiles of 16 by 16 pixels, row by row, smaller at the far edges.
 *
 * | bytes | |
 * |---|---|
 * | 1 | flags |
 * | pixels of the tile | if it is raw: all that follows |
 * | a pixel | background |
 * | a pixel | foreground |
 * | 1 | number of rectangles |
 * | 2 each, or a pixel more | rectangles |
 */
export class HextileBody extends Body {
  #width = 0;
  #height = 0;
  #pixel = 0;
  /** What is left of the area, from the tile that comes next. */
  #columns = 0;
  #rows = 0;
  /** Of a tile whose number of rectangles comes next: their length; else 0. */
  #each = 0;

  begin({ width, height }: Area, { bytes }: PixelSize): void {
    this.#width = this.#columns = width;
    this.#height = this.#rows = height;
    this.#pixel = bytes;
    this.#each = 0;
    this.ask(0, this.#width > 0 && this.#height > 0 ? 1 : 0);
  }

  next(bytes: Buffer, at: number): void {
    const byte = bytes[at]!;
    if (this.#each > 0) {
      const length = byte * this.#each;
      this.#each = 0;
      this.#endTile(length);
      return;
    }
    if (byte > ALL) throw lost(`a Hextile tile with flags ${byte}`);
    if ((byte & IS_RAW) !== 0) {
      const pixels = Math.min(this.#columns, SIDE) * Math.min(this.#rows, SIDE);
      this.#endTile(pixels * this.#pixel);
      return;
    }
    let colours = 0;
    if ((byte & HAS_BACKGROUND) !== 0) colours += this.#pixel;
    if ((byte & HAS_FOREGROUND) !== 0) colours += this.#pixel;
    if ((byte & HAS_RECTANGLES) === 0) {
      this.#endTile(colours);
      return;
    }
    this.#each = (byte & ARE_COLOURED) !== 0 ? 2 + this.#pixel : 2;
    this.ask(colours, 1);
  }

  #endTile(skip: number): void {
    this.#columns -= SIDE;
    if (this.#columns <= 0) {
      this.#columns = this.#width;
      this.#rows -= SIDE;
    }
    this.ask(skip, this.#rows > 0 ? 1 : 0);
  }
}
