const RIGHT_TO_LEFT = /^(ar|ckb|dv|fa|he|ps|sd|ug|ur|yi)(-|$)/i;
const SIMPLIFIED = /-hans(-|$)/i;
const TRADITIONAL = /-(hant|tw|hk|mo)(-|$)/i;

/** The first of the wanted languages that is offered, by its tag (BCP 47); English if none is. */
export function pickLanguage(wanted: readonly string[], offered: readonly string[]): string {
  for (const tag of wanted) {
    const exact = offered.find((each) => each.toLowerCase() === tag.toLowerCase());
    const close = exact ?? offered.find((each) => isClose(tag, each));
    if (close) return close;
  }
  return 'en';
}

/** Which way a language is written. */
export function directionOf(tag: string): 'ltr' | 'rtl' {
  return RIGHT_TO_LEFT.test(tag) ? 'rtl' : 'ltr';
}

function isClose(tag: string, offered: string): boolean {
  if (baseOf(tag) !== baseOf(offered)) return false;
  return baseOf(tag) !== 'zh' || isTraditional(tag) === isTraditional(offered);
}

function isTraditional(tag: string): boolean {
  return TRADITIONAL.test(tag) && !SIMPLIFIED.test(tag);
}

function baseOf(tag: string): string {
  return tag.split('-', 1)[0]?.toLowerCase() ?? '';
}
