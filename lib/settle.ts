import { validateHeaderName, validateHeaderValue } from 'node:http';
import { messageOf } from './errors.ts';
import { consoleLogger, guardLogger, type Logger } from './log.ts';
import type { Options, Settings } from './options.ts';
import {
  expectedOf,
  isSettingValue,
  PAGE_SETTINGS,
  type PageSettingName,
  type SettingRules,
} from './page-settings.ts';
import { createLookup } from './target/lookup.ts';
import { parseHost, parseIPv6 } from './target/name.ts';
import { compilePolicy } from './target/policy.ts';
import { parseOrigin } from './web/origin.ts';

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
  page: ['title', 'view', 'headers', 'settings'],
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
    page: {
      ...page,
      headers: headers(page.headers ?? {}),
      settings: settingRules(page.settings ?? {}),
    },
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

/** Makes every setting that the host decides about a rule. */
function settingRules(given: object): SettingRules {
  const names = Object.keys(PAGE_SETTINGS) as PageSettingName[];
  known('page.settings', given, names, 'page.settings.');
  const rules = Object.entries(given).map(([name, decision]) => {
    const rule = typeof decision === 'object' && decision !== null ? decision : { value: decision };
    const path = `page.settings.${name}`;
    const {
      value,
      force = false,
      hide = false,
    } = known(path, rule, ['value', 'force', 'hide'], `${path}.`) as {
      value?: unknown;
      force?: unknown;
      hide?: unknown;
    };
    if (value !== undefined && !isSettingValue(name as PageSettingName, value)) {
      fault(path, value, expectedOf(name as PageSettingName));
    }
    return [
      name,
      { value, force: boolean(`${path}.force`, force), hide: boolean(`${path}.hide`, hide) },
    ];
  });
  return Object.fromEntries(rules);
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
