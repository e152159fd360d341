import { elements } from './elements.ts';
import type { Ending } from './endings.ts';

const { root, curtain } = elements;

/** Tells how the session ended, and offers another. */
export function showEnding({ code, words, detail }: Ending): void {
  root.dataset.endCode = String(code);
  curtain.cause.textContent = words;
  curtain.detail.textContent = detail ?? '';
  curtain.reconnect.focus();
}

/** Takes the last ending away. */
export function clearEnding(): void {
  delete root.dataset.endCode;
  curtain.cause.textContent = '';
  curtain.detail.textContent = '';
}
