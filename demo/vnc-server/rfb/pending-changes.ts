import { covers, intersect, type Rect, translate } from '../drawing/rect.ts';
import { Region } from '../drawing/region.ts';

/** A part of the picture that shows what was (dx, dy) before it. */
interface Copy {
  readonly area: Rect;
  readonly dx: number;
  readonly dy: number;
}

/** What a viewer's picture lacks: at most one copy, to be made first, and areas to be drawn anew. */
export class PendingChanges {
  #bounds: Rect;
  #copy: Copy | null = null;
  readonly #changed = new Region();

  constructor(bounds: Rect) {
    this.#bounds = bounds;
    this.#changed.add(bounds);
  }

  addChange(area: Rect): void {
    const visible = intersect(area, this.#bounds);
    if (visible) this.#changed.add(visible);
  }

  addCopy({ area, dx, dy }: Copy): void {
    const source = translate(area, -dx, -dy);
    // A second copy would start from what the first one made, so it becomes a plain change.
    if (this.#copy || !covers(this.#bounds, area) || !covers(this.#bounds, source)) {
      this.addChange(area);
      return;
    }
    // What the viewer has not seen yet moves along.
    for (const stale of this.#changed.within(source)) this.addChange(translate(stale, dx, dy));
    this.#copy = { area, dx, dy };
  }

  /** Takes what lies in the area, or null when nothing does. */
  take(area: Rect, acceptsCopy: boolean): { copy: Copy | null; changed: Rect[] } | null {
    let copy = this.#copy;
    if (copy && !(acceptsCopy && covers(area, copy.area))) {
      this.#changed.add(copy.area);
      copy = null;
    }
    this.#copy = null;
    const changed = this.#changed.take(area);
    return copy || changed.length > 0 ? { copy, changed } : null;
  }

  /** Starts over with a picture of another size. */
  reset(bounds: Rect): void {
    this.#bounds = bounds;
    this.#copy = null;
    this.#changed.clear();
    this.#changed.add(bounds);
  }
}
