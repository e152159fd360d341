import { current } from '../current.ts';
import { elements } from '../elements.ts';
import { type Key, keyOf, NAMED } from './key-codes.ts';
import { textChange } from './text-change.ts';

const { open, field } = elements.touchKeyboard;

// A keyboard says that it erased something only if there is something: empty lines, which no
// word is guessed from.
const PAD = '\n'.repeat(64);
const MOST = 2_000;

const HOLDS = new Set(['Control', 'Alt', 'AltGraph', 'Shift', 'Meta']);

/** Wires the keyboard of phones and tablets, which opens for a field of text only; once. */
export function bindTouchKeyboard(): void {
  let before = PAD;
  let isComposing = false;
  const down = new Map<string, Key>();

  // The focus goes where the click says, and nowhere else before.
  open.addEventListener('pointerdown', (event) => event.preventDefault());
  open.addEventListener('mousedown', (event) => event.preventDefault());
  open.addEventListener('click', () => {
    if (document.activeElement === field) current.focus();
    else field.focus({ preventScroll: true });
  });
  current.onOver(() => field.blur());

  field.addEventListener('focus', () => show(true));
  field.addEventListener('blur', () => show(false));
  field.addEventListener('compositionstart', () => {
    isComposing = true;
  });
  field.addEventListener('compositionend', () => {
    isComposing = false;
    take();
  });
  // Also while a word is being composed, as phones compose every word: what the word turns into
  // takes the place of what it was, by Backspace.
  field.addEventListener('input', take);
  field.addEventListener('keydown', (event) => {
    // What a word is composed of is none of the console's keys; it comes as input.
    if (event.isComposing || event.keyCode === 229) return;
    const isShortcut = event.ctrlKey || event.altKey || event.metaKey;
    if (!Object.hasOwn(NAMED, event.key) && !(isShortcut && [...event.key].length === 1)) return;
    event.preventDefault();
    const key = keyOf(event.key);
    if (HOLDS.has(event.key)) down.set(event.key, key);
    current.desktop?.key(key, true);
    if (!HOLDS.has(event.key)) current.desktop?.key(key, false);
  });
  field.addEventListener('keyup', ({ key }) => letGo(key));

  function show(isOpen: boolean): void {
    open.ariaPressed = String(isOpen);
    if (current.desktop) current.desktop.focusOnClick = !isOpen;
    for (const name of [...down.keys()]) letGo(name);
    isComposing = false;
    restart();
  }

  function take(): void {
    const { erased, written } = textChange(before, field.value);
    before = field.value;
    for (let n = 0; n < erased; n += 1) press(NAMED.Backspace);
    for (const character of written) press(keyFor(character));
    if (!isComposing && (before.length > MOST || before.length < PAD.length / 2)) restart();
  }

  function restart(): void {
    field.value = PAD;
    before = PAD;
    field.setSelectionRange(PAD.length, PAD.length);
  }

  function letGo(name: string): void {
    const key = down.get(name);
    if (!key) return;
    down.delete(name);
    current.desktop?.key(key, false);
  }
}

function press(key: Key): void {
  current.desktop?.key(key, true);
  current.desktop?.key(key, false);
}

function keyFor(character: string): Key {
  if (character === '\n') return NAMED.Enter;
  if (character === '\t') return NAMED.Tab;
  // Where the character is on the console's keyboard is not known: its keysym has to do.
  return { code: '', keysym: character };
}
