import { EventEmitter } from 'node:events';
import { covers, intersect, type Rect, subtract, translate } from '../drawing/rect.ts';
import { Surface } from '../drawing/surface.ts';
import type { App, AppHost } from './app.ts';
import { AppWindow, TITLE_HEIGHT } from './app-window.ts';
import { Clock } from './apps/clock.ts';
import { Paint } from './apps/paint.ts';
import { Terminal } from './apps/terminal.ts';
import { drawBootScreen } from './boot-screen.ts';
import { drawPanel, PANEL_HEIGHT } from './panel.ts';
import { drawWallpaper } from './wallpaper.ts';

const MARGIN = 36;
const FRAME_TIME = 40;
const BOOT_TIME = 1_500;
/** How much of a window stays on the desktop, wherever it is dragged. */
const REACHABLE = 60;

interface DesktopEvents {
  /** Pixels of the area changed. */
  damage: [area: Rect];
  /** The area now shows what was (dx, dy) before it. */
  copy: [area: Rect, dx: number, dy: number];
  resize: [];
  rename: [];
  bell: [];
  cutText: [text: string];
}

/** The desktop that all viewers share: wallpaper, panel, windows, and the picture they make. */
export class Desktop extends EventEmitter<DesktopEvents> {
  /** From the lowest to the topmost. */
  windows: AppWindow[] = [];
  picture: Surface;
  name: string;
  readonly #dragged = new Set<AppWindow>();
  #wallpaper: Surface;
  #panel: Surface;
  #panelMinute = -1;
  #viewers = 0;
  #animation: NodeJS.Timeout | undefined;
  #boot: NodeJS.Timeout | undefined;
  readonly #isStill: boolean;

  constructor(options: { width: number; height: number; name: string; still: boolean }) {
    super();
    this.setMaxListeners(0);
    const { width, height } = options;
    this.name = options.name;
    this.#isStill = options.still;
    this.picture = new Surface(width, height);
    this.#wallpaper = drawWallpaper(width, height);
    this.#panel = this.#drawPanel();
    this.#openAll();
    this.#redraw(this.picture.bounds);
  }

