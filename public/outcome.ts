import { elements } from './elements.ts';

const { outcome } = elements;

/** How long it stays, in milliseconds. */
const OUTCOME_TIME = 8_000;

let hiding: ReturnType<typeof setTimeout> | undefined;

/** Tells, for a while, how something went that the viewer has done, or that a fault has stopped. */
export function showOutcome(words: string, hasFailed: boolean): void {
  outcome.textContent = words;
  outcome.toggleAttribute('data-failed', hasFailed);
  clearTimeout(hiding);
  hiding = setTimeout(() => {
    outcome.textContent = '';
  }, OUTCOME_TIME);
}
