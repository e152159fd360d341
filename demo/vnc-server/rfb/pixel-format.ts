import type { Rect } from '../drawing/rect.ts';
import type { Surface } from '../drawing/surface.ts';

/** How a viewer wants its pixels: RFC 6143 section 7.4. */
export interface PixelFormat {
  readonly bitsPerPixel: number;
  readonly depth: number;
  readonly bigEndian: boolean;
  readonly max: readonly [red: number, green: number, blue: number];
  readonly shift: readonly [red: number, green: number, blue: number];
}

/** The format that is announced. */
export const NATIVE_FORMAT: PixelFormat = {
  bitsPerPixel: 32,
  depth: 24,
  bigEndian: false,
  max: [255, 255, 255],
  shift: [16, 8, 0],
};

/** Writes a format as its 16 bytes. */
export function formatBytes(format: PixelFormat): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt8(format.bitsPerPixel, 0);
  bytes.writeUInt8(format.depth, 1);
  bytes.writeUInt8(format.bigEndian ? 1 : 0, 2);
  bytes.writeUInt8(1, 3);
  format.max.forEach((max, i) => {
    bytes.writeUInt16BE(max, 4 + 2 * i);
  });
  format.shift.forEach((shift, i) => {
    bytes.writeUInt8(shift, 10 + i);
  });
  return bytes;
}

/** Reads a format from its 16 bytes; throws when it is not one this server can serve. */
export function parseFormat(bytes: Buffer): PixelFormat {
  const format: PixelFormat = {
    bitsPerPixel: bytes.readUInt8(0),
    depth: bytes.readUInt8(1),
    bigEndian: bytes.readUInt8(2) !== 0,
    max: [bytes.readUInt16BE(4), bytes.readUInt16BE(6), bytes.readUInt16BE(8)],
    shift: [bytes.readUInt8(10), bytes.readUInt8(11), bytes.readUInt8(12)],
  };
  const isTrueColor = bytes.readUInt8(3) !== 0;
  const isWithin = format.max.every(
    (max, i) => max * 2 ** format.shift[i]! < 2 ** format.bitsPerPixel,
  );
  if (!isTrueColor || ![8, 16, 32].includes(format.bitsPerPixel) || !isWithin) {
    throw new Error('the viewer asked for a pixel format that is not served');
  }
  return format;
}

/** Turns 0xRRGGBB pixels into bytes of one format. */
export class PixelWriter {
  /** Bytes of a pixel. */
  readonly size: number;
  /** Bytes of a CPIXEL, which ZRLE sends: one that is always zero is left out. */
  readonly compactSize: number;
  readonly #skip: number;
  readonly #bigEndian: boolean;
  readonly #red: Uint32Array;
  readonly #green: Uint32Array;
  readonly #blue: Uint32Array;

  constructor(format: PixelFormat) {
    const channel = (i: 0 | 1 | 2) =>
      Uint32Array.from(
        { length: 256 },
        (_, value) => Math.round((value * format.max[i]) / 255) * 2 ** format.shift[i],
      );
    this.#red = channel(0);
    this.#green = channel(1);
    this.#blue = channel(2);
    this.size = format.bitsPerPixel / 8;
    this.#bigEndian = format.bigEndian;
    const used = (this.#red[255]! | this.#green[255]! | this.#blue[255]!) >>> 0;
    const isCompact = this.size === 4 && format.depth <= 24;
    const highFree = isCompact && used < 2 ** 24;
    const lowFree = isCompact && !highFree && used % 256 === 0;
    this.compactSize = highFree || lowFree ? 3 : this.size;
    this.#skip = lowFree ? 8 : 0;
  }

  /** Writes one pixel and tells where the next goes. */
  write(target: Buffer, offset: number, pixel: number): number {
    return this.#put(target, offset, this.convert(pixel), this.size);
  }

  /** Writes one converted pixel as a CPIXEL and tells where the next goes. */
  writeCompact(target: Buffer, offset: number, value: number): number {
    return this.#put(target, offset, value >>> this.#skip, this.compactSize);
  }

  /** The pixel as a number of the viewer's format. */
  convert(pixel: number): number {
    const high = this.#red[(pixel >> 16) & 255]! | this.#green[(pixel >> 8) & 255]!;
    return (high | this.#blue[pixel & 255]!) >>> 0;
  }

  /** The bytes of an area, row by row. */
  bytes(surface: Surface, area: Rect): Buffer {
    const bytes = Buffer.allocUnsafe(area.width * area.height * this.size);
    let offset = 0;
    for (let y = area.y; y < area.y + area.height; y++) {
      const row = y * surface.width;
      for (let x = area.x; x < area.x + area.width; x++) {
        offset = this.write(bytes, offset, surface.pixels[row + x]!);
      }
    }
    return bytes;
  }

  #put(target: Buffer, offset: number, value: number, size: number): number {
    for (let i = 0; i < size; i++) {
      const shift = 8 * (this.#bigEndian ? size - 1 - i : i);
      target[offset + i] = value >>> shift;
    }
    return offset + size;
  }
}
