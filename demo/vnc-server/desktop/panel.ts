import { BOLD, REGULAR } from '../drawing/font.ts';
import { Surface } from '../drawing/surface.ts';

export const PANEL_HEIGHT = 26;

/** Draws the bar at the top of the desktop: its name, who watches, and the time. */
export function drawPanel(width: number, name: string, viewers: number, now: Date): Surface {
  const panel = new Surface(width, PANEL_HEIGHT);
  panel.fill(panel.bounds, 0x12162e);
  panel.fill({ ...panel.bounds, y: PANEL_HEIGHT - 1, height: 1 }, 0x262b4c);
  BOLD.draw(panel, 14, 5, name, 0xf4f1ff);
  const time = now.toTimeString().slice(0, 5);
  const watching = `${viewers} ${viewers === 1 ? 'viewer' : 'viewers'}`;
  const x = width - 14 - BOLD.measure(time);
  BOLD.draw(panel, x, 5, time, 0xf4f1ff);
  const left = x - 21 - REGULAR.measure(watching);
  if (left > 14 + BOLD.measure(name)) REGULAR.draw(panel, left, 5, watching, 0xa3a9d0);
  return panel;
}
