import assert from 'node:assert/strict';
import { test } from 'node:test';
import { paintBits, paintIndices } from '../../../public/screen/few-colours.ts';

/** What noVNC's decoder draws such rectangles with. */
interface Decoder {
  _monoRect: Draw;
  _paletteRect: Draw;
}
type Draw = (
  x: number,
  y: number,
  width: number,
  height: number,
  data: Uint8Array,
  palette: Uint8Array,
  display: { blitImage(...what: [number, number, number, number, Uint8Array]): void },
) => void;

// noVNC looks for a window as soon as it is read, and its package offers one file alone.
Object.assign(globalThis, { window: globalThis });
const file = new URL('../../../node_modules/@novnc/novnc/core/decoders/tight.js', import.meta.url);
const { default: TightDecoder } = (await import(file.href)) as { default: new () => Decoder };
const decoder = new TightDecoder();

function drawnByNoVnc(
  how: keyof Decoder,
  width: number,
  height: number,
  data: Uint8Array,
  palette: Uint8Array,
): number[] {
  let drawn: number[] = [];
  decoder[how](0, 0, width, height, data, palette, {
    blitImage: (_x, _y, _width, _height, bytes) => {
      drawn = [...bytes.subarray(0, width * height * 4)];
    },
  });
  return drawn;
}

function randomBytes(count: number): Uint8Array {
  return Uint8Array.from({ length: count }, () => Math.floor(Math.random() * 256));
}

/** Pixels that hold something else before, as those of a larger rectangle, drawn last. */
const stale = (count: number) => new Uint32Array(count + 1).fill(0xdeadbeef);
const bytesOf = (pixels: Uint32Array) => [
  ...new Uint8Array(pixels.buffer, 0, pixels.byteLength - 4),
];

test('rectangles of two colours are painted as noVNC does, whatever their width', () => {
  for (const width of [1, 2, 7, 8, 9, 15, 16, 17, 63, 64, 100]) {
    for (const height of [1, 3, 20]) {
      const bits = randomBytes(((width + 7) >> 3) * height);
      bits.fill(0, 0, bits.length >> 1);
      const palette = randomBytes(768);
      const pixels = stale(width * height);
      paintBits(pixels, width, height, bits, palette);

      assert.deepEqual(
        bytesOf(pixels),
        drawnByNoVnc('_monoRect', width, height, bits, palette),
        `${width}x${height}`,
      );
    }
  }
});

test('rectangles of up to 256 colours are painted as noVNC does', () => {
  for (const count of [3, 16, 255, 256]) {
    const palette = randomBytes(768);
    const indices = randomBytes(35 * 21).map((index) => index % count);
    const pixels = stale(indices.length);
    paintIndices(pixels, indices, palette, count);

    assert.deepEqual(
      bytesOf(pixels),
      drawnByNoVnc('_paletteRect', 35, 21, indices, palette),
      `${count} colours`,
    );
  }
});
