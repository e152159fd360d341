/** Texts by the exact English they stand for. */
export type Dictionary = Readonly<Record<string, string>>;

type Values = Readonly<Record<string, string | number>>;

/** An English text, and what fills its `{names}`. */
interface Source {
  readonly text: string;
  readonly values: Values;
}

// More than a page shows at a time; a text that was said longer ago is not on it any more.
const MAX_REMEMBERED = 1_000;

let dictionary: Dictionary = {};
const remembered = new Map<string, Source>();

/** Makes `say` speak another language; an empty dictionary is English. */
export function speak(next: Dictionary): void {
  dictionary = next;
}

/** The text as the viewer reads it, its `{names}` filled in. */
export function say(text: string, values: Values = {}): string {
  const words = fill((Object.hasOwn(dictionary, text) && dictionary[text]) || text, values);
  if (words !== text) remember(words, { text, values });
  return words;
}

/** The English that words on the page stand for, in whichever language they were said. */
export function sourceOf(words: string): Source | null {
  const source = remembered.get(words);
  if (source) return source;
  return Object.hasOwn(dictionary, words) ? { text: words, values: {} } : null;
}

function fill(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

function remember(words: string, source: Source): void {
  remembered.delete(words); // the last said is the last forgotten
  remembered.set(words, source);
  const [oldest] = remembered.keys();
  if (remembered.size > MAX_REMEMBERED && oldest !== undefined) remembered.delete(oldest);
}
