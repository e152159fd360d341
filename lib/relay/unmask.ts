import { createRequire } from 'node:module';

/** bufferutil, as far as we use it: it unmasks in place, many bytes an instruction. */
interface Native {
  unmask(bytes: Buffer, key: Buffer): void;
}

/** From here on a call into native code pays, and from there on a loop of words, in bytes. */
const NATIVE_FROM = 256;
const WORDS_FROM = 64;

const NATIVE_KEY = Buffer.alloc(4);
const IS_LITTLE_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/** An optional dependency: it has binaries for the usual machines, and nothing fails without. */
export const native: Native | null = (() => {
  try {
    return createRequire(import.meta.url)('bufferutil');
  } catch {
    return null;
  }
})();

/**
 * Unmasks a browser's bytes in place (RFC 6455 section 5.3). The key is a little-endian number whose
 * lowest byte masks the first byte; what is returned is the key for the byte that comes next.
 */
export function unmask(
  bytes: Buffer,
  start: number,
  end: number,
  key: number,
  by: Native | null = native,
): number {
  if (by && end - start >= NATIVE_FROM) {
    NATIVE_KEY.writeInt32LE(key);
    by.unmask(bytes.subarray(start, end), NATIVE_KEY);
    return turn(key, end - start);
  }
  let at = start;
  let turned = key;
  if (end - start >= WORDS_FROM && IS_LITTLE_ENDIAN) {
    const aligned = at + (-(bytes.byteOffset + at) & 3);
    for (; at < aligned; at++, turned = turn(turned, 1)) bytes[at]! ^= turned & 0xff;
    const words = new Int32Array(bytes.buffer, bytes.byteOffset + at, (end - at) >>> 2);
    unmaskWords(words, turned);
    at += words.length * 4;
  }
  for (; at < end; at++, turned = turn(turned, 1)) bytes[at]! ^= turned & 0xff;
  return turned;
}

/** Eight at a time, which V8 does not do by itself, and makes it twice as fast. */
function unmaskWords(words: Int32Array, key: number): void {
  const whole = words.length & ~7;
  let at = 0;
  for (; at < whole; at += 8) {
    words[at]! ^= key;
    words[at + 1]! ^= key;
    words[at + 2]! ^= key;
    words[at + 3]! ^= key;
    words[at + 4]! ^= key;
    words[at + 5]! ^= key;
    words[at + 6]! ^= key;
    words[at + 7]! ^= key;
  }
  for (; at < words.length; at++) words[at]! ^= key;
}

/** The key after so many bytes. */
function turn(key: number, bytes: number): number {
  const bits = (bytes & 3) * 8;
  return bits === 0 ? key : (key >>> bits) | (key << (32 - bits));
}
