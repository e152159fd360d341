import { messageOf, parseCommand, recipients } from './embed-protocol.ts';

// Tells the page around a frame that there is no console in it, and tries again when asked.

const { endCode = '', embedders = '' } = document.documentElement.dataset;
const allowed = [location.origin, ...embedders.split(' ').filter(Boolean)];

if (parent !== window) {
  const reason = document.getElementById('cause')?.textContent ?? '';
  for (const origin of recipients(allowed, location.ancestorOrigins?.[0])) {
    parent.postMessage(messageOf({ event: 'state', state: 'ended' }), origin);
    parent.postMessage(messageOf({ event: 'end', code: Number(endCode), reason }), origin);
  }
  addEventListener('message', ({ data, origin, source }) => {
    if (source !== parent || !allowed.includes(origin)) return;
    if (parseCommand(data)?.command === 'reconnect') location.reload();
  });
}
