import { isName } from '../target/name.ts';

/** A console as `list` names it. */
export interface ListedConsole {
  /** What its address calls it. */
  readonly name: string;
  /** What is read in place of the name. */
  readonly label?: string;
  /** The heading under which it stands. */
  readonly group?: string;
  /** A line about it. */
  readonly description?: string;
  /** One word or two, such as `running` or `off`. */
  readonly state?: string;
}

/** What `list` returns. */
export type Listing = Iterable<ListedConsole>;

/** A console as a card of the wall. */
interface WallCard extends Required<Omit<ListedConsole, 'group'>> {
  /** Relative to the wall. */
  readonly href: string;
  /** How its state is coloured. */
  readonly tone: 'good' | 'busy' | 'soft';
}

export interface WallGroup {
  /** Empty for those without one. */
  readonly name: string;
  readonly cards: readonly WallCard[];
}

const TEXTS = ['label', 'group', 'description', 'state'] as const;

/** Sorts what `list` returned into groups, in its order. Throws an Error that says what is wrong. */
export function groupsOf(listing: Listing): readonly WallGroup[] {
  if (typeof (listing as Listing | undefined)?.[Symbol.iterator] !== 'function') {
    throw new Error('list did not return an array');
  }
  const groups = new Map<string, WallCard[]>();
  for (const console of listing) {
    const fault = faultOf(console);
    if (fault) throw new Error(`list returned a console that ${fault}`);
    const { group = '' } = console;
    const cards = groups.get(group) ?? [];
    cards.push(cardOf(console));
    groups.set(group, cards);
  }
  return [...groups].map(([name, cards]) => ({ name, cards }));
}

function faultOf(console: ListedConsole): string | null {
  if (typeof console !== 'object' || console === null) return 'is not an object';
  const { name } = console;
  if (typeof name !== 'string' || !isName(name)) return `has no name: ${JSON.stringify(name)}`;
  const wrong = TEXTS.find((key) => !['string', 'undefined'].includes(typeof console[key]));
  return wrong === undefined ? null : `has a ${wrong} that is no string`;
}

function cardOf(console: ListedConsole): WallCard {
  const { name, label = name, description = '', state = '' } = console;
  const href = `./${encodeURIComponent(name)}`;
  return { href, name, label, description, state, tone: toneOf(state) };
}

function toneOf(state: string): WallCard['tone'] {
  if (/^(on|up|online|ready|running)$/i.test(state)) return 'good';
  return /^(off|down|offline|stopped|unknown|shut ?off)$/i.test(state) ? 'soft' : 'busy';
}

/**
 * Where a mount that was asked for without its trailing slash has to lead, relative to it, or null
 * when it has one: all links on the wall are relative to the folder.
 */
export function folderOf(url: string): string | null {
  const [path = ''] = url.split('?', 1);
  const last = path.slice(path.lastIndexOf('/') + 1);
  return last === '' || last.includes('\\') ? null : `./${last}/`;
}
