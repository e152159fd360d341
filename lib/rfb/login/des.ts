import { createCipheriv } from 'node:crypto';

/**
 * Encrypts whole blocks with single DES, as VNC does it: with the bits of each byte of the key in
 * reverse (rfbproto, "VNC Authentication"). Without an `iv` block by block, else chained.
 */
export function encryptDes(key: Uint8Array, blocks: Uint8Array, iv: Uint8Array | null): Buffer {
  // OpenSSL 3 has no single DES, but triple DES with one key three times is that.
  const triple = Buffer.alloc(24);
  for (let at = 0; at < triple.length; at++) triple[at] = reverseBits(key[at % 8]!);
  const cipher = createCipheriv(iv ? 'des-ede3-cbc' : 'des-ede3-ecb', triple, iv);
  cipher.setAutoPadding(false);
  triple.fill(0);
  return Buffer.concat([cipher.update(blocks), cipher.final()]);
}

function reverseBits(byte: number): number {
  let reversed = 0;
  for (let bit = 0; bit < 8; bit++) reversed |= ((byte >> bit) & 1) << (7 - bit);
  return reversed;
}
