import { getDiffieHellman } from 'node:crypto';
import type { Method } from '../../../lib/rfb/login/authenticator.ts';
import type { TlsMode } from '../../../lib/rfb/login/peer.ts';

/** A security type as a server goes through it that lets everybody in. */
export interface Handshake {
  readonly name: string;
  readonly version: 3 | 7 | 8;
  readonly method: Method;
  readonly tls: TlsMode | undefined;
  readonly banner: Buffer;
  /** What the server says after its banner: before TLS, and inside it. */
  readonly parts: readonly Buffer[];
}

export const u16 = (value: number) => Buffer.of(value >> 8, value & 255);
export const u32 = (value: number) =>
  Buffer.of(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);

/** A prime of Apple's size, 1024 bits, and the least that is taken, 512. */
export const PRIME = getDiffieHellman('modp2').getPrime();
const SHORT_PRIME = Buffer.alloc(64, 0xc5);

const CHALLENGES: Readonly<Record<Method, Buffer>> = {
  none: Buffer.alloc(0),
  plain: Buffer.alloc(0),
  vnc: Buffer.from([...Array(16).keys()]),
  ard: Buffer.concat([u16(2), u16(64), SHORT_PRIME, Buffer.alloc(64, 0x55)]),
  msLogon: Buffer.from('000000000001000100000000251826170000' + '00000e12d0f5', 'hex'),
};

export const challengeOf = (method: Method): Buffer => CHALLENGES[method];

/** Type, sub-type of VeNCrypt, what it asks and its TLS. */
const TYPES: readonly (readonly [number, number | null, Method, TlsMode?])[] = [
  [1, null, 'none'],
  [2, null, 'vnc'],
  [30, null, 'ard'],
  [113, null, 'msLogon'],
  [19, 257, 'none', 'anonymous'],
  [19, 258, 'vnc', 'anonymous'],
  [19, 259, 'plain', 'anonymous'],
  [19, 260, 'none', 'x509'],
  [19, 261, 'vnc', 'x509'],
  [19, 262, 'plain', 'x509'],
];

/** Banners of servers, and what is spoken with them. */
const BANNERS = [
  ['003.003', 3],
  ['003.006', 3],
  ['003.007', 7],
  ['003.008', 8],
  ['003.889', 8],
  ['004.001', 8],
  ['005.000', 8],
] as const;

/** Every version with every type. */
export const HANDSHAKES: readonly Handshake[] = BANNERS.flatMap(([number, version]) =>
  TYPES.map(([type, subType, method, tls]): Handshake => {
    const offer = version === 3 ? u32(type) : Buffer.of(1, type);
    const result = type === 1 && version !== 8 ? Buffer.alloc(0) : u32(0);
    const inner = Buffer.concat([challengeOf(method), result]);
    const parts =
      subType === null
        ? [Buffer.concat([offer, inner])]
        : [Buffer.concat([offer, Buffer.of(0, 2, 0, 1), u32(subType), Buffer.of(1)]), inner];
    const name = `${number} with type ${subType ?? type}`;
    return { name, version, method, tls, banner: Buffer.from(`RFB ${number}\n`), parts };
  }),
);

/** One version each, for what is tried at every byte. */
export const PRINCIPAL = HANDSHAKES.filter(({ name }) => /^003\.00[378]/.test(name));
