import { isIPv4, isIPv6 } from 'node:net';

/** Where a name leads when it is read as an address: a TCP port on a host, or a Unix socket. */
export type Address = HostAddress | { readonly path: string };
export interface HostAddress {
  /** A canonical IPv4 or IPv6 literal (no brackets), or a lower-case host name without final dot. */
  readonly host: string;
  readonly port: number;
}

/** Route words under the mount, now or later; a console of that name could never be opened. */
const RESERVED = new Set(['assets', 'link', 'proxy', 'recordings', 'screenshot', 'sessions']);

/** Longest name that is looked at: a Unix path of 107 bytes, percent-encoded, is 321 letters. */
const MAX_NAME_LENGTH = 400;

/** Longest Unix socket path (`sun_path` of Linux, without its final NUL). */
const MAX_PATH_LENGTH = 107;

/** Control and format characters (soft hyphen, joiners, direction marks), lone surrogates, line ends. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u;

/** Says if a text can be a console's name at all; what it means is `resolve`'s, or `parseAddress`'s. */
export function isName(text: string): boolean {
  return (
    text !== '' &&
    text.length <= MAX_NAME_LENGTH &&
    text !== '.' &&
    text !== '..' &&
    !UNPRINTABLE.test(text) &&
    !RESERVED.has(text)
  );
}

/**
 * Reads `host:port`, `host`, `[ipv6]:port`, `[ipv6]` or `unix:<percent-encoded path>`. Returns null
 * for all else, and for every spelling that is not canonical: `dns.lookup` takes `127.1`,
 * `0x7f000001`, `2130706433` and circled digits for 127.0.0.1, and `net.connect` takes `0x170c` for a
 * port, so whatever a policy is to judge must have one spelling. Letters are lowered and one final
 * dot is dropped.
 */
export function parseAddress(name: string, defaultPort: number): Address | null {
  if (!isName(name)) return null;
  if (name.startsWith('unix:')) return parseUnix(name.slice('unix:'.length));
  const match = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(.*))?$/.exec(name);
  if (!match) return null;
  const [, bracketed, plain = '', portText] = match;
  const host = bracketed === undefined ? parseHost(plain) : parseIPv6(bracketed);
  const port = portText === undefined ? defaultPort : parsePort(portText);
  return host === null || port === null ? null : { host, port };
}

/** The one spelling of an address: what `parseAddress` reads back to the same address. */
export function formatAddress(address: Address): string {
  if ('path' in address) return `unix:${encodeURIComponent(address.path)}`;
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return `${host}:${address.port}`;
}

/** A port in plain decimal, 1 to 65535, or null. */
export function parsePort(text: string): number | null {
  if (!/^[1-9][0-9]{0,4}$/.test(text)) return null;
  const port = Number(text);
  return port <= 65535 ? port : null;
}

/** A host name (RFC 1123 section 2.1) in lower case, or a canonical IPv4 address, or null. */
export function parseHost(text: string): string | null {
  if (isIPv4(text)) return text;
  const host = text.toLowerCase().replace(/\.$/, '');
  if (host === '' || host.length > 253) return null;
  const labels = host.split('.');
  if (!labels.every((label) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(label))) return null;
  // A last label that is a number makes inet_aton see an IPv4 address (WHATWG URL, "ends in a number").
  return /^([0-9]+|0x[0-9a-f]*)$/.test(labels.at(-1) ?? '') ? null : host;
}

/** A canonical (RFC 5952) IPv6 address without zone, or null. */
export function parseIPv6(text: string): string | null {
  if (!isIPv6(text) || text.includes('%')) return null;
  return new URL(`http://[${text}]`).hostname.slice(1, -1);
}

function parseUnix(encoded: string): Address | null {
  let path: string;
  try {
    path = decodeURIComponent(encoded);
  } catch {
    return null;
  }
  const plain = path.startsWith('/') && !/\/(\.{0,2})(\/|$)/.test(path) && !UNPRINTABLE.test(path);
  return plain && Buffer.byteLength(path) <= MAX_PATH_LENGTH ? { path } : null;
}
