import { setTimeout as delay } from 'node:timers/promises';
import type { Lab } from '../lab.ts';
import { DOORS, type Relay, type RelayName } from '../relays.ts';
import type { Figure } from './figure.ts';

/**
 * Sessions that are there before. V8's young generation grows by steps, to 48 MB and no further, while
 * the first hundreds come: a cost of the process, which would be counted as theirs or not by chance.
 */
const BEFORE = 1500;
const SESSIONS = 2000;

/** Time for a relay to let go of what opening sessions needed, in milliseconds. */
const SETTLE = 1000;

/** What one more session costs in which nothing happens. */
export const idle: Figure<RelayName> = {
  name: 'idle',
  contestants: [...DOORS, 'net.pipe'],
  judged: DOORS,
  maxRounds: 3,
  rows: [{ key: 'memory', label: 'one more idle session, KiB', digits: 1, bars: [{ atMost: 16 }] }],
  measure: (name, lab) =>
    lab.withRelay(name, { does: 'nothing' }, async (relay) => {
      const before = await memoryWith(BEFORE, relay, lab);
      const memory = (await memoryWith(SESSIONS, relay, lab)) - before;
      await lab.load.call('release');
      return { memory: memory / SESSIONS / 1024 };
    }),
};

/** Opens so many sessions more, and tells what all hold: without garbage, which Node collects by chance. */
async function memoryWith(sessions: number, relay: Relay, lab: Lab): Promise<number> {
  await lab.load.call('hold', relay.door, sessions);
  await delay(SETTLE);
  relay.collectGarbage();
  await delay(SETTLE);
  return relay.memoryBytes();
}
