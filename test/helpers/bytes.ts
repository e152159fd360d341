import { createCipheriv, createHash } from 'node:crypto';

/** Bytes from spaced hex: `hex('52 46 42')`. */
export function hex(text: string): Buffer {
  return Buffer.from(text.replace(/\s/g, ''), 'hex');
}

/** Bytes as spaced hex. */
export function toHex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

/** Bytes that look random and are the same in each run: a key stream. */
export function noise(length: number, seed = 1): Buffer {
  const key = Buffer.alloc(16, `${seed},`);
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(length));
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
