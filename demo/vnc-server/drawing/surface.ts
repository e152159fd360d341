import { intersect, type Rect } from './rect.ts';

/** A picture in memory, one 0xRRGGBB number for each pixel, with an area to which drawing is kept. */
export class Surface {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint32Array;
  clip: Rect;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.pixels = new Uint32Array(width * height);
    this.clip = this.bounds;
  }

  get bounds(): Rect {
    return { x: 0, y: 0, width: this.width, height: this.height };
  }

  /** Draws with everything outside the area left as it is. */
  clipped(area: Rect, draw: () => void): void {
    const before = this.clip;
    const clip = intersect(before, area);
    if (!clip) return;
    this.clip = clip;
    draw();
    this.clip = before;
  }

  fill(area: Rect, color: number): void {
    const target = intersect(area, this.clip);
    if (!target) return;
    for (let y = target.y; y < target.y + target.height; y++) {
      const start = y * this.width + target.x;
      this.pixels.fill(color, start, start + target.width);
    }
  }

  /** Blends a colour over the area, at each pixel as strongly (0 to 1) as `coverage` says. */
  paint(area: Rect, color: number, coverage: (x: number, y: number) => number): void {
    const target = intersect(area, this.clip);
    if (!target) return;
    for (let y = target.y; y < target.y + target.height; y++) {
      for (let x = target.x; x < target.x + target.width; x++) {
        const alpha = coverage(x, y);
        if (alpha <= 0) continue;
        const at = y * this.width + x;
        this.pixels[at] = alpha >= 1 ? color : mix(this.pixels[at]!, color, alpha);
      }
    }
  }

  /** Copies a whole picture to a place on this one. */
  blit(source: Surface, x: number, y: number): void {
    const target = intersect({ x, y, width: source.width, height: source.height }, this.clip);
    if (!target) return;
    for (let row = target.y; row < target.y + target.height; row++) {
      const start = (row - y) * source.width + target.x - x;
      const line = source.pixels.subarray(start, start + target.width);
      this.pixels.set(line, row * this.width + target.x);
    }
  }

  /** Fills the area with what is (dx, dy) before it; both must lie within the picture. */
  copy(area: Rect, dx: number, dy: number): void {
    for (let i = 0; i < area.height; i++) {
      // Downwards, the last row comes first, or it would be overwritten before it is read.
      const y = dy > 0 ? area.y + area.height - 1 - i : area.y + i;
      const start = (y - dy) * this.width + area.x - dx;
      this.pixels.copyWithin(y * this.width + area.x, start, start + area.width);
    }
  }
}

/** The colour between two colours. */
export function mix(from: number, to: number, share: number): number {
  return (
    (mixChannel(from >> 16, to >> 16, share) << 16) |
    (mixChannel(from >> 8, to >> 8, share) << 8) |
    mixChannel(from, to, share)
  );
}

function mixChannel(from: number, to: number, share: number): number {
  const start = from & 255;
  return Math.round(start + ((to & 255) - start) * share);
}
