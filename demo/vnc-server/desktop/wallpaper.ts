import { coverage, drawDisc, lineBounds, type Point } from '../drawing/shapes.ts';
import { mix, Surface } from '../drawing/surface.ts';

const SKY = [
  [0, 0x141b3c],
  [0.35, 0x3b3a72],
  [0.58, 0x8c5a8c],
  [0.74, 0xd98484],
  [0.86, 0xf6bd8c],
  [1, 0xfadfae],
] as const;

/** Ranges of hills from the far one to the near one: heights are shares of the picture's. */
const HILLS = [
  { base: 0.64, height: 0.055, wavelength: 0.31, phase: 0.4, color: 0x8a5f90 },
  { base: 0.72, height: 0.065, wavelength: 0.42, phase: 2.1, color: 0x664b80 },
  { base: 0.81, height: 0.06, wavelength: 0.36, phase: 4.4, color: 0x453a6b },
  { base: 0.9, height: 0.055, wavelength: 0.55, phase: 1.2, color: 0x2a2850 },
];

type Hill = (typeof HILLS)[number];

const STARS = 70;

/** Paints hills at dusk. */
export function drawWallpaper(width: number, height: number): Surface {
  const surface = new Surface(width, height);
  for (let y = 0; y < height; y++) {
    surface.fill({ x: 0, y, width, height: 1 }, skyAt(y / (height * 0.8)));
  }
  drawStars(surface);
  const sun = { x: width * 0.63, y: height * 0.36 };
  const radius = Math.min(width, height) * 0.06;
  drawGlow(surface, sun, radius * 3.6);
  drawDisc(surface, sun, radius, 0xfff1cf);
  for (const hill of HILLS) drawHill(surface, hill);
  return surface;
}

function skyAt(share: number): number {
  const next = SKY.findIndex(([stop]) => stop >= share);
  const [from, below] = [SKY[next - 1], SKY[next]];
  if (!below) return SKY.at(-1)![1];
  return from ? mix(from[1], below[1], (share - from[0]) / (below[0] - from[0])) : below[1];
}

function drawGlow(surface: Surface, center: Point, radius: number): void {
  surface.paint(lineBounds(center, center, radius * 2), 0xffe9bd, (x, y) => {
    const nearness = 1 - Math.hypot(x - center.x, y - center.y) / radius;
    return nearness > 0 ? 0.4 * nearness * nearness : 0;
  });
}

function drawHill(surface: Surface, hill: Hill): void {
  const { width, height } = surface;
  const tops = Array.from({ length: width }, (_, x) => hillTop(hill, x / height) * height);
  const highest = Math.floor(Math.min(...tops)) - 1;
  const lowest = Math.ceil(Math.max(...tops)) + 1;
  const edge = { x: 0, y: highest, width, height: lowest - highest };
  surface.paint(edge, hill.color, (x, y) => coverage(tops[x]! - y));
  surface.fill({ x: 0, y: lowest, width, height: height - lowest }, hill.color);
}

function hillTop({ base, height, wavelength, phase }: Hill, x: number): number {
  const turn = (2 * Math.PI * x) / wavelength;
  const wide = Math.sin(turn * 0.5 + phase) * 0.6;
  const middle = Math.sin(turn * 1.13 + phase * 3) * 0.3;
  const narrow = Math.sin(turn * 2.7 + phase * 7) * 0.1;
  return base - height * (wide + middle + narrow);
}

function drawStars(surface: Surface): void {
  // Low-discrepancy places look scattered, and are the same for every size.
  for (let i = 1; i <= STARS; i++) {
    const height = (i * 0.7548776662) % 1;
    const place = {
      x: ((i * 0.5698402909) % 1) * surface.width,
      y: height * height * surface.height * 0.45,
    };
    const brightness = 0.75 - height * 0.6;
    const color = mix(skyAt(place.y / (surface.height * 0.8)), 0xffffff, brightness);
    drawDisc(surface, place, i % 7 === 0 ? 1.1 : 0.6, color);
  }
}
