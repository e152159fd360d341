import { ClipboardText } from './clipboard-text.ts';
import { current } from './current.ts';
import { elements } from './elements.ts';

const { panel, text, send, paste, copy, note, show } = elements.clipboard;
const content = new ClipboardText();

/** Wires the clipboard panel, once. */
export function bindClipboard(): void {
  current.onOver(() => panel.hidePopover());

  // Without a secure page, or in a browser that does not let pages read it, the panel is all there is.
  paste.hidden = !navigator.clipboard?.readText;
  copy.hidden = !navigator.clipboard?.writeText;

  text.addEventListener('input', () => content.write(text.value));
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
    if (event.newState === 'open') text.focus();
    else {
      note.textContent = '';
      current.focus();
    }
  });

  function sendText(): void {
    current.desktop?.clipboardPasteFrom(text.value);
    content.markSent();
    note.textContent = 'Sent. Paste it there as usual.';
  }

  async function pasteText(): Promise<void> {
    try {
      content.write(await navigator.clipboard.readText());
      render('');
      sendText();
    } catch {
      note.textContent = 'The browser did not let this page read the clipboard.';
    }
  }

  async function copyText(): Promise<void> {
    try {
      await navigator.clipboard.writeText(text.value);
      note.textContent = 'Copied to this computer.';
    } catch {
      note.textContent = 'The browser did not let this page write to the clipboard.';
    }
  }
}

/** Shows what was copied on the console, or says that there is some. */
export function receiveText(received: string): void {
  const outcome = content.receive(received);
  if (outcome === 'shown') render('New text from the console.');
  if (outcome === 'held') render('The console has new text. Yours is still here.');
}

function render(words: string): void {
  // Writing the same value would move the cursor.
  if (text.value !== content.value) text.value = content.value;
  show.hidden = content.held === null;
  note.textContent = words;
}
