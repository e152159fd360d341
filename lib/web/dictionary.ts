import type { Request } from 'express';
import type { SettingRules } from '../page-settings.ts';
import type { Manifest } from './assets.ts';

/**
 * The words that a page will most likely be read in, for the browser to fetch while it fetches the
 * page's script; undefined for English. The script decides, as it knows what the viewer has chosen.
 */
export function dictionaryFor(
  req: Pick<Request, 'acceptsLanguages'>,
  { language }: SettingRules,
  { dictionaries }: Manifest,
): string | undefined {
  const chosen = language?.value ?? 'auto';
  const tag =
    chosen === 'auto' ? req.acceptsLanguages(['en', ...Object.keys(dictionaries)]) : chosen;
  return tag !== false && Object.hasOwn(dictionaries, tag) ? dictionaries[tag] : undefined;
}