  /** Starts the machine anew: a boot screen for a moment, then all as it was in the beginning. */
  restart(): void {
    clearTimeout(this.#boot);
    this.#boot = setTimeout(() => {
      this.#boot = undefined;
      this.#redraw(this.picture.bounds);
    }, BOOT_TIME).unref();
    this.windows = [];
    this.#dragged.clear();
    this.#openAll();
    this.#redraw(this.picture.bounds);
  }

  get focused(): AppWindow | undefined {
    return this.windows.at(-1);
  }

  /** The desktop moves only while somebody watches. */
  setViewers(count: number): void {
    this.#viewers = count;
    this.#redrawPanel();
    if (count === 0 || this.#isStill) {
      clearInterval(this.#animation);
      this.#animation = undefined;
    } else {
      this.#animation ??= setInterval(() => this.#tick(), FRAME_TIME);
    }
  }

  resize(width: number, height: number): void {
    this.picture = new Surface(width, height);
    this.#wallpaper = drawWallpaper(width, height);
    this.#panel = this.#drawPanel();
    this.#arrange();
    this.#redraw(this.picture.bounds);
    this.emit('resize');
  }

  rename(name: string): void {
    this.name = name;
    this.#redrawPanel();
    this.emit('rename');
  }

  paste(text: string): void {
    this.windows.find(({ app }) => app.onPaste)?.app.onPaste?.(text);
  }

  raise(window: AppWindow): void {
    const before = this.focused;
    if (before === window) return;
    this.windows = [...this.windows.filter((other) => other !== window), window];
    before?.setFocused(false);
    window.setFocused(true);
    if (before) this.#redraw(before.frame);
    this.#redraw(window.reach);
  }

  move(window: AppWindow, x: number, y: number): void {
    const before = { x: window.x, y: window.y, reach: window.reach, opaque: window.opaque };
    this.#place(window, x, y);
    this.#dragged.add(window);
    const dx = window.x - before.x;
    const dy = window.y - before.y;
    if (!dx && !dy) return;
    const source = intersect(before.opaque, this.picture.bounds);
    const target = source && intersect(translate(source, dx, dy), this.picture.bounds);
    if (!target || this.focused !== window || this.#boot) {
      this.#redraw(before.reach);
      this.#redraw(window.reach);
      return;
    }
    this.picture.copy(target, dx, dy);
    this.emit('copy', target, dx, dy);
    for (const reach of [before.reach, window.reach]) {
      for (const area of subtract(reach, target)) this.#redraw(area);
    }
  }

  #openAll(): void {
    this.#open((host) => new Clock(host));
    this.#open((host) => new Paint(host));
    this.#open((host) => new Terminal(host));
    this.focused?.setFocused(true);
    this.#arrange();
  }

  #open(create: (host: AppHost) => App): void {
    // An app may draw before its window is there.
    let window: AppWindow | undefined;
    const onScreen = (area: Rect) => translate(area, window!.x, window!.y + TITLE_HEIGHT);
    const app = create({
      damaged: (area) => {
        if (window) this.#redraw(intersect(onScreen(area), window.frame));
      },
      scrolled: (area, rise) => {
        if (window) this.#scroll(window, onScreen(area), rise);
      },
      ringBell: () => this.emit('bell'),
      sendCutText: (text) => this.emit('cutText', text),
      rename: (name) => this.rename(name),
      describe: () => `${this.picture.width} x ${this.picture.height} pixels`,
    });
    window = new AppWindow(app);
    this.windows.push(window);
  }

  #scroll(window: AppWindow, area: Rect, rise: number): void {
    const source = translate(area, 0, rise);
    const isBare =
      !this.#boot &&
      covers(this.picture.bounds, area) &&
      covers(this.picture.bounds, source) &&
      this.windows
        .slice(this.windows.indexOf(window) + 1)
        .every(({ reach }) => !intersect(reach, area) && !intersect(reach, source));
    if (isBare) {
      this.picture.copy(area, 0, -rise);
      this.emit('copy', area, 0, -rise);
    } else {
      this.#redraw(area);
    }
  }

  #redraw(area: Rect | null): void {
    const visible = area && intersect(area, this.picture.bounds);
    if (!visible) return;
    if (this.#boot) {
      this.picture.clipped(visible, () => drawBootScreen(this.picture));
      this.emit('damage', visible);
      return;
    }
    const lowest = this.windows.findLastIndex(({ opaque }) => covers(opaque, visible));
    this.picture.clipped(visible, () => {
      if (lowest < 0) {
        this.picture.blit(this.#wallpaper, 0, 0);
        this.picture.blit(this.#panel, 0, 0);
      }
      for (const window of this.windows.slice(Math.max(0, lowest))) window.drawOn(this.picture);
    });
    this.emit('damage', visible);
  }

  /** Puts windows in their corners, and those that were dragged within reach. */
  #arrange(): void {
    const { width, height } = this.picture;
    for (const window of this.#dragged) this.#place(window, window.x, window.y);
    const [clock, paint, terminal] = ['Clock', 'Paint', 'Terminal'].map((title) =>
      this.windows.find((window) => window.app.title === title && !this.#dragged.has(window)),
    );
    const top = PANEL_HEIGHT + MARGIN;
    const fromRight = (window: AppWindow) => Math.max(0, width - window.frame.width - MARGIN);
    const fromBottom = (window: AppWindow) => Math.max(top, height - window.frame.height - MARGIN);
    if (terminal) {
      const x = Math.max(0, Math.min(MARGIN, fromRight(terminal)));
      // Side by side where there is room, else below the clock's title bar.
      const isBeside = !clock || x + terminal.frame.width < fromRight(clock);
      this.#place(terminal, x, isBeside ? top : top + TITLE_HEIGHT + 12);
    }
    if (paint) this.#place(paint, fromRight(paint), fromBottom(paint));
    if (clock) this.#place(clock, fromRight(clock), top);
  }

  #place(window: AppWindow, x: number, y: number): void {
    const { width, height } = this.picture;
    window.x = Math.min(Math.max(x, REACHABLE - window.frame.width), width - REACHABLE);
    window.y = Math.max(PANEL_HEIGHT, Math.min(y, height - TITLE_HEIGHT));
  }

  #tick(): void {
    const now = new Date();
    for (const { app } of this.windows) app.onTick?.(now);
    if (now.getMinutes() !== this.#panelMinute) this.#redrawPanel();
  }

  #redrawPanel(): void {
    this.#panel = this.#drawPanel();
    this.#redraw(this.#panel.bounds);
  }

  #drawPanel(): Surface {
    const now = new Date();
    this.#panelMinute = now.getMinutes();
    return drawPanel(this.picture.width, this.name, this.#viewers, now);
  }
}
