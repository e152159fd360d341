import { setTimeout as delay } from 'node:timers/promises';
import type { Lab } from '../lab.ts';
import { DOORS, type RelayName } from '../relays.ts';
import type { Behaviour } from '../targets.ts';
import type { Figure, Reading } from './figure.ts';

const SESSIONS = 100;
const PER_SECOND = 30;
const UPDATE = 16_000;
/** About as much, as one rectangle of 32-bit pixels and its two headers. */
const RECTANGLE = { width: 80, height: 50 };
const RECTANGLE_UPDATE = 16 + RECTANGLE.width * RECTANGLE.height * 4;
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
    keepBusy(name, { does: 'update', bytes: UPDATE, perSecond: PER_SECOND }, 'hold', UPDATE, lab),
};

/** The same desktops behind a gateway that takes from viewers what they may not do. */
export const viewOnly = gatewayFleet('view-only', 1.15);

/** Behind one that takes the clipboard out of what the servers send. */
export const clipboard = gatewayFleet('clipboard', 1.5);

function gatewayFleet(rule: 'view-only' | 'clipboard', atMost: number): Figure<RelayName> {
  return {
    name: rule,
    contestants: ['attach', rule],
    judged: [rule],
    rows: [
      {
        key: 'cpu',
        label: `100 live sessions, ${rule}, % of a core`,
        digits: 3,
        bars: [{ atMost, times: 'attach' }],
      },
    ],
    measure: (name, lab) => {
      const desktop = { does: 'desktop', ...RECTANGLE, perSecond: PER_SECOND } as const;
      return keepBusy(name, desktop, 'holdDesktops', RECTANGLE_UPDATE, lab);
    },
  };
}

/** Opens all sessions; tells what the relay uses for them while updates of so many bytes come. */
function keepBusy(
  name: RelayName,
  behaviour: Behaviour,
  hold: 'hold' | 'holdDesktops',
  update: number,
  lab: Lab,
): Promise<Reading> {
  return lab.withRelay(name, behaviour, async (relay) => {
    await lab.load.call(hold, relay.door, SESSIONS);
    await delay(WARM_UP);
    await lab.load.call('heldBytes');
    const [before, start] = [relay.cpuSeconds(), performance.now()];
    await delay(DURATION * lab.scale);
    const cpu = relay.cpuSeconds() - before;
    const seconds = (performance.now() - start) / 1000;
    const bytes = await lab.load.call('heldBytes');
    await lab.load.call('release');
    const share = bytes / (SESSIONS * update * PER_SECOND * seconds);
    if (share < LEAST_SHARE) throw new Error(`${Math.round(share * 100)} % of the updates came`);
    return { cpu: (cpu / seconds / SESSIONS) * 100 };
  });
}
