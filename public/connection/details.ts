import type { Farewell } from './channel.ts';
import type { Ending } from './endings.ts';

/** What a session was like, for those who look for a fault; nothing that was typed is in it. */
export interface Account {
  readonly ending: Ending;
  readonly farewell: Farewell | null;
  readonly failure: string | null;
  /** When a stage was reached, in milliseconds since the session began. */
  readonly stages: readonly (readonly [name: string, at: number])[];
  readonly received: number;
  readonly sent: number;
  readonly protocol: string | null;
  /** How many rectangles of each encoding have come. */
  readonly rects: ReadonlyMap<number, number> | null;
  readonly size: { readonly width: number; readonly height: number } | null;
}

/** Where it was. */
export interface Surroundings {
  readonly version: string;
  readonly noVncVersion: string;
  readonly time: Date;
  readonly address: string;
  readonly agent: string;
  readonly isOnline: boolean;
  readonly tries: number;
}

const ENCODINGS: Readonly<Record<number, string>> = {
  0: 'raw',
  1: 'CopyRect',
  2: 'RRE',
  5: 'hextile',
  6: 'zlib',
  7: 'tight',
  16: 'ZRLE',
  21: 'JPEG',
  50: 'h264',
  [-260]: 'tightPNG',
};

/** An account as plain text, in English for whoever it is sent to. */
export function writeDetails(account: Account, where: Surroundings): string {
  const { ending, farewell, failure, stages, rects, size } = account;
  const words = fill(ending.words, ending.values);
  const lines = [
    `express-novnc ${where.version}, noVNC ${where.noVncVersion}`,
    `time: ${where.time.toISOString()}`,
    `page: ${withoutQuery(where.address)}`,
    `end: ${ending.code} ${ending.kind}: ${words}`,
    ending.detail && `detail: ${fill(ending.detail, ending.values)}`,
    farewell && `close: ${farewell.code} ${farewell.reason}`.trimEnd(),
    failure && `noVNC: ${failure}`,
    `stages: ${stages.map(([name, at]) => `${name} ${Math.round(at)} ms`).join(', ') || 'none'}`,
    `bytes: ${account.received} received, ${account.sent} sent`,
    account.protocol && `protocol: ${account.protocol}`,
    rects && `rectangles: ${[...rects].map(([of, n]) => `${nameOf(of)} ${n}`).join(', ')}`,
    size && size.width > 0 && `screen: ${size.width} x ${size.height}`,
    `network: ${where.isOnline ? 'online' : 'offline'}, ${where.tries} tries in a row`,
    `browser: ${where.agent}`,
  ];
  return lines.filter(Boolean).join('\n');
}

function nameOf(encoding: number): string {
  return ENCODINGS[encoding] ?? `${encoding}`;
}

function fill(text: string, values: Ending['values'] = {}): string {
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

function withoutQuery(address: string): string {
  const { origin, pathname } = new URL(address);
  return origin + pathname;
}
