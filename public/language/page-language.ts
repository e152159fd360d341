import { settings } from '../settings.ts';
import { type Dictionary, speak } from './language.ts';
import { languages } from './languages.ts';
import { directionOf, pickLanguage } from './pick-language.ts';
import { translate } from './translate.ts';

const root = document.documentElement;
let wanted = 'en';
let isNew = true;

/**
 * Writes the page in the language that the settings say, now and whenever they change: its body, and
 * what else there is to be read. Until it is there the first time, words are out of sight
 * (`data-unspoken`, which the server has set already for who reads no English).
 */
export function bindLanguage(...others: readonly Node[]): void {
  settings.watch('language', async (language) => {
    await change(language, [document.body, ...others]);
    delete root.dataset.unspoken;
    isNew = false;
  });
}

async function change(language: string, places: readonly Node[]): Promise<void> {
  const tags = language === 'auto' ? navigator.languages : [language];
  const tag = pickLanguage(tags, ['en', ...Object.keys(languages)]);
  if (tag === wanted) return;
  wanted = tag;
  if (isNew) root.dataset.unspoken = '';
  const dictionary = await load(tag);
  if (!dictionary || tag !== wanted) return;
  speak(dictionary);
  for (const place of places) translate(place);
  root.lang = tag;
  root.dir = directionOf(tag);
}

/** The dictionary of a language, or null when it cannot be fetched: the page stays as it is. */
async function load(tag: string): Promise<Dictionary | null> {
  try {
    return (await languages[tag]?.())?.default ?? {};
  } catch {
    if (tag === wanted) wanted = root.lang;
    return null;
  }
}
