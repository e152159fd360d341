import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { Request, Response } from 'express';
import { type ConsoleError, messageOf } from './errors.ts';
import { consoleLogger, type GuardedLogger, guardLogger, type Logger } from './log.ts';
import type { SessionEnd, SessionInfo, SessionTimeouts } from './session/session.ts';
import type { SessionLimits } from './session/sessions.ts';
import { createLookup, type Lookup } from './target/lookup.ts';
import { parseHost, parseIPv6 } from './target/name.ts';
import { compilePolicy, type Policy } from './target/policy.ts';
import type { Target } from './target/target.ts';
import { parseOrigin } from './web/origin.ts';
import type { PageView } from './web/page.ts';

/** What `novnc()` is told. Durations are in milliseconds. */
export interface Options {
  /**
   * Which addresses a name may be: `host[:ports]` with a host name, `*.suffix`, an IP address, a
   * network (`10.0.0.0/8`) or `*`; ports one or a range, 5900-5999 by default; `unix:/dir/*.sock`.
   * @default [] every target is refused
   */
  allow?: readonly string[];
  /**
   * Turns a name into a target with the app's own data. A target opens it and does not pass `allow`;
   * null is 404; undefined lets the name be tried as an address under `allow`.
   */
  resolve?: (
    name: string,
    req: Request,
  ) => Target | null | undefined | Promise<Target | null | undefined>;
  /** Asked last, for the page and for the socket. Exactly `true` lets in, all else is 403. */
  authorize?: (req: Request, target: Target) => boolean | Promise<boolean>;
  /** The port of a name that has none. @default 5901 */
  defaultPort?: number;
  /** Origins that may open consoles besides the console's own, such as `https://panel.example`. @default [] */
  origins?: readonly string[];
  /** Refuse WebSockets without an Origin header, which no browser sends. @default false */
  requireOrigin?: boolean;
  /**
   * Host names this server may be addressed by; others get 403. Set it where no login guards the
   * consoles: it stops DNS rebinding, a foreign name that points at this machine.
   * @default any
   */
  allowedHosts?: readonly string[];
  /** Longest waits. */
  timeouts?: {
    /** For the addresses of a name. @default 5000 */
    dns?: number;
    /** For a connection. @default 10000 */
    connect?: number;
    /** For the VNC server's greeting. @default 10000 */
    banner?: number;
    /** For `resolve`, and for `authorize`. @default 10000 */
    authorize?: number;
    /** Between pings; a browser that misses two is gone. @default 25000 */
    ping?: number;
    /** For a browser that has stopped reading. @default 60000 */
    stall?: number;
    /** For a viewer who sends nothing, no key, no mouse; 0: without end. @default 0 */
    idle?: number;
    /** For a whole session; 0: without end. @default 0 */
    session?: number;
    /** After an end, for both sides to hang up. @default 1000 */
    close?: number;
  };
  /** How much at once; more is 429. */
  limits?: {
    /** Sessions in all. @default 1000 */
    sessions?: number;
    /** Sessions whose VNC server has not greeted yet. @default 64 */
    dials?: number;
    /** Longest message of a browser, in bytes. @default 1048576 */
    maxPayload?: number;
  };
  /** The console page. */
  page?: {
    /** Its title, given the target's label, or the name. @default the label, or the name */
    title?: string | ((label: string, req: Request) => string);
    /** An EJS file in place of ours, or a function that returns the HTML. */
    view?: string | ((page: PageView, req: Request, res: Response) => string | Promise<string>);
    /** Headers that replace ours by name; null leaves one out. @default a strict policy, see README */
    headers?: Readonly<Record<string, string | null>>;
  };
  /** Told of what happens; what these throw is logged. */
  on?: {
    /** The VNC server has greeted: a console is live. */
    open?: (session: SessionInfo) => void;
    /** A session that was accepted has ended, live or not. */
    close?: (session: SessionInfo, end: SessionEnd) => void;
    /** A page or socket was refused before a session began. */
    refuse?: (error: ConsoleError, req: Request) => void;
  };
  /** A pino logger, `console`, or anything like them. @default warnings and errors on the console */
  logger?: Logger;
}

/** Options, complete and checked. */
export interface Settings {
  readonly policy: Policy;
  readonly resolve: Options['resolve'];
  readonly authorize: Options['authorize'];
  readonly defaultPort: number;
  readonly origins: readonly string[];
  readonly requireOrigin: boolean;
  readonly allowedHosts: readonly string[] | null;
  readonly timeouts: SessionTimeouts & { readonly authorize: number };
  readonly limits: SessionLimits & { readonly maxPayload: number };
  readonly page: NonNullable<Options['page']>;
  readonly on: NonNullable<Options['on']>;
  readonly log: GuardedLogger;
  readonly lookup: Lookup;
}

const TIMEOUTS = {
  dns: 5_000,
  connect: 10_000,
  banner: 10_000,
  authorize: 10_000,
  ping: 25_000,
  stall: 60_000,
  idle: 0,
  session: 0,
  close: 1_000,
};
const ENDLESS = new Set(['idle', 'session']);
const LIMITS = { sessions: 1000, dials: 64, maxPayload: 1024 * 1024 };

/** The longest a Node timer can wait, in milliseconds. */
const MAX_TIMEOUT = 2 ** 31 - 1;

