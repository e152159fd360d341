/** A browser's frame, masked (RFC 6455 section 5.2). `first` is FIN, RSV and opcode. */
export function maskedFrame(first: number, payload: Uint8Array = new Uint8Array()): Buffer {
  const mask = Buffer.from([0x12, 0x34, 0x56, 0x78]);
  const body = Buffer.from(payload.map((byte, at) => byte ^ mask[at % 4]!));
  return Buffer.concat([header(first, payload.length, 0x80), mask, body]);
}

/** A frame's header up to its mask. */
export function header(first: number, length: number, maskBit = 0): Buffer {
  if (length < 126) return Buffer.from([first, maskBit | length]);
  if (length < 65536) return Buffer.from([first, maskBit | 126, length >> 8, length & 0xff]);
  const bytes = Buffer.alloc(10);
  bytes[0] = first;
  bytes[1] = maskBit | 127;
  bytes.writeBigUInt64BE(BigInt(length), 2);
  return bytes;
}

export interface Frame {
  readonly first: number;
  readonly payload: Buffer;
  /** With its header. */
  readonly length: number;
}

/** Reads a server's unmasked frames off the front of some bytes. */
export function readFrames(bytes: Buffer, most = Infinity): { frames: Frame[]; rest: Buffer } {
  const frames: Frame[] = [];
  let rest = bytes;
  for (let frame = readFrame(rest); frame && frames.length < most; frame = readFrame(rest)) {
    frames.push(frame);
    rest = rest.subarray(frame.length);
  }
  return { frames, rest };
}

function readFrame(bytes: Buffer): Frame | null {
  if (bytes.length < 2) return null;
  const [first = 0, short = 0] = bytes;
  if (short & 0x80) throw new Error('a server masks no frame');
  const head = short === 127 ? 10 : short === 126 ? 4 : 2;
  if (bytes.length < head) return null;
  let size = short;
  if (short === 126) size = bytes.readUInt16BE(2);
  if (short === 127) size = Number(bytes.readBigUInt64BE(2));
  if (bytes.length < head + size) return null;
  return { first, payload: bytes.subarray(head, head + size), length: head + size };
}
