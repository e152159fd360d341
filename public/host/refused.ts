import { ENDS } from '../../lib/errors.ts';
import { HINTS } from '../connection/hints.ts';
import { bindLanguage } from '../language/page-language.ts';
import { bindTheme } from '../toolbar/theme.ts';
import { messageOf, parseCommand, recipients } from './embed-protocol.ts';

// Says what to do about a refusal, tells the page around a frame that there is no console in it, and
// tries again when asked.

const { endCode = '', embedders = '' } = document.documentElement.dataset;
const allowed = [location.origin, ...embedders.split(' ').filter(Boolean)];
const reason = document.getElementById('cause')?.textContent ?? '';
const kinds = Object.keys(ENDS) as (keyof typeof ENDS)[];
const kind = kinds.find((each) => ENDS[each].words === reason);
const hint = document.getElementById('hint');
const again = document.getElementById('try-again');

if (hint && kind) hint.textContent = HINTS[kind].text;
again?.addEventListener('click', () => location.reload());
again?.removeAttribute('hidden');
bindTheme();
bindLanguage(document.head);

if (parent !== window) {
  for (const origin of recipients(allowed, location.ancestorOrigins?.[0])) {
    parent.postMessage(messageOf({ event: 'state', state: 'ended' }), origin);
    parent.postMessage(messageOf({ event: 'end', code: Number(endCode), reason }), origin);
  }
  addEventListener('message', ({ data, origin, source }) => {
    if (source !== parent || !allowed.includes(origin)) return;
    if (parseCommand(data)?.command === 'reconnect') location.reload();
  });
}
