import { encryptDes } from './des.ts';

/**
 * Answers a challenge of VNC authentication: encrypted with the first 8 bytes of the password in
 * UTF-8 (RFC 6143 section 7.2.2).
 */
export function answerVncAuth(password: string, challenge: Buffer): Buffer {
  const key = Buffer.alloc(8);
  const bytes = Buffer.from(password);
  bytes.copy(key);
  const answer = encryptDes(key, challenge, null);
  bytes.fill(0);
  key.fill(0);
  return answer;
}
