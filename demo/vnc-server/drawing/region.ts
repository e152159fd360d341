import { covers, intersect, type Rect, subtract, union } from './rect.ts';

const MAX_RECTS = 24;

/** A set of pixels as a few rectangles. It may cover more than was added, never less. */
export class Region {
  #rects: Rect[] = [];

  get isEmpty(): boolean {
    return this.#rects.length === 0;
  }

  add(rect: Rect): void {
    let grown = rect;
    for (let i = 0; i < this.#rects.length; i++) {
      const other = this.#rects[i]!;
      if (covers(other, grown)) return;
      const both = union(grown, other);
      if (area(both) > area(grown) + area(other)) continue;
      this.#rects.splice(i, 1);
      grown = both;
      i = -1;
    }
    this.#rects.push(grown);
    if (this.#rects.length > MAX_RECTS) this.#rects = [this.#rects.reduce(union)];
  }

  /** The parts that lie in the area. */
  within(bounds: Rect): Rect[] {
    return this.#rects.flatMap((rect) => intersect(rect, bounds) ?? []);
  }

  /** Removes the parts that lie in the area, and tells them. */
  take(bounds: Rect): Rect[] {
    const taken = this.within(bounds);
    this.#rects = this.#rects.flatMap((rect) => subtract(rect, bounds));
    return taken;
  }

  clear(): void {
    this.#rects = [];
  }
}

function area(rect: Rect): number {
  return rect.width * rect.height;
}
