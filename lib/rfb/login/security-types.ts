import { ConsoleError } from '../../errors.ts';
import type { Method, SecurityPolicy } from './authenticator.ts';
import type { TlsMode } from './peer.ts';

/** VeNCrypt: TLS, and one of the types below inside it (rfbproto, "VeNCrypt"). */
export const VENCRYPT = 19;

/** VeNCrypt's sub-type for a user name and a password as they are. */
export const PLAIN = 256;

type Types = Partial<Record<Method, number>>;

/** Security types by what they ask for (RFC 6143 section 7.2; rfbproto, "Security Types"). */
export const BARE = { none: 1, vnc: 2, ard: 30, msLogon: 113 } as const satisfies Types;

const INSIDE_TLS: Readonly<Record<TlsMode, Types>> = {
  x509: { none: 260, vnc: 261, plain: 262 },
  anonymous: { none: 257, vnc: 258, plain: 259 },
};

/** A security type, and what is to be done in it. */
export interface Choice {
  readonly type: number;
  readonly method: Method;
}

/** A sub-type of VeNCrypt, and the TLS it wants. */
export interface TlsChoice extends Choice {
  readonly tls: TlsMode;
}

/**
 * Picks a security type in our order, never the server's: a man in the middle who offers None first
 * must not win. Null is VeNCrypt. It is the only one when the target asks for TLS; else the last, as
 * most servers' certificates are signed by nobody, and would shut out those who asked for no TLS.
 */
export function chooseType(offered: readonly number[], policy: SecurityPolicy): Choice | null {
  const bare = policy.tls ? null : firstOf(BARE, offered, policy);
  if (bare) return bare;
  if (offered.includes(VENCRYPT)) return null;
  throw unsupported('security types', offered, policy);
}

/** Picks a sub-type of VeNCrypt: first by its TLS, then by what it asks for. */
export function chooseSubType(offered: readonly number[], policy: SecurityPolicy): TlsChoice {
  for (const tls of policy.allowAnonymous ? (['x509', 'anonymous'] as const) : ['x509' as const]) {
    const choice = firstOf(INSIDE_TLS[tls], offered, policy);
    if (choice) return { ...choice, tls };
  }
  throw unsupported('VeNCrypt sub-types', offered, policy);
}

function firstOf(
  types: Types,
  offered: readonly number[],
  { authenticator }: SecurityPolicy,
): Choice | null {
  for (const method of authenticator.methods) {
    const type = types[method];
    if (type !== undefined && offered.includes(type)) return { type, method };
  }
  return null;
}

function unsupported(
  what: string,
  offered: readonly number[],
  { tls, allowAnonymous, authenticator }: SecurityPolicy,
): ConsoleError {
  const terms = [
    ...(tls ? ['TLS is asked for'] : []),
    ...(allowAnonymous ? [] : ['anonymous TLS is not allowed']),
    `it can sign in by ${authenticator.methods.join(', ')}`,
  ];
  const detail = `the server offers the ${what} ${offered.join(', ') || 'none'}; here ${terms.join(', ')}`;
  return new ConsoleError('SECURITY_UNSUPPORTED', detail);
}
