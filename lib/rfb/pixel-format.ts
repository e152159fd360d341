/** What the lengths of a server's messages depend on. */
export interface PixelSize {
  /** Of a pixel; 0: no length that anybody uses. */
  readonly bytes: number;
  /** Of Tight's TPIXEL (rfbproto, Tight Encoding); 0: servers differ. */
  readonly tight: number;
}

/**
 * Reads from a PIXEL_FORMAT (RFC 6143 section 7.4) how long its pixels are.
 *
 * | at | bytes | |
 * |---|---|---|
 * | 0 | 1 | bits per pixel |
 * | 1 | 1 | depth |
 * | 2 | 1 | big-endian flag |
 * | 3 | 1 | true-colour flag |
 * | 4 | 6 | red, green, blue maximum |
 * | 10 | 3 | red, green, blue shift |
 * | 13 | 3 | padding |
 */
export function pixelSize(bytes: Buffer, at: number): PixelSize {
  const bits = bytes[at]!;
  const isKnown = bits === 8 || bits === 16 || bits === 24 || bits === 32;
  if (!isKnown) return { bytes: 0, tight: 0 };
  if (bits <= 16) return { bytes: bits / 8, tight: bits / 8 };
  if (bits === 24) return { bytes: 3, tight: 0 };
  if (hasByteColours(bytes, at)) return { bytes: 4, tight: 3 };
  // Some servers ask for less than others before they leave a byte out.
  const mayBe24 = [4, 6, 8].every((offset) => bytes.readUInt16BE(at + offset) === 255);
  return { bytes: 4, tight: mayBe24 || bytes[at + 3] === 0 ? 0 : 4 };
}

/**
 * Says if all servers send the same lengths for a format that a browser asks for. Some go by the
 * depth and some by the maxima; some answer a colour map with 8 bits whatever was asked for.
 */
export function isPlain(bytes: Buffer, at: number): boolean {
  const bits = bytes[at]!;
  const depth = bytes[at + 1]!;
  if (bytes[at + 3] !== 1) return false;
  if (bits === 32) return hasByteColours(bytes, at);
  if ((bits !== 8 && bits !== 16) || depth === 0 || depth > bits) return false;
  const maxima = [4, 6, 8].map((offset) => bytes.readUInt16BE(at + offset));
  const used = maxima.reduce((sum, max) => sum + 32 - Math.clz32(max), 0);
  return used <= bits && maxima.every((max) => max > 0 && (max & (max + 1)) === 0);
}

/** 24 bits of colour in 32, each in a byte of its own. */
function hasByteColours(bytes: Buffer, at: number): boolean {
  const isTrueColour = bytes[at + 3] !== 0;
  if (bytes[at] !== 32 || bytes[at + 1] !== 24 || !isTrueColour) return false;
  const isByte = [4, 6, 8].every((offset) => bytes.readUInt16BE(at + offset) === 255);
  const shifts = [bytes[at + 10]!, bytes[at + 11]!, bytes[at + 12]!];
  return (
    isByte &&
    shifts.every((shift) => shift % 8 === 0 && shift < 32) &&
    new Set(shifts).size === shifts.length
  );
}
