import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from './eventually.ts';
import type { XServer } from './x-server.ts';

/** A terminal that covers the middle of the screen, and keeps what is typed into it. */
export interface Terminal {
  /** Waits for all that was typed since the start, once it is what it should be. */
  reads(text: string): Promise<void>;
  stop(): void;
}

let count = 0;

/** Opens an xterm, ready to be typed in: the keyboard is where the mouse is. */
export async function openTerminal(server: XServer): Promise<Terminal> {
  const file = `typed-${++count}`;
  // Each key as it comes, Backspace and Enter among them, and nothing eaten as a signal.
  const xterm = server.start(
    ...(['xterm', '-u8', '-geometry', '80x24+0+0', '-T', file, '-e', 'sh', '-c'] as const),
    `stty raw -echo; printf %s ready > ${file}-ready; exec cat > ${file}`,
  );
  await eventually('a terminal', () =>
    readFile(join(server.folder, `${file}-ready`), 'utf8').catch(() => ''),
  );
  await server.run('xdotool', 'search', '--sync', '--onlyvisible', '--name', file);
  await server.run('xdotool', 'mousemove', '100', '100');
  return {
    async reads(text) {
      await eventually(
        'what was typed',
        () => readFile(join(server.folder, file), 'utf8').catch(() => ''),
        (seen) => seen === text,
      );
    },
    stop: () => xterm.kill(),
  };
}
