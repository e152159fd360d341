import type { Dictionary } from './language.ts';

type Load = () => Promise<{ readonly default: Dictionary }>;

/** Each language but English, by its tag (BCP 47); a dictionary is fetched when it is wanted. */
export const languages: Readonly<Record<string, Load>> = {
  cs: () => import('../languages/cs.ts'),
  de: () => import('../languages/de.ts'),
  el: () => import('../languages/el.ts'),
  es: () => import('../languages/es.ts'),
  fr: () => import('../languages/fr.ts'),
  hr: () => import('../languages/hr.ts'),
  hu: () => import('../languages/hu.ts'),
  it: () => import('../languages/it.ts'),
  ja: () => import('../languages/ja.ts'),
  ko: () => import('../languages/ko.ts'),
  nl: () => import('../languages/nl.ts'),
  pl: () => import('../languages/pl.ts'),
  'pt-BR': () => import('../languages/pt-BR.ts'),
  ru: () => import('../languages/ru.ts'),
  sv: () => import('../languages/sv.ts'),
  tr: () => import('../languages/tr.ts'),
  uk: () => import('../languages/uk.ts'),
  'zh-CN': () => import('../languages/zh-CN.ts'),
  'zh-TW': () => import('../languages/zh-TW.ts'),
};
