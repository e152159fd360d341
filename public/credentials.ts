import type { NoVncCredentials } from '@novnc/novnc';
import { ask } from './dialogs.ts';
import { elements } from './elements.ts';

/** Asks for what the VNC server wants to know, and keeps none of it but the last user name. */
export async function askCredentials(
  types: readonly (keyof NoVncCredentials)[],
  over: AbortSignal,
): Promise<NoVncCredentials | null> {
  const dialog = elements.credentials;
  const fields = [...dialog.querySelectorAll('input')];
  for (const field of fields) {
    const wanted = types.some((type) => type === field.name);
    field.disabled = !wanted;
    field.closest('label')?.toggleAttribute('hidden', !wanted);
  }
  const answered = ask(dialog, over);
  fields.find((field) => !field.disabled && !field.value)?.focus();
  const answer = (await answered)
    ? Object.fromEntries(fields.filter((field) => !field.disabled).map((f) => [f.name, f.value]))
    : null;
  for (const field of fields) if (field.name === 'password') field.value = '';
  return answer;
}
