import { elements } from '../elements.ts';
import { settings } from '../settings.ts';
import { type Dictionary, speak } from './language.ts';
import { languages } from './languages.ts';
import { directionOf, pickLanguage } from './pick-language.ts';
import { translate } from './translate.ts';

const { root } = elements;
let wanted = 'en';

/** Writes the page in the language that the settings say, now and whenever they change. */
export function bindLanguage(): void {
  settings.watch('language', (language) => void change(language));
}

async function change(language: string): Promise<void> {
  const tags = language === 'auto' ? navigator.languages : [language];
  const tag = pickLanguage(tags, ['en', ...Object.keys(languages)]);
  if (tag === wanted) return;
  wanted = tag;
  const dictionary = await load(tag);
  if (!dictionary || tag !== wanted) return;
  speak(dictionary);
  translate(document.body);
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
