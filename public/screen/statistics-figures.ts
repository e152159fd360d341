/** The encodings of pixels that noVNC takes, by what people call them. */
const NAMES: Readonly<Record<number, string>> = {
  0: 'Raw',
  1: 'CopyRect',
  2: 'RRE',
  5: 'Hextile',
  6: 'Zlib',
  7: 'Tight',
  16: 'ZRLE',
  21: 'JPEG',
  50: 'H.264',
  [-260]: 'TightPNG',
};

/** The shares of encodings by pixels, the largest first: `Tight 83 %, CopyRect 17 %`. */
export function formatShares(pixels: ReadonlyMap<number, number>, language: string): string {
  const total = [...pixels.values()].reduce((sum, each) => sum + each, 0);
  const percent = new Intl.NumberFormat(language, { style: 'percent' });
  return [...pixels]
    .filter(([, each]) => each > 0)
    .sort(([, one], [, other]) => other - one)
    .map(([encoding, each]) => `${NAMES[encoding]} ${percent.format(each / total)}`)
    .join(', ');
}

/** Bytes in a second, short: `812 B/s`, `4.2 kB/s`. */
export function formatRate(bytes: number, language: string): string {
  const power = bytes < 1_000 ? 0 : bytes < 1_000_000 ? 1 : 2;
  const value = bytes / 1_000 ** power;
  const digits = power > 0 && value < 10 ? 1 : 0;
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value);
  return `${number} ${['B', 'kB', 'MB'][power]}/s`;
}

/** The points of a line through `values`, the last at the right, in a box of 100 by 24. */
export function sparkline(values: readonly number[], length: number): string {
  const top = Math.max(1, ...values);
  const step = 100 / (length - 1);
  const start = 100 - step * (values.length - 1);
  return values
    .map((value, i) => `${round(start + i * step)},${round(23 - (22 * value) / top)}`)
    .join(' ');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
