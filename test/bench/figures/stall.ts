import { setTimeout as delay } from 'node:timers/promises';
import { DOORS, type Relay, type RelayName } from '../relays.ts';
import type { Figure } from './figure.ts';

const WARM_UP = 100e6;
const READ_BEFORE = 32 * 2 ** 20;
const READ_AFTER = 224 * 2 ** 20;
const DURATION = 10_000;
const SAMPLE_INTERVAL = 50;

/** A browser that stops reading while the server sends at full speed, and then goes on. */
export const stall: Figure<RelayName> = {
  name: 'stall',
  // Without websockify: it holds all that such a browser does not read, gigabytes of it.
  contestants: [...DOORS, 'net.pipe'],
  judged: DOORS,
  maxRounds: 2,
  together: true,
  rows: [
    { key: 'held', label: 'browser stalled for 10 s, MiB held', digits: 2, bars: [{ atMost: 2 }] },
  ],
  measure: (name, lab) =>
    lab.withRelay(name, { does: 'keystream' }, async (relay) => {
      await lab.load.call('download', relay.door, WARM_UP);
      const before = relay.memoryBytes();
      await lab.load.call('stall', relay.door, READ_BEFORE);
      const peak = await peakMemory(relay, DURATION);
      const intact = await lab.load.call('resume', relay.door, READ_AFTER);
      if (!intact) throw new Error('the bytes after the stall are not the bytes sent');
      return { held: (peak - before) / 2 ** 20 };
    }),
};

async function peakMemory(relay: Relay, duration: number): Promise<number> {
  const end = performance.now() + duration;
  let peak = 0;
  while (performance.now() < end) {
    peak = Math.max(peak, relay.memoryBytes());
    await delay(SAMPLE_INTERVAL);
  }
  return peak;
}
