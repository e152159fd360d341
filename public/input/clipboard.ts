import { current } from '../current.ts';
import { elements } from '../elements.ts';
import { say } from '../language/language.ts';
import {
  beyondLatin1,
  ClipboardText,
  cutText,
  MOST_TEXT,
  sizeOf,
  sizeWords,
} from './clipboard-text.ts';

const { panel, text, send, paste, copy, note, show, size } = elements.clipboard;
const open = elements.toolbar.clipboard;
const content = new ClipboardText();
const most = sizeWords(MOST_TEXT);

/** Wires the clipboard panel, once. */
export function bindClipboard(): void {
  current.onOver(() => panel.hidePopover());

  // Without a secure page, or in a browser that does not let pages read it, the panel is all there is.
  paste.hidden = !navigator.clipboard?.readText;
  copy.hidden = !navigator.clipboard?.writeText;

  text.addEventListener('input', () => {
    content.write(text.value);
    render('');
  });
  send.addEventListener('click', sendText);
  text.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) sendText();
  });
  paste.addEventListener('click', () => void pasteText());
  copy.addEventListener('click', () => void copyText());
  show.addEventListener('click', () => {
    content.showHeld();
    render('');
    text.focus();
  });
  panel.addEventListener('toggle', (event) => {
    if (event.newState === 'open') {
      announce(false);
      text.focus();
    } else {
      note.textContent = '';
      current.focus();
    }
  });
  render('');
}

/** Shows what was copied on the console, or says that there is some. */
export function receiveText(received: string): void {
  const kept = cutText(received, MOST_TEXT);
  const outcome = content.receive(kept);
  if (outcome === 'nothing') return;
  announce(!panel.matches(':popover-open'));
  if (outcome === 'held') render(say('The console has new text. Yours is still here.'));
  else if (kept === received) render(say('New text from the console.'));
  else render(say('New text from the console, of which only the first {most} are here.', { most }));
}

function sendText(): void {
  const { desktop } = current;
  if (!desktop || text.readOnly) return; // it is only to be read where the viewer may send none
  const bytes = sizeOf(content.value);
  if (bytes > MOST_TEXT) {
    const words = 'Nothing was sent: this text has {size}, and the most is {most}.';
    render(say(words, { size: sizeWords(bytes), most }));
    return;
  }
  desktop.clipboardPasteFrom(content.value);
  content.markSent();
  const lost = desktop.takesUnicode ? [] : beyondLatin1(content.value);
  const characters = lost.join(' ');
  render(
    lost.length === 0
      ? say('Sent. Paste it there as usual.')
      : say('Sent, but this console’s clipboard turns {characters} into “?”.', { characters }),
  );
}

async function pasteText(): Promise<void> {
  try {
    content.write(await navigator.clipboard.readText());
    render('');
    sendText();
  } catch {
    render(say('The browser did not let this page read the clipboard. Paste it in here instead.'));
    text.focus();
  }
}

async function copyText(): Promise<void> {
  try {
    await navigator.clipboard.writeText(content.value);
    render(say('Copied to this computer.'));
  } catch {
    render(
      say('The browser did not let this page write the clipboard. Copy it from here instead.'),
    );
    text.select();
  }
}

/** A dot on the button, for who does not look into the panel. */
function announce(hasNews: boolean): void {
  open.toggleAttribute('data-news', hasNews);
  open.ariaDescription = hasNews ? say('There is new text from the console.') : null;
}

function render(words: string): void {
  // Writing the same value would move the cursor.
  if (text.value !== content.value) text.value = content.value;
  const bytes = sizeOf(content.value);
  size.textContent = bytes === 0 ? '' : sizeWords(bytes);
  size.toggleAttribute('data-over', bytes > MOST_TEXT);
  show.hidden = content.held === null;
  note.textContent = words;
}
