import { DOORS, type RelayName } from '../relays.ts';
import type { Figure } from './figure.ts';

/** As many as the compiler takes to be done with it: more for a whole app than for a few lines. */
const WARM_UP = 1500;
const SESSIONS = 1000;

/** New sessions one after another, each until its banner. */
export const storm: Figure<RelayName> = {
  name: 'storm',
  contestants: [...DOORS, 'net.pipe'],
  judged: DOORS,
  rows: [
    {
      key: 'rate',
      label: 'new sessions a second',
      digits: 0,
      bars: [{ atLeast: 0.4, times: 'net.pipe' }],
    },
  ],
  measure: (name, lab) =>
    lab.withRelay(name, { does: 'nothing' }, async (relay) => {
      const sessions = SESSIONS * lab.scale;
      await lab.load.call('openAndClose', relay.door, WARM_UP);
      return { rate: sessions / (await lab.load.call('openAndClose', relay.door, sessions)) };
    }),
};
