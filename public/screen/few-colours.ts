// Kept, as a picture has hundreds of such rectangles: to allocate their colours takes as long as to paint.
const colours = new Uint32Array(256);
const colourBytes = new Uint8Array(colours.buffer).fill(255);

/** Paints pixels from one bit each: the first is the highest of a byte, and each row begins with a byte. */
export function paintBits(
  pixels: Uint32Array,
  width: number,
  height: number,
  bits: Uint8Array,
  palette: Uint8Array,
): void {
  takeColours(palette, 2);
  const [back = 0, front = 0] = colours;
  const end = width * height;
  // Most is background, and many a byte is nothing else.
  pixels.fill(back, 0, end);
  let source = 0;
  for (let row = 0; row < end; row += width) {
    for (let column = 0; column < width; column += 8) {
      const byte = bits[source++]!;
      if (byte === 0) continue;
      const count = Math.min(8, width - column);
      for (let i = 0; i < count; i++) if (byte & (128 >> i)) pixels[row + column + i] = front;
    }
  }
}

/** Paints pixels from one byte each, the number of a colour. */
export function paintIndices(
  pixels: Uint32Array,
  indices: Uint8Array,
  palette: Uint8Array,
  count: number,
): void {
  takeColours(palette, count);
  for (let i = 0; i < indices.length; i++) pixels[i] = colours[indices[i]!]!;
}

/** Takes red, green and blue in a byte each, in whichever order this machine has bytes. */
function takeColours(palette: Uint8Array, count: number): void {
  for (let i = 0; i < count; i++) {
    colourBytes[i * 4] = palette[i * 3]!;
    colourBytes[i * 4 + 1] = palette[i * 3 + 1]!;
    colourBytes[i * 4 + 2] = palette[i * 3 + 2]!;
  }
}
