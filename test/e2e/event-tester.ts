import { eventually } from './eventually.ts';
import type { XServer } from './x-server.ts';

/** A window over the whole screen that tells of what is done to it. */
export interface EventTester {
  /**
   * What was done since the start, one by one: `+` for down and `-` for up, a key by its name, as in
   * `+Control_L`, a button of the mouse with its place, as in `-1@200,300`.
   */
  seen(): string;
  /** Waits until exactly that was done. */
  saw(events: string): Promise<void>;
  /** Waits until that was done, among other things. */
  sees(events: RegExp): Promise<void>;
  stop(): void;
}

const EVENT =
  /(?:Key|Button)(Press|Release) event.*?root:\((\d+,\d+)\).*?(?:button (\d+)|keysym 0x[0-9a-f]+, (\w+)\)),/gs;

/** Opens the window, for an X screen of 800 by 600; the keyboard and the mouse are in it. */
export async function openEventTester(
  server: XServer,
  ...masks: ('keyboard' | 'button')[]
): Promise<EventTester> {
  const xev = server.start(
    ...(['stdbuf', '-oL', 'xev', '-geometry', '800x600+0+0'] as const),
    ...masks.flatMap((mask) => ['-event', mask]),
  );
  let output = '';
  xev.stdout!.on('data', (text) => {
    output += text;
  });
  await server.run('xdotool', 'search', '--sync', '--onlyvisible', '--name', 'Event Tester');
  await server.run('xdotool', 'mousemove', '100', '100');
  const seen = () =>
    [...output.matchAll(EVENT)]
      .map(([, what, place, button, key]) => {
        const sign = what === 'Press' ? '+' : '-';
        return button ? `${sign}${button}@${place}` : `${sign}${key}`;
      })
      .join(' ');
  return {
    seen,
    async saw(events) {
      await eventually('events', seen, (now) => now === events);
    },
    async sees(events) {
      await eventually('events', seen, (now) => events.test(now));
    },
    stop: () => xev.kill(),
  };
}
