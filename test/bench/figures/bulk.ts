import { DOORS, type RelayName } from '../relays.ts';
import type { Figure } from './figure.ts';

const WARM_UP = 100e6;
const BYTES = 1e9;

/** One session at full speed, from the server to the browser. */
export const bulk: Figure<RelayName> = {
  name: 'bulk',
  contestants: [...DOORS, 'net.pipe', 'websockify'],
  judged: DOORS,
  rows: [
    {
      key: 'rate',
      label: 'bulk to the browser, MB/s',
      digits: 0,
      bars: [
        { atLeast: 1.8, times: 'net.pipe' },
        { atLeast: 1, times: 'websockify' },
      ],
    },
    {
      key: 'cpu',
      label: '- CPU, s per GB',
      digits: 2,
      bars: [{ atMost: 0.5, times: 'net.pipe' }],
    },
  ],
  measure: (name, lab) =>
    lab.withRelay(name, { does: 'flood' }, async (relay) => {
      const bytes = BYTES * lab.scale;
      await lab.load.call('download', relay.door, WARM_UP);
      const before = relay.cpuSeconds();
      const seconds = await lab.load.call('download', relay.door, bytes);
      const cpu = relay.cpuSeconds() - before;
      return { rate: bytes / seconds / 1e6, cpu: cpu / (bytes / 1e9) };
    }),
};
