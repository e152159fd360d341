import { hex } from '../../helpers/bytes.ts';

/** What noVNC asks for. */
export const NOVNC_ENCODINGS = [
  ...[1, 50, 7, -260, 16, 21, 5, 2, 6, 0, -26, -254, -223, -224, -258, -261, -308, -309, -312],
  ...[-313, -307, 0xc0a1e5ce | 0, -316, 0x574d5664, -239],
];

/** PIXEL_FORMATs by their bits. */
export const FORMATS = {
  8: '08 08 00 01 00 07 00 07 00 03 00 03 06 000000',
  16: '10 10 00 01 00 1f 00 3f 00 1f 0b 05 00 000000',
  32: '20 18 00 01 00 ff 00 ff 00 ff 00 08 10 000000',
} as const;

export function setPixelFormat(format: string = FORMATS[32]): Buffer {
  return hex(`00 000000 ${format}`);
}

export function setEncodings(...encodings: number[]): Buffer {
  const bytes = Buffer.alloc(4 + 4 * encodings.length);
  bytes[0] = 2;
  bytes.writeUInt16BE(encodings.length, 2);
  encodings.forEach((encoding, i) => {
    bytes.writeInt32BE(encoding, 4 + 4 * i);
  });
  return bytes;
}

export const updateRequest = hex('03 01 0000 0000 0320 0258');

export function key(keysym: number, isDown: boolean): Buffer {
  const bytes = hex('04 00 0000 00000000');
  bytes[1] = isDown ? 1 : 0;
  bytes.writeUInt32BE(keysym, 4);
  return bytes;
}

export function qemuKey(keysym: number, code: number, isDown: boolean): Buffer {
  const bytes = hex('ff 00 0000 00000000 00000000');
  bytes[3] = isDown ? 1 : 0;
  bytes.writeUInt32BE(keysym, 4);
  bytes.writeUInt32BE(code, 8);
  return bytes;
}

export function pointer(mask: number, x = 1, y = 2): Buffer {
  const bytes = hex('05 00 0000 0000');
  bytes[1] = mask;
  bytes.writeUInt16BE(x, 2);
  bytes.writeUInt16BE(y, 4);
  return bytes;
}

export function longPointer(mask: number, x = 1, y = 2): Buffer {
  return Buffer.concat([pointer((mask & 0x7f) | 0x80, x, y), Buffer.of(mask >> 7)]);
}

export function cutText(text: string | Buffer): Buffer {
  const data = Buffer.from(text);
  const head = hex('06 000000 00000000');
  head.writeInt32BE(data.length, 4);
  return Buffer.concat([head, data]);
}

/** A message of the extended clipboard's. */
export function extendedCutText(data: Buffer): Buffer {
  const bytes = cutText(data);
  bytes.writeInt32BE(-data.length, 4);
  return bytes;
}

export const continuousUpdates = hex('96 01 0000 0000 0320 0258');

export function fence(payload: Buffer): Buffer {
  return Buffer.concat([hex('f8 000000 80000001'), Buffer.of(payload.length), payload]);
}

export const xvp = hex('fa 00 01 02');

export function setDesktopSize(screens = 1): Buffer {
  const head = hex('fb 00 0320 0258 00 00');
  head[6] = screens;
  return Buffer.concat([head, Buffer.alloc(16 * screens, 7)]);
}
