import { isSettingValue, type PageSettingName } from '../../lib/page-settings.ts';

/** The protocol's number in every message: one that breaks old pages will have another. */
const VERSION = 1;

/** Whose messages these are, among all that pages post to each other. */
const NAME = 'express-novnc';

/** What a console tells the page around it. */
export type ConsoleEvent =
  | { readonly event: 'state'; readonly state: string }
  | { readonly event: 'end'; readonly code: number | string; readonly reason: string }
  | { readonly event: 'resize'; readonly width: number; readonly height: number }
  | { readonly event: 'title'; readonly title: string }
  | { readonly event: 'bell' }
  | { readonly event: 'screenshot'; readonly id: number; readonly blob: Blob | null };

/** What the page around a console may ask of it. */
export type Command =
  | { readonly command: 'disconnect' | 'reconnect' | 'sendCtrlAltDel' | 'focus' }
  /** Pressed in this order and let go of in the other: names as of `KeyboardEvent.key`. */
  | { readonly command: 'sendKeys'; readonly keys: readonly string[] }
  | { readonly command: 'paste'; readonly text: string }
  | { readonly command: 'set'; readonly setting: PageSettingName; readonly value: never }
  /** Answered by the event of the same name and id. */
  | { readonly command: 'screenshot'; readonly id: number };

const MAX_KEYS = 16;
const MAX_KEY_LENGTH = 32;
const MAX_TEXT_LENGTH = 1024 * 1024;

/** What does not decide who may do what, nor what is kept. */
const HARMLESS: ReadonlySet<unknown> = new Set<PageSettingName>([
  ...(['scaling', 'quality', 'compression', 'viewOnly', 'bell', 'visualBell'] as const),
  ...(['cursorDot', 'theme'] as const),
]);

/** The message of an event. */
export function messageOf(event: ConsoleEvent): object {
  return { source: NAME, version: VERSION, ...event };
}

/** Reads a message of another page as a command; null: it is none. Never throws. */
export function parseCommand(data: unknown): Command | null {
  if (typeof data !== 'object' || data === null) return null;
  const { target, version, command, keys, text, setting, value, id } = data as Record<
    string,
    unknown
  >;
  if (target !== NAME || version !== VERSION) return null;
  switch (command) {
    case 'disconnect':
    case 'reconnect':
    case 'sendCtrlAltDel':
    case 'focus':
      return { command };
    case 'sendKeys':
      return areKeys(keys) ? { command, keys: [...keys] } : null;
    case 'paste':
      return typeof text === 'string' && text.length <= MAX_TEXT_LENGTH ? { command, text } : null;
    case 'screenshot':
      return Number.isSafeInteger(id) ? { command, id: Number(id) } : null;
    case 'set':
      return HARMLESS.has(setting) && isSettingValue(setting as PageSettingName, value)
        ? { command, setting: setting as PageSettingName, value: value as never }
        : null;
    default:
      return null;
  }
}

function areKeys(keys: unknown): keys is string[] {
  if (!Array.isArray(keys) || keys.length === 0 || keys.length > MAX_KEYS) return false;
  return keys.every((key) => typeof key === 'string' && key !== '' && key.length <= MAX_KEY_LENGTH);
}

/**
 * The origins to post to: the one page around this one where the browser says whose it is, else
 * every one that may be. Never `*`.
 */
export function recipients(
  allowed: readonly string[],
  ancestor: string | undefined,
): readonly string[] {
  if (ancestor === undefined) return allowed;
  return allowed.includes(ancestor) ? [ancestor] : [];
}
