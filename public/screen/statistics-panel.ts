import type { elements } from '../elements.ts';
import type { Desktop } from './desktop.ts';
import { formatRate, formatShares, sparkline } from './statistics-figures.ts';

// No imports of the page's own: this file stays out of what loads before the desktop.

/** Milliseconds from one line of numbers to the next, and from one question to the next. */
const INTERVAL = 1_000;
const ASK_INTERVAL = 2_000;

/** What stands where nothing is measured yet, as in the view. */
const NOTHING = '–';

/** How many seconds the line shows. */
const HISTORY = 60;

/** Measures a desktop and shows the numbers, until the function that it returns is called. */
export function measure(
  desktop: Desktop,
  cells: typeof elements.statistics,
  language: string,
): () => void {
  const history: number[] = [];
  let frames = 0;
  let pixels = new Map<number, number>();
  let askedAt: number | null = null;
  let since = performance.now();
  let { received, sent } = desktop.traffic;

  desktop.meter = {
    onPixels(encoding, width, height) {
      pixels.set(encoding, (pixels.get(encoding) ?? 0) + width * height);
    },
    onFrame() {
      frames++;
    },
  };
  desktop.onEcho = () => {
    if (askedAt === null) return;
    cells.roundTrip.textContent = `${Math.round(performance.now() - askedAt)} ms`;
    askedAt = null;
  };
  const asking = setInterval(ask, ASK_INTERVAL);
  const showing = setInterval(show, INTERVAL);
  clear();
  showSize();
  ask();
  return stop;

  function clear(): void {
    const { roundTrip, frames, received, sent, encodings } = cells;
    for (const cell of [roundTrip, frames, received, sent, encodings]) cell.textContent = NOTHING;
    cells.line.removeAttribute('points');
  }

  function ask(): void {
    if (askedAt !== null) return;
    askedAt = performance.now();
    desktop.askForEcho();
  }

  function show(): void {
    const now = performance.now();
    const seconds = (now - since) / 1_000;
    const { traffic } = desktop;
    const rate = (traffic.received - received) / seconds;
    cells.frames.textContent = String(Math.round(frames / seconds));
    cells.received.textContent = formatRate(rate, language);
    cells.sent.textContent = formatRate((traffic.sent - sent) / seconds, language);
    // While nothing comes, the last that came stays.
    if (pixels.size > 0) cells.encodings.textContent = formatShares(pixels, language);
    history.push(rate);
    if (history.length > HISTORY) history.shift();
    cells.line.setAttribute('points', sparkline(history, HISTORY));
    showSize();
    frames = 0;
    pixels = new Map();
    since = now;
    ({ received, sent } = traffic);
  }

  function showSize(): void {
    const { width, height } = desktop.size;
    cells.size.textContent = `${width} × ${height}`;
    const percent = new Intl.NumberFormat(language, { style: 'percent' });
    cells.scale.textContent = percent.format(desktop.scale);
  }

  function stop(): void {
    clearInterval(asking);
    clearInterval(showing);
    desktop.meter = undefined;
    desktop.onEcho = undefined;
  }
}
