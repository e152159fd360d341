import { say, sourceOf } from './language.ts';

type Source = NonNullable<ReturnType<typeof sourceOf>>;

/** What a text or an attribute shows, and the English it stands for. */
interface Shown {
  readonly words: string;
  readonly source: Source;
}

const ATTRIBUTES = ['title', 'aria-label', 'aria-description', 'placeholder', 'alt', 'label'];

// Names, what the host or the viewer wrote, and what is no text.
const KEPT = 'bdi, [translate="no"], script, style, head, svg';

const shown = new WeakMap<Node, Map<string, Shown>>();

/** Writes every text under a node in the language that is spoken, or in English again. */
export function translate(root: Node): void {
  const walker = document.createTreeWalker(
    root,
    NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT,
    (node) =>
      node instanceof Element && node.matches(KEPT)
        ? NodeFilter.FILTER_REJECT
        : NodeFilter.FILTER_ACCEPT,
  );
  for (let node: Node | null = root; node; node = walker.nextNode()) {
    if (node instanceof Text) translateText(node);
    else if (node instanceof Element) translateAttributes(node);
    if (node instanceof HTMLTemplateElement) translate(node.content);
  }
}

function translateText(node: Text): void {
  // What is typed into a field is the viewer's.
  if (node.parentElement?.matches('textarea')) return;
  const [, before = '', words = '', after = ''] = /^(\s*)(.*?)(\s*)$/s.exec(node.data) ?? [];
  const next = render(node, '', words.replace(/\s+/g, ' '));
  if (next !== null) node.data = before + next + after;
}

function translateAttributes(element: Element): void {
  for (const name of ATTRIBUTES) {
    const words = element.getAttribute(name);
    const next = words && render(element, name, words);
    if (next) element.setAttribute(name, next);
  }
}

/** The words that take the place of some others, or null where they stay. */
function render(node: Node, place: string, words: string): string | null {
  if (words === '') return null;
  const last = shown.get(node)?.get(place);
  // A script may have written something else since.
  const source = last?.words === words ? last.source : sourceOf(words);
  if (!source) return null;
  const next = say(source.text, source.values);
  const places = shown.get(node) ?? new Map<string, Shown>();
  shown.set(node, places.set(place, { words: next, source }));
  return next === words ? null : next;
}
