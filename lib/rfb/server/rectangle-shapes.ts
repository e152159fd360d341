import * as encodings from '../encodings.ts';
import type { PixelSize } from '../pixel-format.ts';
import { type Area, type Body, lost } from './framed.ts';
import { HextileBody } from './hextile-body.ts';
import { JpegBody } from './jpeg-body.ts';
import { TightBody } from './tight-body.ts';

/** How long a rectangle is whose first bytes, or none, tell it. */
export interface Shape {
  readonly head: number;
  /** Bytes after the head. */
  rest(area: Area, pixel: PixelSize, bytes: Buffer, at: number): number;
}

const NOTHING: Shape = { head: 0, rest: () => 0 };

/** Rectangles by encoding (RFC 6143 sections 7.7 and 7.8, and rfbproto). */
export const SHAPES: ReadonlyMap<number, Shape> = new Map<number, Shape>([
  [encodings.RAW, { head: 0, rest: (area, pixel) => area.width * area.height * pixel.bytes }],
  [encodings.COPY_RECT, fixed(4)],
  [encodings.RRE, counted((pixel) => pixel.bytes + 8)],
  [encodings.CO_RRE, counted((pixel) => pixel.bytes + 4)],
  [encodings.ZLIB, measured(4)],
  [encodings.ZRLE, measured(4)],
  // Behind the length: flags.
  [encodings.H264, measured(8)],
  [encodings.CURSOR, { head: 0, rest: cursorLength }],
  [encodings.X_CURSOR, { head: 0, rest: xCursorLength }],
  [encodings.VMWARE_CURSOR, { head: 2, rest: vmwareCursorLength }],
  [encodings.DESKTOP_NAME, measured(4)],
  [encodings.EXTENDED_DESKTOP_SIZE, { head: 4, rest: (_a, _p, bytes, at) => bytes[at]! * 16 }],
  [encodings.QEMU_LED, fixed(1)],
  [encodings.VMWARE_LED, fixed(4)],
  [encodings.DESKTOP_SIZE, NOTHING],
  [encodings.POINTER_POSITION, NOTHING],
  [encodings.QEMU_POINTER_MOTION, NOTHING],
  [encodings.QEMU_KEYS, NOTHING],
  [encodings.XVP, NOTHING],
  [encodings.EXTENDED_MOUSE, NOTHING],
]);

/** Those of the rectangles that take more: each with the state of one that is being read. */
export function makeBodies(): ReadonlyMap<number, Body> {
  return new Map<number, Body>([
    [encodings.HEXTILE, new HextileBody()],
    [encodings.TIGHT, new TightBody(false)],
    [encodings.TIGHT_PNG, new TightBody(true)],
    [encodings.JPEG, new JpegBody()],
  ]);
}

function fixed(length: number): Shape {
  return { head: 0, rest: () => length };
}

/** A length of 32 bits at the beginning of the head, which it does not count. */
function measured(head: number): Shape {
  return { head, rest: (_area, _pixel, bytes, at) => bytes.readUInt32BE(at) };
}

/** A number, a background, and so many rectangles. */
function counted(each: (pixel: PixelSize) => number): Shape {
  return {
    head: 4,
    rest: (_area, pixel, bytes, at) => pixel.bytes + bytes.readUInt32BE(at) * each(pixel),
  };
}

function cursorLength(area: Area, pixel: PixelSize): number {
  return area.width * area.height * pixel.bytes + maskLength(area);
}

/** Two colours and two masks, or nothing. */
function xCursorLength(area: Area): number {
  return area.width * area.height === 0 ? 0 : 6 + 2 * maskLength(area);
}

/** A kind, and padding: two masks with the depth of a pixel, or colours with 8 bits of alpha. */
function vmwareCursorLength(area: Area, pixel: PixelSize, bytes: Buffer, at: number): number {
  const kind = bytes[at]!;
  if (kind > 1) throw lost(`a VMware cursor of kind ${kind}`);
  return area.width * area.height * (kind === 0 ? 2 * pixel.bytes : 4);
}

function maskLength({ width, height }: Area): number {
  return ((width + 7) >> 3) * height;
}
