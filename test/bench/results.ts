import type { Bar, Figure, Reading, Row } from './figures/figure.ts';

/** What one figure's rounds have brought. */
export interface Results {
  readonly figure: Figure;
  /** One reading per round, by contestant. */
  readonly readings: ReadonlyMap<string, readonly Reading[]>;
  /** What went wrong, by contestant. */
  readonly failures: ReadonlyMap<string, string>;
}

export interface Verdict {
  /** What is held against the bar: the median, or how many times the other's median it is. */
  readonly value: number;
  readonly passes: boolean;
}

/** Tells the median over the rounds, or null if there was none. */
export function median(results: Results, contestant: string, row: Row): number | null {
  const sorted = (results.readings.get(contestant) ?? [])
    .map((reading) => reading[row.key]!)
    .sort((a, b) => a - b);
  if (sorted.length === 0) return null;
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Holds a contestant against a bar; null if the one it is compared with did not take part. */
export function judge(results: Results, contestant: string, row: Row, bar: Bar): Verdict | null {
  const unit = bar.times === undefined ? 1 : median(results, bar.times, row);
  if (unit === null) return null;
  const own = median(results, contestant, row);
  if (own === null || results.failures.has(contestant)) return { value: Number.NaN, passes: false };
  const value = own / unit;
  const { atLeast = -Infinity, atMost = Infinity } = bar;
  return { value, passes: value >= atLeast && value <= atMost };
}

/** Tells all verdicts of a figure. */
export function verdicts(results: Results): Verdict[] {
  const { rows, judged } = results.figure;
  return rows
    .flatMap((row) => row.bars.flatMap((bar) => judged.map((who) => judge(results, who, row, bar))))
    .filter((verdict) => verdict !== null);
}
