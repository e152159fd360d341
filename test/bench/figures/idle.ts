import { setTimeout as delay } from 'node:timers/promises';
import { DOORS, type RelayName } from '../relays.ts';
import type { Figure } from './figure.ts';

const WARM_UP = 200;
const SESSIONS = 1000;

/** Time for a relay to let go of what opening or closing sessions needed. */
const SETTLE = 1500;

/** Sessions in which nothing happens. */
export const idle: Figure<RelayName> = {
  name: 'idle',
  contestants: [...DOORS, 'net.pipe'],
  judged: DOORS,
  maxRounds: 3,
  rows: [{ key: 'memory', label: 'idle session, KiB', digits: 1, bars: [{ atMost: 16 }] }],
  measure: (name, lab) =>
    lab.withRelay(name, { does: 'nothing' }, async (relay) => {
      await lab.load.call('openAndClose', relay.door, WARM_UP);
      await delay(SETTLE);
      const before = relay.memoryBytes();
      await lab.load.call('hold', relay.door, SESSIONS);
      await delay(SETTLE);
      const memory = relay.memoryBytes() - before;
      await lab.load.call('release');
      return { memory: memory / SESSIONS / 1024 };
    }),
};
