import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { eventually } from '../../e2e/eventually.ts';
import { startTigerVnc, type XServer } from '../../e2e/x-server.ts';
import { CHROMIUM, firstVisit, startBrowser } from '../first-visit.ts';
import type { Lab } from '../lab.ts';
import { Relay } from '../relays.ts';
import type { Figure } from './figure.ts';

type Contestant = 'attach' | 'stock noVNC';

const STOCK = '/usr/share/novnc/vnc.html';
const WATCHED = 6_000;
// Far more than either page draws: at the 60 that the server sends by default, both draw them all.
const FRAME_RATE = 240;

/** The page of this package, and that of noVNC's own application behind websockify, as Debian has both. */
export const stock: Figure<Contestant> = {
  name: 'stock',
  contestants: ['attach', 'stock noVNC'],
  judged: ['attach'],
  rows: [
    {
      key: 'visible',
      label: 'first visit, ms to a desktop',
      digits: 0,
      bars: [{ atMost: 0.35, times: 'stock noVNC' }],
    },
    {
      key: 'frames',
      label: 'moving desktop, frames/s',
      digits: 0,
      bars: [{ atLeast: 1, times: 'stock noVNC' }],
    },
    {
      key: 'work',
      label: "the page's thread, ms a frame",
      digits: 2,
      bars: [{ atMost: 1, times: 'stock noVNC' }],
    },
  ],
  async measure(name, lab) {
    for (const file of [CHROMIUM, STOCK]) if (!existsSync(file)) throw new Error(`needs ${file}`);
    const server = await startTigerVnc({ size: '1024x768', frameRate: FRAME_RATE });
    try {
      const relay = await Relay.start(name, server.port);
      try {
        await server.run('xsetroot', '-solid', 'steelblue');
        const url = addressOf(name, relay.door.port, server.port);
        return { visible: await firstVisit(url), ...(await watchMotion(url, server, lab)) };
      } finally {
        await relay.stop();
      }
    } finally {
      await server.stop();
    }
  },
};

function addressOf(name: Contestant, port: number, target: number): string {
  const origin = `http://127.0.0.1:${port}`;
  return name === 'attach'
    ? `${origin}/127.0.0.1:${target}`
    : `${origin}/vnc.html?autoconnect=true&path=websockify`;
}

/**
 * Runs in the page: counts how often a canvas in it is painted, which noVNC does once for every update
 * of the desktop. (A text: tsx adds to functions.)
 */
const COUNT = `
  const { drawImage } = CanvasRenderingContext2D.prototype;
  window.painted = 0;
  CanvasRenderingContext2D.prototype.drawImage = function (...args) {
    if (this.canvas.isConnected) window.painted++;
    return drawImage.apply(this, args);
  };
`;

interface Painted {
  readonly frames: number;
  readonly now: number;
}

const PAINTED = '({ frames: window.painted, now: performance.now() })';

/** Tells how many updates of a desktop full of motion a page draws in a second, and what each takes it. */
async function watchMotion(
  url: string,
  server: XServer,
  lab: Lab,
): Promise<{ frames: number; work: number }> {
  const motion = server.start(
    'ico',
    ...[
      '-geometry',
      '=1024x768+0+0',
      '-size',
      '700x700',
      '-delta',
      '+9+7',
      '-faces',
      '-sleep',
      '0.002',
    ],
  );
  const browser = await startBrowser();
  try {
    const tab = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    await tab.addInitScript(COUNT);
    await tab.goto(url);
    await eventually('frames', () => tab.evaluate<boolean>('window.painted > 60'));
    const tasks = await watchTasks(tab);
    const [before, from] = [await tasks(), await tab.evaluate<Painted>(PAINTED)];
    await setTimeout(WATCHED * lab.scale);
    const [until, after] = [await tab.evaluate<Painted>(PAINTED), await tasks()];
    const frames = until.frames - from.frames;
    return {
      frames: (frames / (until.now - from.now)) * 1000,
      work: (after - before) / frames,
    };
  } finally {
    await browser.close();
    motion.kill();
  }
}

/** Tells, whenever it is asked, how many milliseconds the page's main thread has been at work. */
async function watchTasks(tab: Page): Promise<() => Promise<number>> {
  const session = await tab.context().newCDPSession(tab);
  await session.send('Performance.enable');
  return async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration')!.value * 1000;
  };
}
