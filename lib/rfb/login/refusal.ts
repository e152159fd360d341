import type { Peer } from './peer.ts';

/** The most that is read of what a server says about a refusal, in bytes. */
const LONGEST_REASON = 256;

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

/** A refusal as a sentence for the log, in which nothing of the server's can pass for ours. */
export function describeRefusal(what: string, reason: Buffer): string {
  if (reason.length === 0) return `${what}, and does not say why`;
  const quoted = reason
    .toString('latin1')
    .replace(/[^ -~]|["\\]/g, (each) => `\\x${each.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return `${what}: "${quoted}"`;
}
