import type { PixelWriter } from '../pixel-format.ts';

const ARROW = [
  'X           ',
  'XX          ',
  'X.X         ',
  'X..X        ',
  'X...X       ',
  'X....X      ',
  'X.....X     ',
  'X......X    ',
  'X.......X   ',
  'X........X  ',
  'X.........X ',
  'X......XXXXX',
  'X...X..X    ',
  'X..XX..X    ',
  'X.X  X..X   ',
  'XX   X..X   ',
  'X     X..X  ',
  '      X..X  ',
  '       XX   ',
];
const OUTLINE = 0x1c2036;
const BODY = 0xffffff;

/** The arrow's size; its hot spot is the upper left corner. */
export const CURSOR_SIZE = { width: ARROW[0]!.length, height: ARROW.length };

/** Encodes the arrow: its pixels, then a bit for each that shows. RFC 6143 section 7.8.1. */
export function encodeCursor(writer: PixelWriter): Buffer {
  const { width, height } = CURSOR_SIZE;
  const pixels = Buffer.alloc(width * height * writer.size);
  const maskRow = Math.ceil(width / 8);
  const mask = Buffer.alloc(maskRow * height);
  let offset = 0;
  ARROW.forEach((row, y) => {
    for (let x = 0; x < width; x++) {
      const cell = row.charAt(x);
      offset = writer.write(pixels, offset, cell === 'X' ? OUTLINE : BODY);
      if (cell !== ' ') mask[y * maskRow + (x >> 3)]! |= 0x80 >> (x & 7);
    }
  });
  return Buffer.concat([pixels, mask]);
}
