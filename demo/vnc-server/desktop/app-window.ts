import { BOLD } from '../drawing/font.ts';
import { expand, hits, type Rect, subtract } from '../drawing/rect.ts';
import { coverage, distanceToRoundedRect } from '../drawing/shapes.ts';
import { Surface } from '../drawing/surface.ts';
import type { App } from './app.ts';

export const TITLE_HEIGHT = 28;

const RADIUS = 9;
const SHADOW = 18;

/** A window: an app under a title bar, with a shadow around both. */
export class AppWindow {
  readonly app: App;
  x = 0;
  y = 0;
  #titleBar: Surface;

  constructor(app: App) {
    this.app = app;
    this.#titleBar = drawTitleBar(app, false);
  }

  /** Title bar and content. */
  get frame(): Rect {
    const { width, height } = this.app.surface;
    return { x: this.x, y: this.y, width, height: height + TITLE_HEIGHT };
  }

  /** The part that hides all that is behind it: without the round corners. */
  get opaque(): Rect {
    const { x, y, width, height } = this.frame;
    return { x, y: y + RADIUS, width, height: height - RADIUS };
  }

  /** The part of the desktop that it changes, shadow and all. */
  get reach(): Rect {
    return expand(this.frame, SHADOW);
  }

  isTitleAt(x: number, y: number): boolean {
    return hits(this.frame, x, y) && y < this.y + TITLE_HEIGHT;
  }

  setFocused(focused: boolean): void {
    this.#titleBar = drawTitleBar(this.app, focused);
  }

  drawOn(surface: Surface): void {
    const frame = this.frame;
    const cast = { ...frame, y: frame.y + 5 };
    for (const area of subtract(this.reach, this.opaque)) {
      surface.paint(area, 0x05060f, (x, y) => {
        const depth = 1 - Math.max(0, distanceToRoundedRect(x, y, cast, RADIUS)) / (SHADOW - 5);
        return depth > 0 ? 0.42 * depth * depth : 0;
      });
    }
    const bar = this.#titleBar;
    const corners = { ...frame, height: RADIUS };
    surface.clipped({ ...frame, y: frame.y + RADIUS }, () => surface.blit(bar, frame.x, frame.y));
    for (let row = 0; row < RADIUS; row++) {
      // Each row of the bar's top has one colour, up to the round corners.
      surface.paint(
        { ...corners, y: frame.y + row, height: 1 },
        bar.pixels[row * bar.width]!,
        (x, y) => coverage(distanceToRoundedRect(x, y, frame, RADIUS)),
      );
    }
    surface.blit(this.app.surface, frame.x, frame.y + TITLE_HEIGHT);
  }
}

function drawTitleBar(app: App, focused: boolean): Surface {
  const bar = new Surface(app.surface.width, TITLE_HEIGHT);
  bar.fill(bar.bounds, focused ? 0x3a4163 : 0x2c3150);
  bar.fill({ ...bar.bounds, height: 1 }, focused ? 0x596191 : 0x3d436a);
  bar.fill({ ...bar.bounds, y: TITLE_HEIGHT - 1, height: 1 }, 0x1c2036);
  const x = Math.round((bar.width - BOLD.measure(app.title)) / 2);
  BOLD.draw(bar, x, 7, app.title, focused ? 0xf4f1ff : 0x9aa0c4);
  return bar;
}
