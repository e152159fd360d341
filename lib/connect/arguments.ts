import { isIP } from 'node:net';

/**
 * Throws a `TypeError` that names an argument and what was expected of it. It never shows the value:
 * that may be a password, or a ticket in an address.
 */
export function fault(name: string, expected: string): never {
  throw new TypeError(`${name}: expected ${expected}`);
}

/** Checks for an object, and that it has no names but these. */
export function checkObject(name: string, value: unknown, names?: readonly string[]): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) fault(name, 'an object');
  const unknown = Object.keys(value).find((each) => names && !names.includes(each));
  if (unknown !== undefined) fault(`${name}.${unknown}`, `one of the names ${names?.join(', ')}`);
}

/** Checks where to connect to: its `host` and `port`. */
export function checkEndpoint(
  name: string,
  { host, port }: { host: unknown; port: unknown },
): void {
  const isHost = typeof host === 'string' && (isIP(host) !== 0 || /^[\w.-]+$/.test(host));
  if (!isHost) fault(`${name}.host`, 'a host name or an IP address, without port');
  checkInteger(`${name}.port`, port, 65535);
}

export function checkInteger(name: string, value: unknown, most: number): void {
  const isGood = Number.isInteger(value) && Number(value) >= 1 && Number(value) <= most;
  if (!isGood) fault(name, `a whole number from 1 to ${most}`);
}

/** Checks for a text that is not empty, or nothing where that will do. */
export function checkText(name: string, value: unknown, optional = false): void {
  if (optional && value === undefined) return;
  if (typeof value !== 'string' || value === '') fault(name, 'a text that is not empty');
}
