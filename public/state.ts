import { elements } from './elements.ts';
import type { Stage } from './session.ts';

/** What the console is doing. It is `data-state` of the root, and CSS decides what shows. */
export type State = Stage | 'connected' | 'ended';

const WORDS: Record<State, string> = {
  connecting: 'Connecting',
  securing: 'Securing',
  'signing-in': 'Signing in',
  connected: 'Connected',
  ended: 'Disconnected',
};

/** Shows the state in the bar and, while there is no desktop, in the middle of the page. */
export function showState(state: State): void {
  const { root, status, screen, curtain, toolbar } = elements;
  root.dataset.state = state;
  status.textContent = WORDS[state];
  curtain.headline.textContent = `${WORDS[state]}…`;

  const connected = state === 'connected';
  screen.inert = !connected;
  toolbar.ctrlAltDel.disabled = !connected;
  toolbar.clipboard.disabled = !connected;
  toolbar.disconnect.disabled = state === 'ended';
}
