import { randomBytes } from 'node:crypto';

const FINAL_BINARY = 0x82;
const MASKED = 0x80;
const MASK = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);

/** A binary frame as a browser sends it, with so many bytes of noise for its payload. */
export function maskedFrame(size: number): Buffer {
  return Buffer.concat([header(size), MASK, randomBytes(size)]);
}

/** A binary frame as a browser sends it, with these bytes behind its mask. */
export function maskedFrameOf(payload: Uint8Array): Buffer {
  const masked = payload.map((byte, at) => byte ^ MASK[at & 3]!);
  return Buffer.concat([header(payload.length), MASK, masked]);
}

function header(size: number): Buffer {
  if (size < 126) return Buffer.from([FINAL_BINARY, MASKED | size]);
  if (size < 0x10000) return Buffer.from([FINAL_BINARY, MASKED | 126, size >> 8, size & 0xff]);
  const long = Buffer.from([FINAL_BINARY, MASKED | 127, 0, 0, 0, 0, 0, 0, 0, 0]);
  long.writeBigUInt64BE(BigInt(size), 2);
  return long;
}
