import { BOLD, REGULAR } from '../drawing/font.ts';
import type { Surface } from '../drawing/surface.ts';

/** Draws what a machine shows while it starts. */
export function drawBootScreen(picture: Surface): void {
  picture.fill(picture.bounds, 0x000000);
  BOLD.draw(picture, 24, 24, 'Demo machine', 0xf4f1ff);
  REGULAR.draw(picture, 24, 52, 'Memory: enough.  Disk: none.', 0xa3a9d0);
  REGULAR.draw(picture, 24, 76, 'Starting...', 0xa3a9d0);
}
