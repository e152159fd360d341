import { ConsoleError } from '../../errors.ts';

/** Where secret numbers come from; `randomBytes`, but for known vectors. */
export type RandomSource = (size: number) => Buffer;

/** A server's part of a Diffie-Hellman exchange. */
export interface Offer {
  readonly generator: Buffer;
  readonly prime: Buffer;
  readonly publicKey: Buffer;
}

/** Ours, and what both know then; both as long as the prime. */
export interface Agreement {
  readonly publicKey: Buffer;
  readonly secret: Buffer;
}

/**
 * Answers a server's part of a Diffie-Hellman exchange. Not by node:crypto's: that refuses primes of
 * 64 bits, and takes seconds to test a long one, for which a server must not make everybody wait.
 */
export function agree({ generator, prime, publicKey }: Offer, random: RandomSource): Agreement {
  const modulus = toNumber(prime);
  const base = toNumber(generator);
  const theirs = toNumber(publicKey);
  // With these the secret would be none.
  if (base < 2n || theirs < 2n || theirs >= modulus - 1n) {
    const detail = 'the server wants a Diffie-Hellman exchange without a secret';
    throw new ConsoleError('SECURITY_UNSUPPORTED', detail);
  }
  const bytes = random(prime.length);
  const exponent = toNumber(bytes);
  bytes.fill(0);
  return {
    publicKey: toBytes(power(base, exponent, modulus), prime.length),
    secret: toBytes(power(theirs, exponent, modulus), prime.length),
  };
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = base % modulus;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

function toNumber(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString('hex')}`);
}

function toBytes(value: bigint, length: number): Buffer {
  return Buffer.from(value.toString(16).padStart(2 * length, '0'), 'hex');
}
