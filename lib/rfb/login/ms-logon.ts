import { randomBytes } from 'node:crypto';
import { encryptDes } from './des.ts';
import { agree, type RandomSource } from './diffie-hellman.ts';
import { writeText } from './text-field.ts';

/** Room for a text and its NUL. */
export const MS_LOGON_FIELDS = { username: 256, password: 64 };

/**
 * Answers a challenge of UltraVNC's MS-Logon II (security type 113; rfbproto, "MSLogonII"): 8 bytes
 * each of generator, prime and public key, with our public key and both texts, encrypted with DES by
 * what was agreed on. 64 bits keep nothing secret from whoever listens: it is for trusted networks.
 */
export function answerMsLogon(
  username: string,
  password: string,
  challenge: Buffer,
  random: RandomSource = randomBytes,
): Buffer {
  const { publicKey, secret } = agree(
    {
      generator: challenge.subarray(0, 8),
      prime: challenge.subarray(8, 16),
      publicKey: challenge.subarray(16, 24),
    },
    random,
  );
  const name = random(MS_LOGON_FIELDS.username);
  const word = random(MS_LOGON_FIELDS.password);
  writeText(name, username);
  writeText(word, password);
  const answer = Buffer.concat([
    publicKey,
    // Each begins a chain of its own, with the key as what comes before it.
    encryptDes(secret, name, secret),
    encryptDes(secret, word, secret),
  ]);
  for (const buffer of [secret, name, word]) buffer.fill(0);
  return answer;
}
