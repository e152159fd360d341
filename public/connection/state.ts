import { elements } from '../elements.ts';
import { say } from '../language/language.ts';
import type { Stage } from './session.ts';
import { markTab } from './tab-icon.ts';

/** What the console is doing. It is `data-state` of the root, and CSS decides what shows. */
export type State = Stage | 'connected' | 'waiting' | 'ended';

const WORDS: Record<State, string> = {
  connecting: 'Connecting',
  securing: 'Securing',
  'signing-in': 'Signing in',
  connected: 'Connected',
  waiting: 'Waiting',
  ended: 'Disconnected',
};

const HEADLINES: Partial<Record<State, string>> = {
  connecting: 'Connecting…',
  securing: 'Securing…',
  'signing-in': 'Signing in…',
};

/** How long securing may take before the page tells of it, in milliseconds: it mostly is a blink. */
const PATIENCE = 400;

let telling: ReturnType<typeof setTimeout> | undefined;

/** Shows the state in the bar and, while there is no desktop, in the middle of the page. */
export function showState(state: State): void {
  const { root, screen, toolbar, keys, touchKeyboard, typing } = elements;
  root.dataset.state = state;
  delete root.dataset.stalled;
  // Between two of these the icon stays.
  if (state === 'connected' || state === 'waiting' || state === 'ended') {
    markTab(state === 'connected');
  }
  clearTimeout(telling);
  if (state === 'securing') telling = setTimeout(() => tell(state), PATIENCE);
  else tell(state);

  const connected = state === 'connected';
  screen.inert = !connected;
  toolbar.ctrlAltDel.disabled = !connected;
  toolbar.clipboard.disabled = !connected;
  keys.open.disabled = !connected;
  touchKeyboard.open.disabled = !connected;
  typing.open.disabled = !connected;
  toolbar.screenshot.disabled = !connected;
  toolbar.statistics.disabled = !connected;
  toolbar.disconnect.disabled = state === 'ended';
}

function tell(state: State): void {
  elements.status.textContent = say(WORDS[state]);
  elements.curtain.headline.textContent = say(HEADLINES[state] ?? '');
}

/** Shows whether the connection answers; only a connected one is asked to. */
export function showStalled(isStalled: boolean): void {
  const { root, status } = elements;
  if (root.dataset.state !== 'connected') return;
  root.toggleAttribute('data-stalled', isStalled);
  markTab(!isStalled);
  status.textContent = say(isStalled ? 'The connection is not answering' : WORDS.connected);
}
