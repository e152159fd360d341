/** What a setting of the console page may be. */
type Rule =
  | { readonly kind: 'switch'; readonly value: boolean }
  | { readonly kind: 'choice'; readonly value: string; readonly among: readonly string[] }
  | {
      readonly kind: 'number';
      readonly value: number;
      readonly least: number;
      readonly most: number;
    };

/** Every setting of the console page, and its value where neither the host nor the viewer chose one. */
export const PAGE_SETTINGS = {
  /**
   * How the remote screen is fitted: `fit` shrinks but never enlarges it, `fill` does both, `actual`
   * shows it pixel by pixel, `remote` asks the server for the page's size, `remote-sharp` for that
   * size in the display's own pixels.
   */
  scaling: {
    kind: 'choice',
    value: 'fit',
    among: ['fit', 'fill', 'actual', 'remote', 'remote-sharp'],
  },
  /** Of lossy pictures: 0 is small, 9 is good. */
  quality: { kind: 'number', value: 6, least: 0, most: 9 },
  /** 0 is quick for the server, 9 is small. */
  compression: { kind: 'number', value: 2, least: 0, most: 9 },
  /** Look, and do not touch. A courtesy of the page; a target's `viewOnly` is what the relay enforces. */
  viewOnly: { kind: 'switch', value: false },
  /** Leaves other viewers of the same desktop connected. Takes effect with the next connection. */
  shared: { kind: 'switch', value: true },
  /** A sound when the desktop rings. */
  bell: { kind: 'switch', value: true },
  /** A flash when the desktop rings. */
  visualBell: { kind: 'switch', value: false },
  /** A dot where the desktop hides its cursor. */
  cursorDot: { kind: 'switch', value: false },
  /** Keeps this device's display on while a console is open. */
  keepAwake: { kind: 'switch', value: false },
  /** Has the browser ask before the page is left while a console is open. */
  askBeforeLeaving: { kind: 'switch', value: false },
  /** Connects again by itself when a connection was lost. */
  reconnect: { kind: 'switch', value: true },
  /** Where the toolbar is. */
  toolbarEdge: { kind: 'choice', value: 'top', among: ['top', 'right', 'bottom', 'left'] },
  /** Whether the toolbar always shows, or hides until it is asked for. */
  toolbarPinned: { kind: 'switch', value: true },
  /** Colours: the system's, or always light or dark. */
  theme: { kind: 'choice', value: 'auto', among: ['auto', 'light', 'dark'] },
  /** The page's language, by its tag (BCP 47); `auto`: the browser's. */
  language: {
    kind: 'choice',
    value: 'auto',
    among: [
      ...['auto', 'en', 'cs', 'de', 'el', 'es', 'fr', 'hr', 'hu', 'it', 'ja', 'ko', 'nl', 'pl'],
      ...['pt-BR', 'ru', 'sv', 'tr', 'uk', 'zh-CN', 'zh-TW'],
    ],
  },
  /** The keyboard layout that the console expects when text is typed out for it. */
  typingLayout: {
    kind: 'choice',
    value: 'us',
    among: ['us', 'uk', 'de', 'fr', 'es', 'it', 'pt', 'ch', 'se', 'no', 'dk'],
  },
  /** The pause between two typed characters, in milliseconds. */
  typingPace: { kind: 'number', value: 20, least: 0, most: 1000 },
} as const satisfies Record<string, Rule>;

type Table = typeof PAGE_SETTINGS;

/** The settings of the console page, complete. */
export type PageSettings = {
  -readonly [Name in keyof Table]: Table[Name] extends { among: readonly (infer Value)[] }
    ? Value
    : Table[Name] extends { kind: 'number' }
      ? number
      : boolean;
};

export type PageSettingName = keyof PageSettings;

/** What a host decides about one setting. */
export interface SettingRule<Value> {
  /** In place of our default. */
  value?: Value;
  /** The viewer cannot change it. */
  force?: boolean;
  /** The page has no control for it. */
  hide?: boolean;
}

export type SettingRules = {
  readonly [Name in PageSettingName]?: SettingRule<PageSettings[Name]>;
};

/** Says if a value is one that a setting may have. */
export function isSettingValue<Name extends PageSettingName>(
  name: Name,
  value: unknown,
): value is PageSettings[Name] {
  const rule: Rule = PAGE_SETTINGS[name];
  if (rule.kind === 'switch') return typeof value === 'boolean';
  if (rule.kind === 'choice') return typeof value === 'string' && rule.among.includes(value);
  const number = Number(value);
  return Number.isInteger(value) && number >= rule.least && number <= rule.most;
}

/** Says in words what a setting may be. */
export function expectedOf(name: PageSettingName): string {
  const rule: Rule = PAGE_SETTINGS[name];
  if (rule.kind === 'switch') return 'true or false';
  if (rule.kind === 'choice') return `one of ${rule.among.join(', ')}`;
  return `a whole number from ${rule.least} to ${rule.most}`;
}
