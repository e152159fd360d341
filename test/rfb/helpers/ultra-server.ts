import { createDecipheriv, randomBytes } from 'node:crypto';

const PRIME = 0xffff_ffff_ffff_ffc5n;
const GENERATOR = 5n;

/**
 * The other side of UltraVNC's MS-Logon II, written from its description alone (rfbproto,
 * "MSLogonII"): 64 bits of Diffie-Hellman, then DES in a chain.
 */
export class UltraServer {
  readonly #exponent = randomBytes(8).readBigUInt64BE();
  readonly challenge = Buffer.alloc(24);

  constructor() {
    const numbers = [GENERATOR, PRIME, raise(GENERATOR, this.#exponent)];
    numbers.forEach((number, at) => {
      this.challenge.writeBigUInt64BE(number, 8 * at);
    });
  }

  /** The user name and the password in an answer. */
  open(answer: Buffer): [string, string] {
    if (answer.length !== 8 + 256 + 64) throw new Error('the answer has another length');
    const secret = Buffer.alloc(8);
    secret.writeBigUInt64BE(raise(answer.readBigUInt64BE(0), this.#exponent));
    return [
      untilNul(decrypt(secret, answer.subarray(8, 264))),
      untilNul(decrypt(secret, answer.subarray(264))),
    ];
  }
}

/** Recursive, so that it is not the way the code under test goes. */
function raise(base: bigint, exponent: bigint): bigint {
  if (exponent === 0n) return 1n;
  const half = raise(base, exponent / 2n);
  return (half * half * (exponent % 2n === 1n ? base : 1n)) % PRIME;
}

/** Block by block: each is decrypted alone, then the one before it is taken away. */
function decrypt(secret: Buffer, bytes: Buffer): Buffer {
  const mirrored = Buffer.from(
    [...secret].map((byte) =>
      parseInt([...byte.toString(2).padStart(8, '0')].reverse().join(''), 2),
    ),
  );
  const key = Buffer.concat([mirrored, mirrored, mirrored]);
  const decipher = createDecipheriv('des-ede3-ecb', key, null).setAutoPadding(false);
  const blocks = decipher.update(bytes);
  const before = Buffer.concat([secret, bytes.subarray(0, -8)]);
  return blocks.map((byte, at) => byte ^ before[at]!) as Buffer;
}

function untilNul(field: Buffer): string {
  const end = field.indexOf(0);
  if (end < 0) throw new Error('a text does not end');
  return field.toString('utf8', 0, end);
}
