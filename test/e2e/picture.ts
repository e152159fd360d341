/** A picture as red, green, blue and alpha bytes, row by row. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8Array;
}

/** The share of pixels, 0 to 1, whose colours differ by no more than `tolerance` in any channel. */
export function likeness(one: Picture, other: Picture, tolerance: number): number {
  if (one.width !== other.width || one.height !== other.height) return 0;
  const near = (at: number) => Math.abs(one.rgba[at]! - other.rgba[at]!) <= tolerance;
  let alike = 0;
  for (let at = 0; at < one.rgba.length; at += 4) {
    if (near(at) && near(at + 1) && near(at + 2)) alike++;
  }
  return alike / (one.width * one.height);
}

/** How many different colours a picture has: 1 is a blank one. */
export function countColours({ rgba }: Picture): number {
  const colours = new Set<number>();
  for (let at = 0; at < rgba.length; at += 4) {
    colours.add((rgba[at]! << 16) | (rgba[at + 1]! << 8) | rgba[at + 2]!);
  }
  return colours.size;
}

/**
 * Reads what `xwd` writes: a header of 32-bit numbers, most significant byte first, the window's
 * name, `ncolors` colours of 12 bytes, and the pixels (X11/XWDFile.h). True colour, 32 bits a pixel.
 */
export function parseXwd(file: Buffer): Picture {
  const field = (index: number) => file.readUInt32BE(4 * index);
  const [headerSize, version, width, height] = [field(0), field(1), field(4), field(5)];
  const [lsbFirst, bitsPerPixel, bytesPerLine, colours] = [
    !field(7),
    field(11),
    field(12),
    field(19),
  ];
  const masks = [field(14), field(15), field(16)];
  if (version !== 7 || bitsPerPixel !== 32 || masks.join() !== '16711680,65280,255') {
    throw new Error(
      `not a true colour picture: version ${version}, ${bitsPerPixel} bits, ${masks}`,
    );
  }
  const pixels = file.subarray(headerSize + 12 * colours);
  const rgba = new Uint8Array(4 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = y * bytesPerLine + 4 * x;
      const pixel = lsbFirst ? pixels.readUInt32LE(from) : pixels.readUInt32BE(from);
      const to = 4 * (y * width + x);
      rgba[to] = pixel >>> 16;
      rgba[to + 1] = pixel >>> 8;
      rgba[to + 2] = pixel;
      rgba[to + 3] = 255;
    }
  }
  return { width, height, rgba };
}

/** Writes what `parseXwd` reads and `xwud` shows, in a window of that name. */
export function formatXwd({ width, height, rgba }: Picture, name: string): Buffer {
  const title = Buffer.from(`${name}\0`);
  const [zPixmap, depth, msbFirst, bits, trueColor] = [2, 24, 1, 32, 4];
  const header = [
    ...[100 + title.length, 7, zPixmap, depth, width, height, 0, msbFirst, bits, msbFirst, bits],
    ...[bits, 4 * width, trueColor, 0xff0000, 0xff00, 0xff, 8, 256, 0, width, height, 0, 0, 0],
  ];
  const file = Buffer.alloc(100 + title.length + 4 * width * height);
  for (const [i, value] of header.entries()) file.writeUInt32BE(value, 4 * i);
  title.copy(file, 100);
  for (let from = 0; from < rgba.length; from += 4) {
    file.set(rgba.subarray(from, from + 3), 101 + title.length + from);
  }
  return file;
}
