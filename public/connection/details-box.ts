import { elements } from '../elements.ts';
import { say } from '../language/language.ts';
import { type Account, writeDetails } from './details.ts';

declare const VERSION: string;
declare const NOVNC_VERSION: string;

const { box, text, copy, note } = elements.details;

/** Wires the box of details, once. */
export function bindDetails(): void {
  // Without a secure page, the text can be selected.
  copy.hidden = !navigator.clipboard?.writeText;
  copy.addEventListener('click', () => void copyText());
}

/** Fills the box with what a session was like. */
export function showDetails(account: Account, tries: number): void {
  box.open = false;
  note.textContent = '';
  text.textContent = writeDetails(account, {
    version: VERSION,
    noVncVersion: NOVNC_VERSION,
    time: new Date(),
    address: location.href,
    agent: navigator.userAgent,
    isOnline: navigator.onLine,
    tries,
  });
}

async function copyText(): Promise<void> {
  try {
    await navigator.clipboard.writeText(text.textContent ?? '');
    note.textContent = say('Copied.');
  } catch {
    note.textContent = say('The browser did not let this page write to the clipboard.');
  }
}
