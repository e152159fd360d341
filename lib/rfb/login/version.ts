import { ConsoleError } from '../../errors.ts';
import { BANNER_LENGTH, isBanner } from '../banner.ts';

/** The versions whose handshakes differ, by their minor number: 3.3, 3.7 and 3.8 (RFC 6143 section 7.1.1). */
export type Version = 3 | 7 | 8;

/**
 * The version to speak with a server that says this: the highest that both know. 3.889 is Apple's
 * name for 3.8, and what is between the three is none of them (RFC 6143 appendix A).
 */
export function versionFor(banner: Buffer): Version {
  if (banner.length !== BANNER_LENGTH || !isBanner(banner)) {
    throw new ConsoleError('NOT_VNC', 'the server says no RFB version');
  }
  const major = Number(banner.toString('latin1', 4, 7));
  const minor = Number(banner.toString('latin1', 8, 11));
  if (major === 0 && minor === 0) {
    const detail = 'a repeater (RFB 000.000) asks for an ID first, which the relay has none of';
    throw new ConsoleError('SECURITY_UNSUPPORTED', detail);
  }
  if (major < 3 || (major === 3 && minor < 3)) {
    throw new ConsoleError('NOT_VNC', `there is no RFB ${major}.${minor}`);
  }
  if (major > 3 || minor >= 8) return 8;
  return minor === 7 ? 7 : 3;
}

/** A version as its ProtocolVersion message. */
export function versionLine(version: Version): Buffer {
  return Buffer.from(`RFB 003.00${version}\n`, 'latin1');
}

/** The version that a browser answers ours with, or null if it is none that there is. */
export function versionOf(line: Buffer): Version | null {
  const versions: readonly Version[] = [3, 7, 8];
  return versions.find((version) => versionLine(version).equals(line)) ?? null;
}
