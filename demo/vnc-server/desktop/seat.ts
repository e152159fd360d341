import { hits } from '../drawing/rect.ts';
import { type AppWindow, TITLE_HEIGHT } from './app-window.ts';
import type { Desktop } from './desktop.ts';

const LEFT_BUTTON = 1;
const CONTROL_KEYS = [0xffe3, 0xffe4];

/** One viewer's mouse and keyboard. */
export class Seat {
  readonly #desktop: Desktop;
  readonly #hangUp: () => void;
  readonly #controlsDown = new Set<number>();
  #buttons = 0;
  #grabbed: AppWindow | null = null;
  #drag: { x: number; y: number } | null = null;

  constructor(desktop: Desktop, hangUp: () => void) {
    this.#desktop = desktop;
    this.#hangUp = hangUp;
  }

  onPointer(x: number, y: number, buttons: number): void {
    const pressed = buttons & ~this.#buttons;
    if (buttons && !this.#buttons) this.#grab(x, y, pressed);
    this.#buttons = buttons;
    const window = this.#grabbed;
    if (!window) return;
    if (this.#drag) this.#desktop.move(window, x - this.#drag.x, y - this.#drag.y);
    else {
      const place = { x: x - window.x, y: y - window.y - TITLE_HEIGHT };
      window.app.onPointer?.({ ...place, buttons, pressed });
    }
    if (!buttons) this.#release();
  }

  onKey(keysym: number, down: boolean): void {
    if (CONTROL_KEYS.includes(keysym)) {
      if (down) this.#controlsDown.add(keysym);
      else this.#controlsDown.delete(keysym);
    } else if (down) {
      const control = this.#controlsDown.size > 0;
      this.#desktop.focused?.app.onKey?.({ keysym, control, hangUp: this.#hangUp });
    }
  }

  #grab(x: number, y: number, pressed: number): void {
    const window = this.#desktop.windows.findLast(({ frame }) => hits(frame, x, y));
    if (!window) return;
    this.#desktop.raise(window);
    this.#grabbed = window;
    if (window.isTitleAt(x, y) && pressed & LEFT_BUTTON) {
      this.#drag = { x: x - window.x, y: y - window.y };
    }
  }

  #release(): void {
    this.#grabbed = null;
    this.#drag = null;
  }
}
