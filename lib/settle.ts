import { boolean, fault, func, integer, known, origin, strings } from './checks.ts';
import { consoleLogger, guardLogger, type Logger } from './log.ts';
import type { Options, Settings } from './options.ts';
import { settlePage } from './settle-page.ts';
import { createLookup } from './target/lookup.ts';
import { parseHost, parseIPv6 } from './target/name.ts';
import { compilePolicy } from './target/policy.ts';

const TIMEOUTS = {
  dns: 5_000,
  connect: 10_000,
  banner: 10_000,
  handshake: 10_000,
  signIn: 120_000,
  authorize: 10_000,
  ping: 25_000,
  stall: 60_000,
  idle: 0,
  session: 0,
  close: 1_000,
  action: 30_000,
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
    'list',
    'on',
    'logger',
  ],
  on: ['open', 'close', 'refuse'],
} as const;

/** Checks and completes the options. Throws a `TypeError` with the option's name and its value. */
export function settle(options: Options = {}): Settings {
  known('options', options, KNOWN.options, '');
  const on = known('on', options.on ?? {}, KNOWN.on, 'on.');
  const timeouts = numbers('timeouts', options.timeouts, TIMEOUTS, MAX_TIMEOUT);
  const limits = numbers('limits', options.limits, LIMITS, 2 ** 30);
  func('resolve', options.resolve);
  func('authorize', options.authorize);
  func('list', options.list);
  for (const name of KNOWN.on) func(`on.${name}`, on[name]);
  const log = guardLogger(checkLogger(options.logger));
  const allow = strings('allow', options.allow ?? []);
  if (options.allow === undefined && options.resolve === undefined) {
    log.warn({}, 'every console is refused: neither the option allow nor resolve is given');
  }
  return {
    policy: checked('allow', allow, compilePolicy),
    resolve: options.resolve,
    authorize: options.authorize,
    list: options.list,
    defaultPort: integer('defaultPort', options.defaultPort ?? 5901, 1, 65535),
    origins: strings('origins', options.origins ?? []).map((each) => origin('origins', each)),
    requireOrigin: boolean('requireOrigin', options.requireOrigin ?? false),
    allowedHosts:
      options.allowedHosts === undefined
        ? null
        : strings('allowedHosts', options.allowedHosts).map(hostname),
    timeouts,
    limits,
    page: settlePage(options.page),
    on,
    log,
    lookup: createLookup(),
  };
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

function checked<T, R>(name: string, value: T, parse: (value: T) => R): R {
  try {
    return parse(value);
  } catch (error) {
    throw new TypeError(`option ${name}: ${(error as Error).message}`);
  }
}

function hostname(text: string): string {
  const host = parseHost(text) ?? parseIPv6(text.replace(/^\[|\]$/g, ''));
  return host ?? fault('allowedHosts', text, 'a host name or IP address, without port');
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
