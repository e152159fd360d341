import { ConsoleError } from '../../errors.ts';
import { BANNER_LENGTH } from '../banner.ts';
import type { Peer } from './peer.ts';

/** The most that is read of what a server says about a refusal, in bytes. */
const LONGEST_REASON = 256;

const OLDEST = 'RFB 003.003\n';

/**
 * Reads why a server refuses, for the log (RFC 6143 section 7.1.2): a length and so many bytes. A
 * refusal is one without it too, so this never rejects; empty is a server that does not say.
 */
export async function readReason(server: Peer): Promise<Buffer> {
  try {
    const length = (await server.read(4)).readUInt32BE();
    return await server.read(Math.min(length, LONGEST_REASON));
  } catch {
    return Buffer.alloc(0);
  }
}

/** What a server says in place of a security type, such as that there were too many tries. */
export function refusedConnection(reason: Buffer): ConsoleError {
  const detail = describeRefusal('the server refuses the connection', reason);
  return new ConsoleError('SERVER_REFUSED', detail);
}

/**
 * The refusal of a server that does not wait for the viewer's version to say so, or null: a number of
 * security types that is 0, or in 3.3 a type, and the reason (RFC 6143 section 7.1.2). Right behind its
 * greeting that is all it says.
 */
export function refusalIn(greeting: Buffer): ConsoleError | null {
  const zeros = greeting.toString('latin1', 0, BANNER_LENGTH) === OLDEST ? 4 : 1;
  const start = BANNER_LENGTH + zeros + 4;
  if (greeting.length < start) return null;
  if (greeting.subarray(BANNER_LENGTH, BANNER_LENGTH + zeros).some((byte) => byte !== 0))
    return null;
  const reason = greeting.subarray(start);
  if (greeting.readUInt32BE(start - 4) !== reason.length) return null;
  return refusedConnection(reason.subarray(0, LONGEST_REASON));
}

/** A refusal as a sentence for the log, in which nothing of the server's can pass for ours. */
export function describeRefusal(what: string, reason: Buffer): string {
  if (reason.length === 0) return `${what}, and does not say why`;
  const quoted = reason
    .toString('latin1')
    .replace(/[^ -~]|["\\]/g, (each) => `\\x${each.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return `${what}: "${quoted}"`;
}
