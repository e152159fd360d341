import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { agree, type RandomSource } from './diffie-hellman.ts';
import { writeText } from './text-field.ts';

/** Room for the user name, and for the password, each with its NUL. */
export const APPLE_FIELD = 64;

/**
 * Answers Apple's challenge (security type 30; rfbproto, "Diffie-Hellman Authentication"):
 *
 *     2  generator        2  length of the prime, n
 *     n  prime            n  the server's public key
 *
 * with both texts, encrypted with AES by the MD5 of what was agreed on, and our public key.
 */
export function answerApple(
  username: string,
  password: string,
  challenge: Buffer,
  random: RandomSource = randomBytes,
): Buffer {
  const length = challenge.readUInt16BE(2);
  const { publicKey, secret } = agree(
    {
      generator: challenge.subarray(0, 2),
      prime: challenge.subarray(4, 4 + length),
      publicKey: challenge.subarray(4 + length, 4 + 2 * length),
    },
    random,
  );
  // What follows a text is noise, as equal blocks would show in the answer.
  const texts = random(2 * APPLE_FIELD);
  writeText(texts.subarray(0, APPLE_FIELD), username);
  writeText(texts.subarray(APPLE_FIELD), password);
  const key = createHash('md5').update(secret).digest();
  const cipher = createCipheriv('aes-128-ecb', key, null);
  cipher.setAutoPadding(false);
  const answer = Buffer.concat([cipher.update(texts), cipher.final(), publicKey]);
  for (const buffer of [secret, key, texts]) buffer.fill(0);
  return answer;
}
