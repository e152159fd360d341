import { current } from '../current.ts';
import { elements } from '../elements.ts';
import { mayFocusUnasked } from '../host/may-focus.ts';
import { receiveText } from '../input/clipboard.ts';
import { say } from '../language/language.ts';
import { settings } from '../settings.ts';
import { askCredentials, bindCredentials, keeper } from '../sign-in/credentials.ts';
import { askTrust } from '../sign-in/identity.ts';
import { clearEnding, showEnding, showWait } from './curtain.ts';
import type { Account } from './details.ts';
import { bindDetails, showDetails } from './details-box.ts';
import type { Ending } from './endings.ts';
import { Reconnector } from './reconnect.ts';
import { openSession, type Session } from './session.ts';
import { showStalled, showState } from './state.ts';
import { pageTitle } from './title.ts';

const { root, curtain, screen } = elements;
const label = elements.label.textContent;
const relay = root.dataset.relay ?? '';

let session: Session | null = null;
let ending: Ending | null = null;
let isLeaving = false;

const reconnector = new Reconnector(
  {
    now: () => performance.now(),
    after(delay, callback) {
      const timer = setTimeout(callback, delay);
      return () => clearTimeout(timer);
    },
    random: Math.random,
    isOnline: () => navigator.onLine,
    isVisible: () => document.visibilityState === 'visible',
  },
  {
    connect: open,
    onWait(wait) {
      if (root.dataset.state !== 'waiting') showState('waiting');
      if (ending) showWait(ending, wait);
    },
  },
);

/** Wires what begins and ends sessions, once. */
export function bindConnection(): void {
  bindCredentials();
  bindDetails();
  for (const button of curtain.ways) {
    button.addEventListener('click', () => {
      if (button.dataset.way === 'reload') location.reload();
      else connect();
    });
  }
  curtain.now.addEventListener('click', () => reconnector.now());
  curtain.stop.addEventListener('click', stop);
  curtain.cancel.addEventListener('click', disconnect);
  addEventListener('online', () => reconnector.wake());
  addEventListener('offline', () => reconnector.rest());
  document.addEventListener('visibilitychange', () => reconnector.look());
  settings.watch('reconnect', (isWanted) => {
    if (!isWanted && reconnector.isWaiting) stop();
  });
}

/** Opens a session because the viewer wants one. */
export function connect(): void {
  reconnector.stop();
  delete root.dataset.again;
  open();
}

/** Ends the session because the viewer wants no more of it. */
export function disconnect(): void {
  keeper.forget();
  isLeaving = true;
  stop();
}

/** Ends the session, if there is one, and opens another. */
export function reconnect(): void {
  session?.close();
  connect();
}

function open(): void {
  isLeaving = false;
  clearEnding();
  session = openSession(relay, screen, {
    askCredentials,
    askTrust,
    onStage: showState,
    onClipboard: receiveText,
    onName(name) {
      document.title = pageTitle(label, name);
    },
    onConnected(desktop) {
      reconnector.onConnected();
      desktop.name(
        say('Remote screen of {name}', { name: label }),
        say('Ctrl, Alt and Shift together lead out of the screen.'),
      );
      current.set(desktop);
    },
    onPicture() {
      delete root.dataset.again;
      showState('connected');
      if (mayFocusUnasked()) current.focus();
    },
    onStalled: showStalled,
    onEnd,
  });
}

function onEnd(account: Account): void {
  session = null;
  ending = account.ending;
  current.set(null);
  document.title = label;
  const { kind, code } = ending;
  if (kind === 'CREDENTIALS') keeper.reject();
  else if (code === 'closed' || code === 'cancelled') keeper.forget();
  showDetails(account, reconnector.tries);
  // Whoever does not share took the console from another: taking it back would never end.
  const isTaken = kind === 'SERVER_CLOSED' && !settings.get('shared');
  const next = reconnector.onEnd(kind, settings.get('reconnect') && !isLeaving && !isTaken);
  if (next === 'again') root.dataset.again = '';
  else finish(next === 'exhausted');
}

/** Ends the wait for another session, or that session: a press may come when it has just begun. */
function stop(): void {
  if (reconnector.isWaiting) {
    reconnector.stop();
    finish(false);
  } else {
    session?.close();
  }
}

function finish(isExhausted: boolean): void {
  if (!ending) return;
  // Whoever leaves does not want it to be seen any longer.
  if (ending.kind === 'CLOSED') screen.replaceChildren();
  delete root.dataset.again;
  clearEnding();
  showState('ended');
  showEnding(ending, isExhausted);
}
