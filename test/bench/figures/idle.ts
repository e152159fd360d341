import { setTimeout as delay } from 'node:timers/promises';
import { DOORS, type RelayName } from '../relays.ts';
import type { Figure } from './figure.ts';

/**
 * Sessions that are there before. V8's young generation grows by steps, to 48 MB and no further, while
 * the first hundreds come: a cost of the process, which would be counted as theirs or not by chance.
 */
const BEFORE = 1500;
const SESSIONS = 2000;

/** Time for a relay to let go of what opening or closing sessions needed. */
const SETTLE = 1500;

/** What one more session costs in which nothing happens. */
export const idle: Figure<RelayName> = {
  name: 'idle',
  contestants: [...DOORS, 'net.pipe'],
  judged: DOORS,
  maxRounds: 3,
  rows: [{ key: 'memory', label: 'one more idle session, KiB', digits: 1, bars: [{ atMost: 16 }] }],
  measure: (name, lab) =>
    lab.withRelay(name, { does: 'nothing' }, async (relay) => {
      await lab.load.call('hold', relay.door, BEFORE);
      await delay(SETTLE);
      const before = relay.memoryBytes();
      await lab.load.call('hold', relay.door, SESSIONS);
      await delay(SETTLE);
      const memory = relay.memoryBytes() - before;
      await lab.load.call('release');
      return { memory: memory / SESSIONS / 1024 };
    }),
};
