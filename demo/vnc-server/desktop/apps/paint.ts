import { REGULAR } from '../../drawing/font.ts';
import { hits, type Rect } from '../../drawing/rect.ts';
import {
  drawDisc,
  drawLine,
  drawRoundedRect,
  lineBounds,
  type Point,
} from '../../drawing/shapes.ts';
import { Surface } from '../../drawing/surface.ts';
import type { App, AppHost, PointerInput } from '../app.ts';

const WIDTH = 408;
const BAR_HEIGHT = 40;
const CANVAS: Rect = { x: 0, y: BAR_HEIGHT, width: WIDTH, height: 264 };
const PAPER = 0xfdfbf5;
const LEFT_BUTTON = 1;
const COLORS = [0x2a2850, 0xe5484d, 0xf2923c, 0xf5c542, 0x46a758, 0x3e8ed0, 0x8e4ec6, 0xe879b0];
const THICKNESSES = [3, 6, 12];

const swatches = COLORS.map((_, i) => ({ x: 12 + i * 28, y: 9, width: 22, height: 22 }));
const nibs = THICKNESSES.map((_, i) => ({ x: 248 + i * 28, y: 8, width: 24, height: 24 }));
const clearButton = { x: WIDTH - 66, y: 8, width: 54, height: 24 };

/** A sheet to draw on. */
export class Paint implements App {
  readonly title = 'Paint';
  readonly surface = new Surface(WIDTH, BAR_HEIGHT + CANVAS.height);
  readonly #host: AppHost;
  #color = 5;
  #thickness = 1;
  #pen: Point | null = null;

  constructor(host: AppHost) {
    this.#host = host;
    this.#drawBar();
    this.surface.fill(CANVAS, PAPER);
    const hint = ['Draw here with the mouse.', 'The right button clears the sheet.'];
    hint.forEach((line, i) => {
      const x = Math.round((WIDTH - REGULAR.measure(line)) / 2);
      REGULAR.draw(this.surface, x, BAR_HEIGHT + 212 + i * 18, line, 0xa79fbb);
    });
    drawSample(this.surface);
  }

  onPointer({ x, y, buttons, pressed }: PointerInput): void {
    if (pressed & ~LEFT_BUTTON & 7) this.#clear();
    else if (pressed & LEFT_BUTTON && y < BAR_HEIGHT) this.#choose(x, y);
    if (!(buttons & LEFT_BUTTON)) this.#pen = null;
    else if (this.#pen) this.#stroke(this.#pen, { x, y });
    else if (pressed & LEFT_BUTTON && y >= BAR_HEIGHT) this.#stroke({ x, y }, { x, y });
  }

  #stroke(from: Point, to: Point): void {
    const thickness = THICKNESSES[this.#thickness]!;
    this.#pen = to;
    this.surface.clipped(CANVAS, () => {
      drawLine(this.surface, from, to, thickness, COLORS[this.#color]!);
    });
    this.#host.damaged(lineBounds(from, to, thickness));
  }

  #choose(x: number, y: number): void {
    const isHit = (area: Rect) => hits(area, x, y);
    const color = swatches.findIndex(isHit);
    const thickness = nibs.findIndex(isHit);
    if (color >= 0) this.#color = color;
    if (thickness >= 0) this.#thickness = thickness;
    if (isHit(clearButton)) this.#clear();
    this.#drawBar();
    this.#host.damaged({ x: 0, y: 0, width: WIDTH, height: BAR_HEIGHT });
  }

  #clear(): void {
    this.surface.fill(CANVAS, PAPER);
    this.#host.damaged(CANVAS);
  }

  #drawBar(): void {
    const surface = this.surface;
    surface.fill({ x: 0, y: 0, width: WIDTH, height: BAR_HEIGHT }, 0xe9e4f0);
    surface.fill({ x: 0, y: BAR_HEIGHT - 1, width: WIDTH, height: 1 }, 0xc5bdd6);
    swatches.forEach((swatch, i) => {
      const center = { x: swatch.x + 10.5, y: swatch.y + 10.5 };
      if (i === this.#color) {
        drawDisc(surface, center, 12.5, 0x453a6b);
        drawDisc(surface, center, 11, 0xe9e4f0);
      }
      drawDisc(surface, center, 9, COLORS[i]!);
    });
    nibs.forEach((nib, i) => {
      if (i === this.#thickness) drawRoundedRect(surface, nib, 6, 0xcfc6e0);
      const center = { x: nib.x + 11.5, y: nib.y + 11.5 };
      drawDisc(surface, center, THICKNESSES[i]! / 2, 0x2a2850);
    });
    drawRoundedRect(surface, clearButton, 6, 0x453a6b);
    REGULAR.draw(surface, clearButton.x + 10, clearButton.y + 4, 'Clear', 0xf4f1ff);
  }
}

/** Draws a flower, so that the sheet does not look like an empty window. */
function drawSample(surface: Surface): void {
  const center = { x: WIDTH / 2, y: BAR_HEIGHT + 82 };
  const petals = 8;
  drawLine(surface, center, { x: center.x - 6, y: center.y + 112 }, 5, 0x46a758);
  drawLine(
    surface,
    { x: center.x - 4, y: center.y + 90 },
    { x: center.x + 28, y: center.y + 64 },
    9,
    0x46a758,
  );
  for (let i = 0; i < petals; i++) {
    const angle = (i / petals) * 2 * Math.PI;
    const tip = { x: center.x + Math.sin(angle) * 40, y: center.y - Math.cos(angle) * 40 };
    drawLine(surface, center, tip, 19, i % 2 ? 0xe879b0 : 0x8e4ec6);
  }
  drawDisc(surface, center, 17, 0xf5c542);
}
