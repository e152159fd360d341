import { statSync } from 'node:fs';
import { validateHeaderName, validateHeaderValue } from 'node:http';
import { boolean, fault, func, known, origin, stringOrFunction, strings } from './checks.ts';
import { isKey, KEY_NAMES, type KeyCombination } from './key-names.ts';
import type { Options, Settings } from './options.ts';
import {
  expectedOf,
  isSettingValue,
  PAGE_SETTINGS,
  type PageSettingName,
  type SettingRules,
} from './page-settings.ts';
import type { Action } from './web/actions.ts';
import { createRender } from './web/views.ts';

const NAMES = ['title', 'view', 'views', 'headers', 'settings', 'embed', 'actions', 'keys'];

/** Checks and completes the options of the page. */
export function settlePage(given: Options['page'] = {}): Settings['page'] {
  const page = known('page', given, NAMES, 'page.');
  const { views, ...rest } = page;
  stringOrFunction('page.title', page.title);
  stringOrFunction('page.view', page.view);
  return {
    ...rest,
    render: createRender(views === undefined ? undefined : folder('page.views', views)),
    headers: headers(page.headers ?? {}),
    settings: settingRules(page.settings ?? {}),
    embed: embed(page.embed ?? {}),
    actions: actions(page.actions ?? []),
    keys: combinations(page.keys ?? []),
  };
}

function folder(name: string, path: unknown): string {
  if (typeof path === 'string' && statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
    return path;
  }
  return fault(name, path, 'a folder that exists');
}

function embed(given: object): { origins: readonly string[] } {
  const { origins = [] } = known('page.embed', given, ['origins'], 'page.embed.') as {
    origins?: unknown;
  };
  const name = 'page.embed.origins';
  return { origins: strings(name, origins).map((each) => origin(name, each)) };
}

const ACTION_NAMES = ['id', 'label', 'icon', 'confirm', 'run'];

function actions(given: unknown): readonly Action[] {
  if (!Array.isArray(given)) fault('page.actions', given, 'an array of actions');
  const ids = new Set<unknown>();
  return given.map((action, index) => {
    const path = `page.actions[${index}]`;
    const { id, label, icon, confirm, run } = known(path, action, ACTION_NAMES, `${path}.`);
    slug(`${path}.id`, id);
    if (ids.has(id)) fault(`${path}.id`, id, 'an id that no other action has');
    ids.add(id);
    if (typeof label !== 'string' || label.trim() === '') fault(`${path}.label`, label, 'a text');
    if (icon !== undefined) slug(`${path}.icon`, icon);
    if (confirm !== undefined && typeof confirm !== 'string') {
      fault(`${path}.confirm`, confirm, 'a text');
    }
    if (run === undefined) fault(`${path}.run`, run, 'a function');
    func(`${path}.run`, run);
    return { ...action };
  });
}

/** As many as two hands reach; a server holds no more of them either. */
const MAX_KEYS = 8;

function combinations(given: unknown): readonly KeyCombination[] {
  if (!Array.isArray(given)) fault('page.keys', given, 'an array of key combinations');
  return given.map((combination, index) => {
    const path = `page.keys[${index}]`;
    const { label, keys } = known(path, combination, ['label', 'keys'], `${path}.`);
    if (typeof label !== 'string' || label.trim() === '') fault(`${path}.label`, label, 'a text');
    const names = strings(`${path}.keys`, keys);
    if (names.length < 1 || names.length > MAX_KEYS) {
      fault(`${path}.keys`, names, `1 to ${MAX_KEYS} keys`);
    }
    const wrong = names.findIndex((name) => !isKey(name));
    if (wrong >= 0) {
      const expected = `a single character or one of ${KEY_NAMES.join(', ')}`;
      fault(`${path}.keys[${wrong}]`, names[wrong], expected);
    }
    return { label, keys: names };
  });
}

function slug(name: string, value: unknown): void {
  if (typeof value !== 'string' || !/^[a-z0-9-]{1,64}$/.test(value)) {
    fault(name, value, 'lower-case letters, digits and hyphens');
  }
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
