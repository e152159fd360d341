import { validateHeaderName, validateHeaderValue } from 'node:http';
import { checkObject, fault } from './arguments.ts';
import type { Endpoint } from './open-tcp.ts';

/** Headers of a request of ours. */
export type Headers = Readonly<Record<string, string>>;

/** Reads a URL, which must be of one of these schemes. */
export function parseUrl(name: string, given: unknown, schemes: readonly string[]): URL {
  const url = readUrl(given);
  if (url === null || !schemes.includes(url.protocol)) {
    return fault(name, `a URL that begins with ${schemes.map((each) => `${each}//`).join(' or ')}`);
  }
  return url.hash === '' ? url : fault(name, 'a URL without #');
}

/** What to connect to for a URL; without a port of its own, the one of its scheme. */
export function endpointOf({ hostname, port, protocol }: URL): Endpoint {
  const host = hostname.replace(/^\[|\]$/g, '');
  const isSecure = protocol === 'https:' || protocol === 'wss:';
  return { host, port: port === '' ? (isSecure ? 443 : 80) : Number(port) };
}

/** A URL's user name and password as a header's value, or null when it has none. */
export function basicOf({ username, password }: URL): string | null {
  if (username === '' && password === '') return null;
  const pair = `${decode(username)}:${decode(password)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

/** Checks headers, and returns a copy that later changes cannot reach. */
export function copyHeaders(name: string, headers: unknown): Record<string, string> {
  checkObject(name, headers);
  for (const [header, value] of Object.entries(headers as object)) {
    if (!isHeader(header, value)) fault(`${name}.${header}`, 'the name and the text of a header');
  }
  return { ...(headers as Headers) };
}

export function hasHeader(headers: Headers, name: string): boolean {
  return Object.keys(headers).some((each) => each.toLowerCase() === name);
}

function isHeader(name: string, value: unknown): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value as string);
    return typeof value === 'string';
  } catch {
    return false;
  }
}

/** The error of `new URL` holds the whole text, with whatever secret is in it. */
function readUrl(given: unknown): URL | null {
  try {
    return typeof given === 'string' || given instanceof URL ? new URL(given) : null;
  } catch {
    return null;
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
