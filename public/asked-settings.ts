import {
  expectedOf,
  isSettingValue,
  PAGE_SETTINGS,
  type PageSettingName,
  type PageSettings,
} from '../lib/page-settings.ts';

/** Whom a link is sent to shall not come to harm by it, nor shall others: of the rest it can ask none. */
const ASKABLE = [
  ...(['scaling', 'quality', 'compression', 'viewOnly'] as const),
  ...(['toolbarEdge', 'toolbarPinned', 'theme', 'language'] as const),
] satisfies PageSettingName[];

/**
 * The settings that an address asks for behind its `#`, as in `#viewOnly&scaling=fill`. What else is
 * there may be the host's own. A value that cannot be goes to the developer's console.
 */
export function settingsAsked(hash: string): Partial<PageSettings> {
  const fields = new URLSearchParams(hash.replace(/^#/, ''));
  const asked: Record<string, unknown> = {};
  for (const name of ASKABLE) {
    const text = fields.get(name);
    if (text === null) continue;
    const value = parse(name, text);
    // A link can take the hands off a console, and not put them on it.
    const isFit = isSettingValue(name, value) && (name !== 'viewOnly' || value === true);
    if (isFit) asked[name] = value;
    else console.warn(`#${name} is to be ${name === 'viewOnly' ? 'true' : expectedOf(name)}`);
  }
  return asked;
}

function parse(name: PageSettingName, text: string): unknown {
  const { kind } = PAGE_SETTINGS[name];
  if (kind === 'switch') return text === '' || text === 'true' || (text === 'false' ? false : null);
  return kind === 'number' && text !== '' ? Number(text) : text;
}
