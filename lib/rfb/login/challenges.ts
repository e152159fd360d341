import { ConsoleError } from '../../errors.ts';
import type { Question } from './authenticator.ts';
import type { Peer } from './peer.ts';

/** Lengths of a prime in bytes: Apple has used 512 bits and uses 1024; more costs the relay's time. */
const PRIME = { shortest: 64, longest: 256 };

/** The longest user name, and the longest password, that a viewer may send in clear, in bytes. */
const LONGEST_TEXT = 1024;

/** Lengths that never change, in bytes (RFC 6143 section 7.2.2; rfbproto, "MSLogonII"). */
const VNC = { challenge: 16, answer: 16 };
const MS_LOGON = { challenge: 3 * 8, answer: 8 + 256 + 64 };

/** The two texts of Apple's answer, encrypted; our public key follows. */
const ARD_TEXTS = 2 * 64;

/** Reads what a VNC server asks, as the bytes it came in. */
export async function readChallenge(server: Peer, method: Question): Promise<Buffer> {
  if (method === 'plain') return Buffer.alloc(0);
  if (method === 'vnc') return server.read(VNC.challenge);
  if (method === 'msLogon') return server.read(MS_LOGON.challenge);
  const head = await server.read(4);
  const length = primeLength(head);
  if (length < PRIME.shortest || length > PRIME.longest) {
    const detail = `the server wants a Diffie-Hellman prime of ${length} bytes`;
    throw new ConsoleError('SECURITY_UNSUPPORTED', detail);
  }
  return Buffer.concat([head, await server.read(2 * length)]);
}

/** Reads a browser's answer to such a challenge, as the bytes it came in. */
export async function readAnswer(
  browser: Peer,
  method: Question,
  challenge: Buffer,
): Promise<Buffer> {
  if (method === 'vnc') return browser.read(VNC.answer);
  if (method === 'msLogon') return browser.read(MS_LOGON.answer);
  if (method === 'ard') return browser.read(ARD_TEXTS + primeLength(challenge));
  const head = await browser.read(8);
  const lengths = [head.readUInt32BE(0), head.readUInt32BE(4)] as const;
  if (Math.max(...lengths) > LONGEST_TEXT) {
    throw new ConsoleError('BROWSER_PROTOCOL', 'the browser sends too long a name or password');
  }
  return Buffer.concat([head, await browser.read(lengths[0] + lengths[1])]);
}

/** A challenge of Apple's begins with a generator and the length of what follows, 2 bytes each. */
function primeLength(challenge: Buffer): number {
  return challenge.readUInt16BE(2);
}
