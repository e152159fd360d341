import { crc32, deflateSync } from 'node:zlib';
import type { Surface } from './vnc-server/drawing/surface.ts';

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');
const RGB = 2;
const DEPTH = 8;

/** Encodes a picture as PNG (RFC 2083), as many whole times smaller as it is wider than `width`. */
export function encodePng(picture: Surface, width: number): Buffer {
  const scale = Math.max(1, Math.floor(picture.width / width));
  const columns = Math.floor(picture.width / scale);
  const rows = Math.floor(picture.height / scale);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(columns, 0);
  header.writeUInt32BE(rows, 4);
  header.set([DEPTH, RGB], 8);
  // Each row begins with its filter: 0, none.
  const pixels = Buffer.alloc(rows * (1 + 3 * columns));
  let at = 0;
  for (let y = 0; y < rows; y++) {
    at++;
    for (let x = 0; x < columns; x++) {
      at = pixels.writeUIntBE(average(picture, x * scale, y * scale, scale), at, 3);
    }
  }
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(pixels)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** The one colour of a square of pixels. */
function average({ pixels, width }: Surface, left: number, top: number, side: number): number {
  let red = 0;
  let green = 0;
  let blue = 0;
  for (let y = top; y < top + side; y++) {
    for (let x = left; x < left + side; x++) {
      const pixel = pixels[y * width + x]!;
      red += pixel >>> 16;
      green += (pixel >>> 8) & 255;
      blue += pixel & 255;
    }
  }
  const mean = (sum: number) => Math.round(sum / side ** 2);
  return (mean(red) << 16) | (mean(green) << 8) | mean(blue);
}

/** Length, type, data, and a checksum of the last two. */
function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}
