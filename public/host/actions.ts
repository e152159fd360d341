import { current } from '../current.ts';
import { ask } from '../dialogs.ts';
import { elements } from '../elements.ts';
import { say } from '../language/language.ts';
import { showOutcome } from '../outcome.ts';
import { requestAction } from './action-request.ts';
import { mayFocusUnasked } from './may-focus.ts';

const { buttons, confirm, question, ok } = elements.actions;

/** Wires the host's own buttons, once; they work whether or not there is a desktop. */
export function bindActions(relay: string, name: string): void {
  for (const button of buttons) button.addEventListener('click', () => void act(button));

  async function act(button: HTMLButtonElement): Promise<void> {
    const { action = '', confirm: words } = button.dataset;
    if (words && !(await isConfirmed(say(words, { name }), button.textContent.trim()))) {
      return current.focus();
    }
    button.disabled = true;
    button.ariaBusy = 'true';
    const { message, error } = await requestAction(relay, action);
    button.disabled = false;
    button.ariaBusy = 'false';
    showOutcome(say(error ?? message ?? 'Done.'), error !== undefined);
    // It may take long, and the viewer be typing something by now.
    if (mayFocusUnasked()) current.focus();
  }
}

function isConfirmed(words: string, answer: string): Promise<boolean> {
  question.textContent = words;
  ok.textContent = answer;
  return ask(confirm, new AbortController().signal);
}
