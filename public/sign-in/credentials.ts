import type { NoVncCredentials } from '@novnc/novnc';
import { ask } from '../dialogs.ts';
import { elements } from '../elements.ts';
import { CredentialKeeper } from './credential-keeper.ts';

const { dialog, failed, show } = elements.credentials;
const fields = [...dialog.querySelectorAll<HTMLInputElement>('input[name]')];
const password = fields.find((field) => field.name === 'password');

/** What the viewer signed in with, until they leave. */
export const keeper = new CredentialKeeper<NoVncCredentials>();

/** Wires the dialog, once. */
export function bindCredentials(): void {
  show.addEventListener('change', () => revealPassword(show.checked));
  addEventListener('pagehide', () => keeper.forget());
}

/** Asks for what the VNC server wants to know, unless it is known from just before. */
export async function askCredentials(
  types: readonly (keyof NoVncCredentials)[],
  over: AbortSignal,
): Promise<NoVncCredentials | null> {
  const known = keeper.answer(types);
  if (known) return known;
  for (const field of fields) {
    const wanted = types.some((type) => type === field.name);
    field.disabled = !wanted;
    field.closest('label')?.toggleAttribute('hidden', !wanted);
  }
  failed.hidden = !keeper.wasRejected;
  show.closest('label')?.toggleAttribute('hidden', !types.includes('password'));
  show.checked = false;
  revealPassword(false);

  const answered = ask(dialog, over);
  fields.find((field) => !field.disabled && !field.value)?.focus();
  const answer: NoVncCredentials | null = (await answered)
    ? Object.fromEntries(fields.filter((field) => !field.disabled).map((f) => [f.name, f.value]))
    : null;
  if (password) password.value = '';
  if (answer) keeper.keep(answer);
  return answer;
}

function revealPassword(isShown: boolean): void {
  if (password) password.type = isShown ? 'text' : 'password';
}
