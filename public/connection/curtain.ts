import { elements } from '../elements.ts';
import { mayFocusUnasked } from '../host/may-focus.ts';
import { say } from '../language/language.ts';
import type { Ending } from './endings.ts';
import { HINTS } from './hints.ts';
import type { Wait } from './reconnect.ts';
import { MAX_TRIES } from './reconnect-plan.ts';

const { root, curtain, details } = elements;

/** Tells how the session ended, what to do about it, and offers the one thing that helps. */
export function showEnding(ending: Ending, isExhausted: boolean): void {
  const { text, way } = HINTS[ending.kind];
  root.dataset.endCode = String(ending.code);
  showCause(ending);
  curtain.hint.textContent = isExhausted
    ? say('It was tried {count} times without success.', { count: MAX_TRIES })
    : say(text);
  for (const button of curtain.ways) {
    const { way: its } = button.dataset;
    button.hidden = its !== way && !(its === 'again' && way === 'reload');
  }
  if (mayFocusUnasked()) curtain.ways.find((button) => !button.hidden)?.focus();
}

/** Tells why the session was lost, once, and counts down until the next. */
export function showWait(ending: Ending, wait: Wait): void {
  if (curtain.cause.textContent === '') {
    showCause(ending);
    if (mayFocusUnasked()) curtain.now.focus();
  }
  curtain.countdown.textContent = waitWords(wait);
}

/** Takes the last ending away. */
export function clearEnding(): void {
  delete root.dataset.endCode;
  details.box.open = false;
  details.note.textContent = '';
  for (const place of [curtain.cause, curtain.detail, curtain.hint, curtain.countdown]) {
    place.textContent = '';
  }
}

function showCause({ words, detail = '', values }: Ending): void {
  curtain.cause.textContent = say(words, values);
  curtain.detail.textContent = detail && say(detail, values);
}

function waitWords(wait: Wait): string {
  if (wait === 'offline') return say('This device is offline. It goes on once it is online again.');
  if (wait === 'hidden') return say('It goes on once this page is looked at again.');
  return say('Trying again in {seconds} s', { seconds: wait.seconds });
}
