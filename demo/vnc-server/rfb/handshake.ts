import { createCipheriv, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { FieldReader } from './field-reader.ts';

const NONE = 1;
const VNC_AUTH = 2;
const OK = 0;
const FAILED = 1;

/** Greets a viewer and asks for the password, up to and including SecurityResult. */
export async function letIn(
  stream: Duplex,
  reader: FieldReader,
  password: string | undefined,
): Promise<void> {
  stream.write('RFB 003.008\n');
  const version = parseVersion(await reader.read(12));
  const type = password === undefined ? NONE : VNC_AUTH;
  if (version === 3) {
    stream.write(uint32(type));
  } else {
    stream.write(Buffer.of(1, type));
    const choice = await reader.readUint8();
    if (choice !== type) refuse(stream, version, `Security type ${choice} was not offered`);
  }
  if (password !== undefined) {
    const challenge = randomBytes(16);
    stream.write(challenge);
    const response = await reader.read(16);
    if (!timingSafeEqual(response, encryptChallenge(challenge, password))) {
      refuse(stream, version, 'Wrong password');
    }
  }
  if (password !== undefined || version === 8) stream.write(uint32(OK));
}

/** Encrypts a challenge with a password, as VncAuth wants it. */
export function encryptChallenge(challenge: Buffer, password: string): Buffer {
  const key = Buffer.alloc(8);
  key.write(password, 'latin1');
  // VncAuth takes the bits of each byte of the key in the opposite order.
  for (let i = 0; i < key.length; i++) key[i] = reverseBits(key[i]!);
  // Single DES is gone from OpenSSL 3; triple DES with the same key three times is the same.
  const cipher = createCipheriv('des-ede3-ecb', Buffer.concat([key, key, key]), null);
  cipher.setAutoPadding(false);
  return Buffer.concat([cipher.update(challenge), cipher.final()]);
}

function parseVersion(banner: Buffer): 3 | 7 | 8 {
  const match = /^RFB 003\.(\d{3})\n$/.exec(banner.toString('latin1'));
  if (!match) throw new Error('the viewer does not speak RFB 3');
  const minor = Number(match[1]);
  // RFC 6143 7.1.1: versions that were never published count as 3.3.
  if (minor < 7) return 3;
  return minor === 7 ? 7 : 8;
}

function refuse(stream: Duplex, version: 3 | 7 | 8, reason: string): never {
  stream.write(uint32(FAILED));
  if (version === 8) {
    stream.write(uint32(reason.length));
    stream.write(reason);
  }
  throw new Error(reason);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function reverseBits(byte: number): number {
  let reversed = 0;
  for (let bit = 0; bit < 8; bit++) reversed |= ((byte >> bit) & 1) << (7 - bit);
  return reversed;
}
