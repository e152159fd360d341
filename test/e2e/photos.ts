import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatXwd, type Picture } from './picture.ts';
import type { XServer } from './x-server.ts';

/** Seconds that a photo is seen: a server that refines what stands still has no time to. */
const PACE = 0.03;

/** Two photos, one upon the other, in a corner of a screen. */
export interface Photos {
  /** What xdotool is to be given to lay the lower one on top, so many times at an even pace. */
  turns(times: number): string[];
}

/** Hangs two photos up; to press a button on one takes it down. */
export async function hangPhotos(server: XServer, width: number, height: number): Promise<Photos> {
  const windows: string[] = [];
  for (const name of ['photo-1', 'photo-2']) {
    const file = join(server.folder, `${name}.xwd`);
    await writeFile(file, formatXwd(takePhoto(width, height, windows.length), name));
    server.start('xwud', '-in', file, '-geometry', '+0+0');
    const search = ['search', '--sync', '--onlyvisible', '--name', name];
    windows.push((await server.run('xdotool', ...search)).trim());
  }
  return {
    turns: (times) =>
      Array.from({ length: times }, (_, i) => [
        ...['windowraise', windows[i % 2]!],
        ...['sleep', `${PACE}`],
      ]).flat(),
  };
}

/** Soft shades and the grain of a film: much to tell exactly, and little to tell roughly. */
function takePhoto(width: number, height: number, number: number): Picture {
  const rgba = new Uint8Array(4 * width * height);
  let random = 1 + number;
  for (let at = 0; at < rgba.length; at++) {
    const [x, y] = [(at >> 2) % width, Math.floor((at >> 2) / width)];
    const wave = (at % 4) + 1 + number;
    random = (random * 1_103_515_245 + 12_345) % 2 ** 31;
    const grain = (random >> 16) % 24;
    rgba[at] =
      at % 4 === 3 ? 255 : 116 + 80 * Math.sin((x * wave) / 60) * Math.cos((y * wave) / 50) + grain;
  }
  return { width, height, rgba };
}
