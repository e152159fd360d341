import type { Rect } from '../drawing/rect.ts';
import type { Surface } from '../drawing/surface.ts';

/** What the mouse does over an app, in the app's own pixels. */
export interface PointerInput {
  readonly x: number;
  readonly y: number;
  readonly buttons: number;
  /** The buttons that went down with this event. */
  readonly pressed: number;
}

/** A key that went down. */
export interface KeyInput {
  readonly keysym: number;
  readonly control: boolean;
  /** Ends the connection of the viewer who pressed it. */
  readonly hangUp: () => void;
}

/** What fills a window. It draws on its surface and tells the host what it drew. */
export interface App {
  readonly title: string;
  readonly surface: Surface;
  onPointer?(input: PointerInput): void;
  onKey?(input: KeyInput): void;
  onPaste?(text: string): void;
  onTick?(now: Date): void;
}

/** What an app may ask of the desktop. */
export interface AppHost {
  damaged(area: Rect): void;
  /** Tells that the area now shows what was `rise` pixels further down. */
  scrolled(area: Rect, rise: number): void;
  ringBell(): void;
  sendCutText(text: string): void;
  rename(name: string): void;
  describe(): string;
}
