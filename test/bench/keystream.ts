import { createCipheriv } from 'node:crypto';

const BLOCK = Buffer.alloc(256 * 1024);

/** Bytes without end that never repeat and are the same every time: AES in counter mode. */
export function* keystream(): Generator<Buffer, never> {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16));
  for (;;) yield cipher.update(BLOCK);
}
