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
  /** What is held against the bar: a median, or the median of what the rounds' ratios were. */
  readonly value: number;
  readonly passes: boolean;
}

/** Tells the median over the rounds, or null if there was none. */
export function median(results: Results, contestant: string, row: Row): number | null {
  return middle(readings(results, contestant, row));
}

/** Holds a contestant against a bar; null if the one it is compared with did not take part. */
export function judge(results: Results, contestant: string, row: Row, bar: Bar): Verdict | null {
  const { times } = bar;
  if (times !== undefined && !results.readings.has(times)) return null;
  const isWhole = !results.failures.has(contestant) && !results.failures.has(times ?? contestant);
  const own = readings(results, contestant, row);
  // Round by round, as the machine's pace drifts from one to the next, and hits both alike in one.
  const others = times === undefined ? null : readings(results, times, row);
  const value = middle(others ? own.map((each, round) => each / others[round]!) : own);
  if (!isWhole || value === null) return { value: Number.NaN, passes: false };
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

function readings(results: Results, contestant: string, row: Row): number[] {
  return (results.readings.get(contestant) ?? []).map((reading) => reading[row.key]!);
}

function middle(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
