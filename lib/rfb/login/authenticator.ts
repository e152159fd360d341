/**
 * A way of signing in, whatever security type carries it: with nothing, VNC authentication, a user
 * name and a password in clear (inside TLS only), Apple's, or UltraVNC's MS-Logon II.
 */
export type Method = 'none' | 'vnc' | 'plain' | 'ard' | 'msLogon';

/** A way of signing in that asks for something. */
export type Question = Exclude<Method, 'none'>;

/** Answers what a VNC server asks: with stored credentials, or by asking the viewer. */
export interface Authenticator {
  /** The ways of signing in that it can answer for, the one it likes best first. */
  readonly methods: readonly Method[];
  /** The answer to a challenge, byte for byte as the server wants it; asked once. */
  answer(method: Question, challenge: Buffer): Promise<Buffer>;
  /** Says if a reason of the server's may be told in the log: not if a secret may be in it. */
  mayTell(reason: Buffer): boolean;
}

/** What a log-in may use, from the target. */
export interface SecurityPolicy {
  /** The target asks for TLS: no security type without it is ever used. */
  readonly tls: boolean;
  /** TLS in which the server does not say who it is will do. */
  readonly allowAnonymous: boolean;
  readonly authenticator: Authenticator;
}
