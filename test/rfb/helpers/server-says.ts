import { hex } from '../../helpers/bytes.ts';
import { FORMATS } from './browser-says.ts';

export function serverInit(format: string = FORMATS[32], name = 'desk'): Buffer {
  const head = hex(`0320 0258 ${format} 00000000`);
  head.writeUInt32BE(name.length, 20);
  return Buffer.concat([head, Buffer.from(name)]);
}

/** A FramebufferUpdate; the number of rectangles can be told otherwise than it is. */
export function update(rectangles: readonly Buffer[], count = rectangles.length): Buffer {
  const head = hex('00 00 0000');
  head.writeUInt16BE(count, 2);
  return Buffer.concat([head, ...rectangles]);
}

export function rectangle(
  encoding: number,
  width: number,
  height: number,
  body: string | Buffer = '',
): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(width, 4);
  head.writeUInt16BE(height, 6);
  head.writeInt32BE(encoding, 8);
  return Buffer.concat([head, typeof body === 'string' ? hex(body) : body]);
}

export function serverCutText(text: string | Buffer): Buffer {
  const data = Buffer.from(text);
  const head = hex('03 000000 00000000');
  head.writeInt32BE(data.length, 4);
  return Buffer.concat([head, data]);
}

export const extendedCaps = hex('03 000000 fffffff8 1f000001 00000000');
export const bell = hex('02');
export const endOfContinuousUpdates = hex('96');
export const colourMap = hex('01 00 0000 0002 000000000000 ffffffffffff');
export const xvpInit = hex('fa 00 01 01');

export function serverFence(payload = ''): Buffer {
  return Buffer.concat([
    hex('f8 000000 80000003'),
    Buffer.of(payload.length),
    Buffer.from(payload),
  ]);
}

/** Of a server that knows every extension there is. */
export const agreement = Buffer.concat([
  update([rectangle(-316, 0, 0), rectangle(-258, 0, 0), rectangle(-308, 8, 8, '00 000000')]),
  endOfContinuousUpdates,
  serverFence('abc'),
  xvpInit,
  extendedCaps,
]);
