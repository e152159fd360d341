import { GLYPHS } from './glyphs.ts';
import { coverage, distanceToLine, type Point } from './shapes.ts';
import type { Surface } from './surface.ts';

const GRID_WIDTH = 7;
const GRID_HEIGHT = 16;
const CURVE_STEPS = 6;
const MISSING = '12525b1b12';

const strokesByCharacter = new Map(
  GLYPHS.trim()
    .split('\n')
    .map((line) => [line.charAt(0), line.slice(2)]),
);

/** Letters of one width, drawn with a pen of one thickness (in units of a seventh of the width). */
class Font {
  readonly width: number;
  readonly height: number;
  readonly #scale: number;
  readonly #pen: number;
  readonly #coverages = new Map<string, Float32Array>();

  constructor({ scale = 1, pen = 1.3 }) {
    this.#scale = scale;
    this.#pen = pen;
    this.width = Math.round(GRID_WIDTH * scale);
    this.height = Math.round(GRID_HEIGHT * scale);
  }

  /** Writes a line of text with its upper left corner at the place. */
  draw(surface: Surface, x: number, y: number, text: string, color: number): void {
    let left = x;
    for (const character of text) {
      const glyph = this.#glyph(character);
      const origin = left;
      if (glyph) {
        surface.paint(
          { x: left, y, width: this.width, height: this.height },
          color,
          (px, py) => glyph[(py - y) * this.width + px - origin]!,
        );
      }
      left += this.width;
    }
  }

  /** How wide a line of text becomes. */
  measure(text: string): number {
    return [...text].length * this.width;
  }

  #glyph(character: string): Float32Array | null {
    if (character === ' ' || character === '\u00a0') return null;
    let glyph = this.#coverages.get(character);
    if (!glyph) {
      glyph = this.#rasterize(strokesByCharacter.get(character) ?? MISSING);
      // Only what is known is kept: text comes from outside and has many characters.
      if (strokesByCharacter.has(character)) this.#coverages.set(character, glyph);
    }
    return glyph;
  }

  #rasterize(strokes: string): Float32Array {
    const paths = strokes.split(' ').map(parseStroke);
    const glyph = new Float32Array(this.width * this.height);
    for (let i = 0; i < glyph.length; i++) {
      const x = ((i % this.width) + 0.5) / this.#scale - 0.5;
      const y = (Math.floor(i / this.width) + 0.5) / this.#scale - 0.5;
      let distance = Number.POSITIVE_INFINITY;
      for (const path of paths) {
        for (let j = 1; j < path.length; j++) {
          distance = Math.min(distance, distanceToLine(x, y, path[j - 1]!, path[j]!));
        }
      }
      glyph[i] = coverage((distance - this.#pen / 2) * this.#scale);
    }
    return glyph;
  }
}

/** Letters for running text. */
export const REGULAR = new Font({});

/** Letters for titles. */
export const BOLD = new Font({ pen: 1.9 });

function parseStroke(stroke: string): Point[] {
  const kind = stroke.charAt(0);
  const digits = kind === '~' || kind === 'o' ? stroke.slice(1) : stroke;
  const points = (digits.match(/../g) ?? []).map((pair) => ({
    x: Number.parseInt(pair.charAt(0), 16),
    y: Number.parseInt(pair.charAt(1), 16),
  }));
  if (kind === '~') return curve(points);
  if (kind !== 'o') return points;
  const start = middle(points.at(-1)!, points[0]!);
  return curve([start, ...points, start]);
}

/** A quadratic B-spline from the first point to the last, pulled by those between. */
function curve(points: Point[]): Point[] {
  const path = [points[0]!];
  for (let i = 1; i < points.length - 1; i++) {
    const from = path.at(-1)!;
    const pull = points[i]!;
    const next = points[i + 1]!;
    const to = i === points.length - 2 ? next : middle(pull, next);
    for (let step = 1; step <= CURVE_STEPS; step++) {
      const t = step / CURVE_STEPS;
      path.push(between(between(from, pull, t), between(pull, to, t), t));
    }
  }
  return path;
}

function middle(a: Point, b: Point): Point {
  return between(a, b, 0.5);
}

function between(a: Point, b: Point, t: number): Point {
  return { x: a.x + (b.x - a.x) * t, y: a.y + (b.y - a.y) * t };
}
