import { messageOf } from './errors.ts';
import { parseOrigin } from './web/origin.ts';

/** Throws a `TypeError` that names an option, its value, and what was expected of it. */
export function fault(name: string, value: unknown, expected: string): never {
  const shown = typeof value === 'string' ? JSON.stringify(value) : messageOf(value);
  throw new TypeError(`option ${name} is ${shown}: expected ${expected}`);
}

/** Checks an object for names that it may not have; returns it. */
export function known<T extends object>(
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

export function integer(name: string, value: unknown, least: number, most: number): number {
  if (!Number.isInteger(value) || Number(value) < least || Number(value) > most) {
    fault(name, value, `a whole number from ${least} to ${most}`);
  }
  return Number(value);
}

export function boolean(name: string, value: unknown): boolean {
  return typeof value === 'boolean' ? value : fault(name, value, 'true or false');
}

export function strings(name: string, value: unknown): readonly string[] {
  if (!Array.isArray(value)) fault(name, value, 'an array of strings');
  const wrong = value.find((each) => typeof each !== 'string');
  return wrong === undefined ? value : fault(name, wrong, 'an array of strings');
}

export function func(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'function') fault(name, value, 'a function');
}

export function stringOrFunction(name: string, value: unknown): void {
  if (typeof value !== 'string') func(name, value);
}

/** An origin in its one spelling. */
export function origin(name: string, text: string): string {
  const parsed = parseOrigin(text);
  // A wildcard parses as a URL, but no origin is one.
  if (parsed !== null && !parsed.includes('*')) return parsed;
  return fault(name, text, 'an origin such as https://panel.example');
}
