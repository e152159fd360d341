import {
  isSettingValue,
  PAGE_SETTINGS,
  type PageSettingName,
  type PageSettings,
  type SettingRules,
} from '../lib/page-settings.ts';

/** What of `localStorage` is used; it may throw where a browser forbids pages to keep anything. */
export type Shelf = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** Whether a choice is for this target, or for all that have none of their own. */
export type Scope = 'target' | 'all';

type Listener<Name extends PageSettingName> = (value: PageSettings[Name]) => void;

const PREFIX = 'express-novnc';

/** What is a matter of who looks, and not of what is looked at: one choice for all. */
const PERSONAL: ReadonlySet<PageSettingName> = new Set(['theme', 'language']);

/**
 * The viewer's settings: what they choose while the page is open, else what its address asks for,
 * else what they chose for this target once, else what they chose for all, else what the host says,
 * else ours. What the host forces is not asked of anybody.
 */
export class SettingsStore {
  readonly #rules: SettingRules;
  readonly #shelf: Shelf | null;
  readonly #target: string;
  readonly #asked: Partial<PageSettings>;
  readonly #listeners = new Map<PageSettingName, Set<Listener<never>>>();
  /** Chosen since the page opened: what a browser does not let us keep holds until it closes. */
  readonly #chosen = new Map<PageSettingName, unknown>();
  /** What was on the shelf when it was first looked at: another tab's choice is for pages yet to open. */
  readonly #kept = new Map<string, unknown>();

  constructor(
    rules: SettingRules,
    shelf: Shelf | null,
    target: string,
    asked: Partial<PageSettings> = {},
  ) {
    this.#rules = rules;
    this.#shelf = shelf;
    this.#target = target;
    this.#asked = asked;
  }

  get<Name extends PageSettingName>(name: Name): PageSettings[Name] {
    const rule = this.#rules[name];
    const usual = (rule?.value ?? PAGE_SETTINGS[name].value) as PageSettings[Name];
    if (rule?.force) return usual;
    const candidates = [
      this.#chosen.get(name),
      this.#asked[name],
      this.#read(keyOf(name, this.#target)),
      this.#read(keyOf(name, null)),
    ];
    return candidates.find((value) => isSettingValue(name, value)) ?? usual;
  }

  /** Chooses a value. What the host forces stays as it is. */
  set<Name extends PageSettingName>(
    name: Name,
    value: PageSettings[Name],
    scope: Scope = PERSONAL.has(name) ? 'all' : 'target',
  ): void {
    if (this.isForced(name)) return;
    this.#chosen.set(name, value);
    if (scope === 'all') this.#write(keyOf(name, this.#target), undefined);
    this.#write(keyOf(name, scope === 'all' ? null : this.#target), value);
    for (const listener of this.#listeners.get(name) ?? []) (listener as Listener<Name>)(value);
  }

  /** Makes what holds for this target the choice for all targets that have none of their own. */
  keepForAll(): void {
    for (const name of Object.keys(PAGE_SETTINGS) as PageSettingName[]) {
      this.set(name, this.get(name), 'all');
    }
  }

  /** Forgets every choice, this target's and the common ones. */
  reset(): void {
    for (const name of Object.keys(PAGE_SETTINGS) as PageSettingName[]) {
      const before = this.get(name);
      this.#chosen.delete(name);
      this.#write(keyOf(name, this.#target), undefined);
      this.#write(keyOf(name, null), undefined);
      const value = this.get(name);
      if (value === before) continue;
      for (const listener of this.#listeners.get(name) ?? [])
        (listener as Listener<never>)(value as never);
    }
  }

  /** Tells a listener the value now, and whenever it changes. */
  watch<Name extends PageSettingName>(name: Name, listener: Listener<Name>): void {
    const listeners = this.#listeners.get(name) ?? new Set();
    listeners.add(listener);
    this.#listeners.set(name, listeners);
    listener(this.get(name));
  }

  isForced(name: PageSettingName): boolean {
    return this.#rules[name]?.force ?? false;
  }

  isHidden(name: PageSettingName): boolean {
    return this.#rules[name]?.hide ?? false;
  }

  #read(key: string): unknown {
    if (!this.#kept.has(key)) this.#kept.set(key, this.#load(key));
    return this.#kept.get(key);
  }

  #load(key: string): unknown {
    try {
      const text = this.#shelf?.getItem(key) ?? null;
      return text === null ? undefined : JSON.parse(text);
    } catch {
      return undefined;
    }
  }

  #write(key: string, value: unknown): void {
    this.#kept.set(key, value);
    try {
      if (value === undefined) this.#shelf?.removeItem(key);
      else this.#shelf?.setItem(key, JSON.stringify(value));
    } catch {
      // Full, or forbidden: it holds until the page is closed.
    }
  }
}

function keyOf(name: PageSettingName, target: string | null): string {
  return target === null ? `${PREFIX}:${name}` : `${PREFIX}:${name}:${target}`;
}
