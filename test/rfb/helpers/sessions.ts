import assert from 'node:assert/strict';
import { BrowserMessages } from '../../../lib/rfb/browser/browser-messages.ts';
import type { Rights } from '../../../lib/rfb/rights.ts';
import { ServerMessages } from '../../../lib/rfb/server/server-messages.ts';
import { toHex } from '../../helpers/bytes.ts';
import { NOVNC_ENCODINGS, setEncodings } from './browser-says.ts';
import { agreement, serverInit } from './server-says.ts';

export const ALL: Rights = {
  viewOnly: false,
  clipboard: 'both',
  shared: false,
  resize: true,
  power: true,
};

export const VIEW_ONLY: Rights = { ...ALL, viewOnly: true };

/** Both ways of a session. */
export interface Ways {
  readonly browser: BrowserMessages;
  readonly server: ServerMessages;
}

/** A session right after the handshake. */
export function begin(rights: Partial<Rights> = {}): Ways {
  const all = { ...ALL, ...rights };
  const server = new ServerMessages(all);
  return { server, browser: new BrowserMessages(all, server) };
}

/** The browser's way, once ServerInit has come, and what more the server says. */
export function startedBrowser(
  rights: Partial<Rights> = {},
  more = Buffer.alloc(0),
): BrowserMessages {
  const { browser, server } = begin(rights);
  server.filter(Buffer.concat([serverInit(), more]));
  browser.filter(Buffer.of(1));
  return browser;
}

/** One in which noVNC has asked for all that it knows, and the server knows it as well. */
export function agreed(rights: Partial<Rights> = {}): Ways {
  const ways = begin(rights);
  ways.browser.filter(Buffer.concat([Buffer.of(1), setEncodings(...NOVNC_ENCODINGS)]));
  ways.server.filter(Buffer.concat([serverInit(), agreement]));
  return ways;
}

interface Filter {
  filter(chunk: Buffer): Buffer;
}

/** What comes out for bytes that come in such chunks; each is in a buffer of its own. */
export function filterAll(filter: Filter, chunks: readonly Buffer[]): Buffer {
  return Buffer.concat(chunks.map((chunk) => Buffer.from(filter.filter(Buffer.from(chunk)))));
}

/** Says that bytes come out as expected whole, one by one, and cut in two in every place. */
export function assertFilters(make: () => Filter, bytes: Buffer, expected: Buffer): void {
  const check = (chunks: Buffer[], how: string) => {
    const out = filterAll(make(), chunks);
    if (!out.equals(expected)) assert.equal(toHex(out), toHex(expected), how);
  };
  check([bytes], 'whole');
  check(
    [...bytes].map((byte) => Buffer.of(byte)),
    'one by one',
  );
  for (let at = 0; at <= bytes.length; at++) {
    check([bytes.subarray(0, at), bytes.subarray(at)], `cut at ${at}`);
  }
}
