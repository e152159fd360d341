import { DOORS, type RelayName } from '../relays.ts';
import type { Figure } from './figure.ts';

const SIZE = 64 * 1024;
const FRAMES = 4800;

/** One session at full speed, from the browser to the server. */
export const upload: Figure<RelayName> = {
  name: 'upload',
  contestants: [...DOORS, 'net.pipe', 'websockify'],
  judged: DOORS,
  rows: [
    {
      key: 'rate',
      label: 'bulk to the server, MB/s',
      digits: 0,
      bars: [{ atLeast: 0.85, times: 'net.pipe' }],
    },
  ],
  measure(name, lab) {
    const frames = FRAMES * lab.scale;
    const bytes = frames * SIZE;
    return lab.withRelay(name, { does: 'swallow', bytes }, async (relay) => {
      await lab.load.call('upload', relay.door, frames, SIZE);
      return { rate: bytes / (await lab.load.call('upload', relay.door, frames, SIZE)) / 1e6 };
    });
  },
};
