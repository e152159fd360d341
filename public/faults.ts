import { say } from './language/language.ts';
import { showOutcome } from './outcome.ts';

/** The browser's own way of saying that it will measure again in the next frame: no fault. */
const NO_FAULT = /^ResizeObserver loop/;

/** Tells of a fault in the page that nothing has caught; the console goes on if it can. */
export function bindFaults(): void {
  addEventListener('error', ({ error, message }) => {
    // Without an error it is another's script, such as an extension's.
    if (error && !NO_FAULT.test(message)) tell();
  });
  addEventListener('unhandledrejection', tell);
}

function tell(): void {
  showOutcome(say('Something in this page failed. The browser’s console says what.'), true);
}
