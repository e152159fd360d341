import { setTimeout as delay } from 'node:timers/promises';
import { DOORS, type RelayName } from '../relays.ts';
import type { Figure } from './figure.ts';

const SESSIONS = 100;
const UPDATE = { bytes: 16_000, perSecond: 30 };
const WARM_UP = 1000;
const DURATION = 4000;

/** Below this part of what the targets send, the machine is too busy to tell anything. */
const LEAST_SHARE = 0.95;

/** Live desktops, each with updates at a steady pace. */
export const fleet: Figure<RelayName> = {
  name: 'fleet',
  contestants: [...DOORS, 'net.pipe', 'websockify'],
  judged: DOORS,
  rows: [
    {
      key: 'cpu',
      label: '100 live sessions, % of a core each',
      digits: 3,
      bars: [
        { atMost: 0.9, times: 'net.pipe' },
        { atMost: 0.45, times: 'websockify' },
      ],
    },
  ],
  measure: (name, lab) =>
    lab.withRelay(name, { does: 'update', ...UPDATE }, async (relay) => {
      await lab.load.call('hold', relay.door, SESSIONS);
      await delay(WARM_UP);
      await lab.load.call('heldBytes');
      const [before, start] = [relay.cpuSeconds(), performance.now()];
      await delay(DURATION * lab.scale);
      const cpu = relay.cpuSeconds() - before;
      const seconds = (performance.now() - start) / 1000;
      const bytes = await lab.load.call('heldBytes');
      await lab.load.call('release');
      const share = bytes / (SESSIONS * UPDATE.bytes * UPDATE.perSecond * seconds);
      if (share < LEAST_SHARE) throw new Error(`${Math.round(share * 100)} % of the updates came`);
      return { cpu: (cpu / seconds / SESSIONS) * 100 };
    }),
};
