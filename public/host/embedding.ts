import { isKey } from '../../lib/key-names.ts';
import { current } from '../current.ts';
import { elements } from '../elements.ts';
import { type Key, keyOf } from '../input/key-codes.ts';
import type { Desktop } from '../screen/desktop.ts';
import { settings } from '../settings.ts';
import {
  type Command,
  type ConsoleEvent,
  messageOf,
  parseCommand,
  recipients,
} from './embed-protocol.ts';

const { root, curtain } = elements;
const { embedders = '' } = root.dataset;
const allowed = [location.origin, ...embedders.split(' ').filter(Boolean)];

/** What the page around this one may do to the session. */
interface Embedded {
  disconnect(): void;
  reconnect(): void;
}

/** Lets the page around this one follow and steer the console, if this one is in a frame. */
export function bindEmbedding({ disconnect, reconnect }: Embedded): void {
  if (parent === window) return;
  const origins = recipients(allowed, location.ancestorOrigins?.[0]);

  addEventListener('message', ({ data, origin, source }) => {
    if (source !== parent || !allowed.includes(origin)) return;
    const command = parseCommand(data);
    if (command) obey(command, origin);
  });
  // The state is the root's; whoever changes it, the words of an end stand when this is called.
  new MutationObserver(tellState).observe(root, { attributeFilter: ['data-state'] });
  current.onOpen((desktop) => {
    tellSize();
    desktop.addEventListener('resize', tellSize);
    desktop.addEventListener('bell', () => tell({ event: 'bell' }));
    desktop.addEventListener('desktopname', tellTitle);
    tellTitle();
  });
  // The frame was given the keyboard, by Tab or by a script: so is the screen.
  addEventListener('focus', () => {
    if (document.activeElement === document.body) current.focus();
  });
  tellState();

  function tell(event: ConsoleEvent): void {
    for (const origin of origins) parent.postMessage(messageOf(event), origin);
  }

  function tellState(): void {
    const { state = '', endCode = '' } = root.dataset;
    tell({ event: 'state', state });
    if (state !== 'ended') return;
    const code = /^\d+$/.test(endCode) ? Number(endCode) : endCode;
    tell({ event: 'end', code, reason: curtain.cause.textContent });
  }

  function tellSize(): void {
    if (current.desktop) tell({ event: 'resize', ...current.desktop.size });
  }

  function tellTitle(): void {
    // Whoever else hears of the name makes the title of it first.
    queueMicrotask(() => tell({ event: 'title', title: document.title }));
  }

  function obey(asked: Command, origin: string): void {
    const { desktop } = current;
    if (asked.command === 'disconnect') disconnect();
    else if (asked.command === 'reconnect') reconnect();
    else if (asked.command === 'focus') current.focus();
    else if (asked.command === 'sendCtrlAltDel') desktop?.sendCtrlAltDel();
    else if (asked.command === 'paste') desktop?.clipboardPasteFrom(asked.text);
    else if (asked.command === 'set') settings.set(asked.setting, asked.value);
    else if (asked.command === 'screenshot') sendPicture(asked.id, origin);
    else if (asked.command === 'sendKeys' && desktop && asked.keys.every(isKey)) {
      press(desktop, asked.keys.map(keyOf));
    }
  }

  function sendPicture(id: number, origin: string): void {
    const reply = (blob: Blob | null) =>
      parent.postMessage(messageOf({ event: 'screenshot', id, blob }), origin);
    if (current.desktop) current.desktop.toBlob(reply);
    else reply(null);
  }
}

function press(desktop: Desktop, keys: readonly Key[]): void {
  for (const key of keys) desktop.key(key, true);
  for (const key of keys.toReversed()) desktop.key(key, false);
}