const KNOWN = {
  options: [
    'allow',
    'resolve',
    'authorize',
    'defaultPort',
    'origins',
    'requireOrigin',
    'allowedHosts',
    'timeouts',
    'limits',
    'page',
    'on',
    'logger',
  ],
  page: ['title', 'view', 'headers'],
  on: ['open', 'close', 'refuse'],
} as const;

/** Checks and completes the options. Throws a `TypeError` with the option's name and its value. */
export function settle(options: Options = {}): Settings {
  known('options', options, KNOWN.options, '');
  const page = known('page', options.page ?? {}, KNOWN.page, 'page.');
  const on = known('on', options.on ?? {}, KNOWN.on, 'on.');
  const timeouts = numbers('timeouts', options.timeouts, TIMEOUTS, MAX_TIMEOUT);
  const limits = numbers('limits', options.limits, LIMITS, 2 ** 30);
  func('resolve', options.resolve);
  func('authorize', options.authorize);
  for (const name of KNOWN.on) func(`on.${name}`, on[name]);
  stringOrFunction('page.title', page.title);
  stringOrFunction('page.view', page.view);
  const log = guardLogger(checkLogger(options.logger));
  const allow = strings('allow', options.allow ?? []);
  if (options.allow === undefined && options.resolve === undefined) {
    log.warn({}, 'every console is refused: neither the option allow nor resolve is given');
  }
  return {
    policy: checked('allow', allow, compilePolicy),
    resolve: options.resolve,
    authorize: options.authorize,
    defaultPort: integer('defaultPort', options.defaultPort ?? 5901, 1, 65535),
    origins: strings('origins', options.origins ?? []).map(origin),
    requireOrigin: boolean('requireOrigin', options.requireOrigin ?? false),
    allowedHosts:
      options.allowedHosts === undefined
        ? null
        : strings('allowedHosts', options.allowedHosts).map(hostname),
    timeouts,
    limits,
    page: { ...page, headers: headers(page.headers ?? {}) },
    on,
    log,
    lookup: createLookup(),
  };
}

function fault(name: string, value: unknown, expected: string): never {
  const shown = typeof value === 'string' ? JSON.stringify(value) : messageOf(value);
  throw new TypeError(`option ${name} is ${shown}: expected ${expected}`);
}

function known<T extends object>(
  name: string,
  value: T,
  names: readonly string[],
  prefix: string,
): T {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    fault(name, value, 'an object');
  }
  for (const key of Object.keys(value)) {
    if (!names.includes(key)) {
      const given = (value as Record<string, unknown>)[key];
      fault(
        `${prefix}${key}`,
        given,
        `one of the options ${names.map((each) => prefix + each).join(', ')}`,
      );
    }
  }
  return value;
}

function numbers<T extends Record<string, number>>(
  name: string,
  given: Partial<Record<keyof T, number | undefined>> | undefined,
  defaults: T,
  most: number,
): T {
  const values: Record<string, number | undefined> = known(
    name,
    given ?? {},
    Object.keys(defaults),
    `${name}.`,
  );
  const settled = Object.entries(defaults).map(([key, value]) => {
    const least = ENDLESS.has(key) ? 0 : 1;
    return [key, integer(`${name}.${key}`, values[key] ?? value, least, most)];
  });
  return Object.fromEntries(settled);
}

function integer(name: string, value: unknown, least: number, most: number): number {
  if (!Number.isInteger(value) || Number(value) < least || Number(value) > most) {
    fault(name, value, `a whole number from ${least} to ${most}`);
  }
  return Number(value);
}

function boolean(name: string, value: unknown): boolean {
  return typeof value === 'boolean' ? value : fault(name, value, 'true or false');
}

function strings(name: string, value: unknown): readonly string[] {
  if (!Array.isArray(value)) fault(name, value, 'an array of strings');
  const wrong = value.find((each) => typeof each !== 'string');
  return wrong === undefined ? value : fault(name, wrong, 'an array of strings');
}

function func(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'function') fault(name, value, 'a function');
}

function stringOrFunction(name: string, value: unknown): void {
  if (typeof value !== 'string') func(name, value);
}

function checked<T, R>(name: string, value: T, parse: (value: T) => R): R {
  try {
    return parse(value);
  } catch (error) {
    throw new TypeError(`option ${name}: ${(error as Error).message}`);
  }
}

function origin(text: string): string {
  const parsed = parseOrigin(text);
  // A wildcard parses as a URL, but no origin is one.
  if (parsed !== null && !parsed.includes('*')) return parsed;
  return fault('origins', text, 'an origin such as https://panel.example');
}

function hostname(text: string): string {
  const host = parseHost(text) ?? parseIPv6(text.replace(/^\[|\]$/g, ''));
  return host ?? fault('allowedHosts', text, 'a host name or IP address, without port');
}

function headers(given: unknown): Record<string, string | null> {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    fault('page.headers', given, 'an object');
  }
  for (const [name, value] of Object.entries(given)) {
    if (value !== null && typeof value !== 'string') {
      fault(`page.headers.${name}`, value, 'a string or null');
    }
    if (!isHeader(name, value ?? '')) fault(`page.headers.${name}`, value, 'a header of HTTP');
  }
  return { ...given };
}

function isHeader(name: string, value: string): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return true;
  } catch {
    return false;
  }
}

function checkLogger(logger: Logger | undefined): Partial<Logger> {
  if (logger === undefined) return consoleLogger;
  for (const level of ['info', 'warn', 'error'] as const) {
    if (typeof logger?.[level] !== 'function') {
      fault('logger', logger, 'an object with info, warn and error');
    }
  }
  return logger;
}
