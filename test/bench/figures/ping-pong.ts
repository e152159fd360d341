import { DOORS, type RelayName } from '../relays.ts';
import type { Figure } from './figure.ts';

const SIZE = 16;
const WARM_UP = 2000;
const MESSAGES = 15_000;

/** Messages of the size of a key press, each echoed before the next. */
export const pingPong: Figure<RelayName> = {
  name: 'ping-pong',
  contestants: [...DOORS, 'net.pipe', 'websockify'],
  judged: DOORS,
  rows: [
    {
      key: 'cpu',
      label: 'ping-pong of 16 bytes, CPU µs',
      digits: 1,
      bars: [{ atMost: 1.2, times: 'net.pipe' }],
    },
    {
      key: 'median',
      label: '- round trip, median µs',
      digits: 0,
      bars: [{ atMost: 1.2, times: 'net.pipe' }],
    },
  ],
  measure: (name, lab) =>
    lab.withRelay(name, { does: 'echo' }, async (relay) => {
      const messages = MESSAGES * lab.scale;
      await lab.load.call('pingPong', relay.door, WARM_UP, SIZE);
      const before = relay.cpuSeconds();
      const seconds = await lab.load.call('pingPong', relay.door, messages, SIZE);
      const cpu = relay.cpuSeconds() - before;
      return { cpu: (cpu / messages) * 1e6, median: seconds * 1e6 };
    }),
};
