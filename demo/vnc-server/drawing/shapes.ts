import type { Rect } from './rect.ts';
import type { Surface } from './surface.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** How far a point is from the nearest point of a line. */
export function distanceToLine(x: number, y: number, a: Point, b: Point): number {
  const dx = b.x - a.x;
  const dy = b.y - a.y;
  const length = dx * dx + dy * dy;
  const along = length && Math.min(1, Math.max(0, ((x - a.x) * dx + (y - a.y) * dy) / length));
  return Math.hypot(x - a.x - along * dx, y - a.y - along * dy);
}

/** How far a point is outside a rectangle with round corners; negative inside. */
export function distanceToRoundedRect(x: number, y: number, area: Rect, radius: number): number {
  const dx = Math.abs(x + 0.5 - area.x - area.width / 2) - area.width / 2 + radius;
  const dy = Math.abs(y + 0.5 - area.y - area.height / 2) - area.height / 2 + radius;
  return Math.hypot(Math.max(dx, 0), Math.max(dy, 0)) + Math.min(Math.max(dx, dy), 0) - radius;
}

/** How much of a pixel is covered by a shape whose edge is at the distance. */
export function coverage(distance: number): number {
  return Math.min(1, Math.max(0, 0.5 - distance));
}

/** The whole pixels that a line may touch. */
export function lineBounds(a: Point, b: Point, thickness: number): Rect {
  const margin = thickness / 2 + 1;
  const x = Math.floor(Math.min(a.x, b.x) - margin);
  const y = Math.floor(Math.min(a.y, b.y) - margin);
  return {
    x,
    y,
    width: Math.ceil(Math.max(a.x, b.x) + margin) - x + 1,
    height: Math.ceil(Math.max(a.y, b.y) + margin) - y + 1,
  };
}

/** Draws a line with round ends. */
export function drawLine(
  surface: Surface,
  a: Point,
  b: Point,
  thickness: number,
  color: number,
): void {
  surface.paint(lineBounds(a, b, thickness), color, (x, y) =>
    coverage(distanceToLine(x, y, a, b) - thickness / 2),
  );
}

/** Draws a filled circle. */
export function drawDisc(surface: Surface, center: Point, radius: number, color: number): void {
  drawLine(surface, center, center, radius * 2, color);
}

/** Draws a filled rectangle with round corners. */
export function drawRoundedRect(surface: Surface, area: Rect, radius: number, color: number): void {
  surface.paint(area, color, (x, y) => coverage(distanceToRoundedRect(x, y, area, radius)));
}
