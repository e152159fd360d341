import type { Rect } from '../../drawing/rect.ts';
import type { Surface } from '../../drawing/surface.ts';
import type { PixelWriter } from '../pixel-format.ts';

const TILE = 64;
const MAX_PALETTE = 16;

/** The tiles of an area, as ZRLE has them before they are compressed: RFC 6143 section 7.7.6. */
export function encodeTiles(surface: Surface, area: Rect, writer: PixelWriter): Buffer {
  // A raw tile is the longest: one byte that says so, and its pixels.
  const tileCount = Math.ceil(area.width / TILE) * Math.ceil(area.height / TILE);
  const target = Buffer.allocUnsafe(tileCount + area.width * area.height * writer.compactSize);
  let offset = 0;
  for (let y = area.y; y < area.y + area.height; y += TILE) {
    const height = Math.min(TILE, area.y + area.height - y);
    for (let x = area.x; x < area.x + area.width; x += TILE) {
      const width = Math.min(TILE, area.x + area.width - x);
      const pixels = convertTile(surface, { x, y, width, height }, writer);
      offset = encodeTile(target, offset, pixels, width, writer);
    }
  }
  return target.subarray(0, offset);
}

function convertTile(surface: Surface, tile: Rect, writer: PixelWriter): Uint32Array {
  const pixels = new Uint32Array(tile.width * tile.height);
  let i = 0;
  for (let y = tile.y; y < tile.y + tile.height; y++) {
    const row = y * surface.width;
    for (let x = tile.x; x < tile.x + tile.width; x++) {
      pixels[i++] = writer.convert(surface.pixels[row + x]!);
    }
  }
  return pixels;
}

function encodeTile(
  target: Buffer,
  start: number,
  pixels: Uint32Array,
  width: number,
  writer: PixelWriter,
): number {
  const palette = findPalette(pixels);
  // A small tile of many colours would be longer with its palette than without.
  const isShort = palette && palette.length * writer.compactSize < pixels.length / 2;
  const colors = palette && (palette.length === 1 || isShort) ? palette : null;
  let offset = target.writeUInt8(colors?.length ?? 0, start);
  for (const value of colors ?? pixels) offset = writer.writeCompact(target, offset, value);
  if (!colors || colors.length === 1) return offset;
  const bits = colors.length === 2 ? 1 : colors.length <= 4 ? 2 : 4;
  for (let row = 0; row < pixels.length; row += width) {
    let byte = 0;
    let filled = 0;
    for (let x = 0; x < width; x++) {
      byte = (byte << bits) | colors.indexOf(pixels[row + x]!);
      filled += bits;
      if (filled < 8 && x < width - 1) continue;
      // The last byte of a row is filled up with zeros.
      target[offset++] = byte << (8 - filled);
      byte = 0;
      filled = 0;
    }
  }
  return offset;
}

/** The colours of the pixels, or null when they are too many for a packed palette. */
function findPalette(pixels: Uint32Array): number[] | null {
  const palette: number[] = [];
  let last = -1;
  for (const pixel of pixels) {
    if (pixel === last) continue;
    last = pixel;
    if (palette.includes(pixel)) continue;
    if (palette.length === MAX_PALETTE) return null;
    palette.push(pixel);
  }
  return palette;
}
