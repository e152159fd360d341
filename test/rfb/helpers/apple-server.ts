import { createDecipheriv, createDiffieHellman, createHash } from 'node:crypto';
import { PRIME, u16 } from './handshakes.ts';

/**
 * The other side of Apple's way of signing in, written from its description alone (rfbproto,
 * "Diffie-Hellman Authentication"), and with OpenSSL's Diffie-Hellman, unlike ours.
 */
export class AppleServer {
  readonly #exchange = createDiffieHellman(PRIME, Buffer.of(2));
  readonly challenge: Buffer;

  constructor() {
    const key = padded(this.#exchange.generateKeys());
    this.challenge = Buffer.concat([u16(2), u16(PRIME.length), PRIME, key]);
  }

  /** The user name and the password in an answer. */
  open(answer: Buffer): [string, string] {
    const theirs = answer.subarray(128);
    if (theirs.length !== PRIME.length) throw new Error('the public key has another length');
    const secret = padded(this.#exchange.computeSecret(theirs));
    const key = createHash('md5').update(secret).digest();
    const decipher = createDecipheriv('aes-128-ecb', key, null).setAutoPadding(false);
    const texts = decipher.update(answer.subarray(0, 128));
    return [untilNul(texts.subarray(0, 64)), untilNul(texts.subarray(64))];
  }
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.alloc(PRIME.length - bytes.length), bytes]);
}

function untilNul(field: Buffer): string {
  const end = field.indexOf(0);
  if (end < 0) throw new Error('a text does not end');
  return field.toString('utf8', 0, end);
}
