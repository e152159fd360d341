import type { Desktop } from './desktop.ts';
import { elements } from './elements.ts';

const { panel, text, send, paste, copy, note } = elements.clipboard;

/** Wires the clipboard panel, once. `desktop` is the one that is on the screen, if any. */
export function bindClipboard(desktop: () => Desktop | null): void {
  // Without a secure page, or in a browser that does not let pages read it, the panel is all there is.
  paste.hidden = !navigator.clipboard?.readText;
  copy.hidden = !navigator.clipboard?.writeText;

  send.addEventListener('click', sendText);
  text.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) sendText();
  });
  paste.addEventListener('click', () => void pasteText());
  copy.addEventListener('click', () => void copyText());
  panel.addEventListener('toggle', (event) => {
    if (event.newState === 'open') text.focus();
    else {
      note.textContent = '';
      desktop()?.focus({ preventScroll: true });
    }
  });

  function sendText(): void {
    desktop()?.clipboardPasteFrom(text.value);
    note.textContent = 'Sent. Paste it there as usual.';
  }

  async function pasteText(): Promise<void> {
    try {
      text.value = await navigator.clipboard.readText();
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

/** Shows what was copied on the console. */
export function receiveText(received: string): void {
  text.value = received;
  note.textContent = 'New text from the console.';
}
