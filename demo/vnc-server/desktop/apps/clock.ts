import { BOLD } from '../../drawing/font.ts';
import { type Rect, union } from '../../drawing/rect.ts';
import { drawDisc, drawLine, lineBounds, type Point } from '../../drawing/shapes.ts';
import { Surface } from '../../drawing/surface.ts';
import type { App, AppHost } from '../app.ts';

const SIZE = 208;
const CENTER = { x: SIZE / 2 - 0.5, y: SIZE / 2 - 0.5 };

interface Hand {
  readonly from: Point;
  readonly to: Point;
  readonly thickness: number;
  readonly color: number;
}

/** A clock with a second hand that sweeps. */
export class Clock implements App {
  readonly title = 'Clock';
  readonly surface = new Surface(SIZE, SIZE);
  readonly #host: AppHost;
  readonly #face = drawFace();
  #drawnAt = new Date();

  constructor(host: AppHost) {
    this.#host = host;
    this.#draw(this.#drawnAt, this.surface.bounds);
  }

  onTick(now: Date): void {
    const isNewSecond = now.getSeconds() !== this.#drawnAt.getSeconds();
    const moved = (at: Date) => (isNewSecond ? handsAt(at) : handsAt(at).slice(2)).map(boundsOf);
    const area = [...moved(this.#drawnAt), ...moved(now)].reduce(union);
    this.#drawnAt = now;
    this.#draw(now, area);
    this.#host.damaged(area);
  }

  #draw(now: Date, area: Rect): void {
    this.surface.clipped(area, () => {
      this.surface.blit(this.#face, 0, 0);
      for (const { from, to, thickness, color } of handsAt(now)) {
        drawLine(this.surface, from, to, thickness, color);
      }
      drawDisc(this.surface, CENTER, 5, 0xe5484d);
      drawDisc(this.surface, CENTER, 2, 0xfbf9f4);
    });
  }
}

function boundsOf({ from, to, thickness }: Hand): Rect {
  return lineBounds(from, to, thickness);
}

/** Where the hands are: the second hand last, which alone moves between two seconds. */
function handsAt(now: Date): Hand[] {
  const seconds = now.getSeconds() + now.getMilliseconds() / 1000;
  const minutes = now.getMinutes() + now.getSeconds() / 60;
  const hours = now.getHours() + minutes / 60;
  return [
    hand(hours / 12, 10, 50, 6, 0x2a2850),
    hand(minutes / 60, 12, 74, 4, 0x2a2850),
    hand(seconds / 60, 18, 80, 1.8, 0xe5484d),
  ];
}

function hand(turn: number, tail: number, length: number, thickness: number, color: number): Hand {
  return { from: at(turn, -tail), to: at(turn, length), thickness, color };
}

function at(turn: number, distance: number): Point {
  const angle = turn * 2 * Math.PI;
  return { x: CENTER.x + Math.sin(angle) * distance, y: CENTER.y - Math.cos(angle) * distance };
}

function drawFace(): Surface {
  const face = new Surface(SIZE, SIZE);
  face.fill(face.bounds, 0xe9e4f0);
  drawDisc(face, CENTER, 95, 0xc5bdd6);
  drawDisc(face, CENTER, 93.5, 0xfbf9f4);
  for (let minute = 0; minute < 60; minute++) {
    const isHour = minute % 5 === 0;
    const [inner, thickness, color] = isHour ? [82, 2.4, 0x453a6b] : [85, 1, 0xa79fbb];
    drawLine(face, at(minute / 60, inner), at(minute / 60, 88), thickness, color);
  }
  for (const hour of [3, 6, 9, 12]) {
    const { x, y } = at(hour / 12, 69);
    const text = String(hour);
    const left = Math.round(x - BOLD.measure(text) / 2 + 0.5);
    BOLD.draw(face, left, Math.round(y) - 6, text, 0x453a6b);
  }
  return face;
}
