import { createHash } from 'node:crypto';
import { fault } from './arguments.ts';

/** A host key as SSH sends it (RFC 4253 section 6.6): a length, the name of its kind, the key. */
export function kindOf(key: Buffer): string {
  return key.length < 4 ? '' : key.toString('latin1', 4, 4 + key.readUInt32BE(0));
}

/** A key's fingerprint, as `ssh-keygen -l` prints it. */
export function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** Checks fingerprints of host keys, and returns them as they are compared. */
export function copyFingerprints(name: string, given: unknown): readonly string[] {
  const all: unknown[] = [given].flat();
  const isGood = (each: unknown): each is string =>
    typeof each === 'string' && /^SHA256:[A-Za-z0-9+/]{43}=?$/.test(each);
  if (all.length === 0 || !all.every(isGood)) fault(name, 'SHA256:…, as ssh-keygen -l prints it');
  return all.map((each) => each.replace(/=$/, ''));
}
