import type { Bar, Row } from './figures/figure.ts';
import { judge, median, type Results, type Verdict } from './results.ts';

const LABEL_WIDTH = 38;
const COLUMN_WIDTH = 14;

/** Writes results as lines of text, under one column for each contestant. */
export class Table {
  readonly #contestants: readonly string[];

  constructor(contestants: readonly string[]) {
    this.#contestants = contestants;
  }

  head(): string {
    return this.#line('medians', (contestant) => contestant);
  }

  /** A line for every row, and one below it for every bar. */
  section(results: Results): string {
    const lines = results.figure.rows.flatMap((row) => [
      this.#line(row.label, (contestant) => number(median(results, contestant, row), row.digits)),
      ...row.bars.map((bar) => this.#barLine(results, row, bar)),
    ]);
    const failures = [...results.failures].map(([who, what]) => `  ${who}: ${what}`);
    return [...lines, ...failures].join('\n');
  }

  #barLine(results: Results, row: Row, bar: Bar): string {
    const { judged } = results.figure;
    return this.#line(`  ${barText(bar)}`, (contestant) =>
      judged.includes(contestant) ? verdictText(judge(results, contestant, row, bar)) : '',
    );
  }

  #line(label: string, cell: (contestant: string) => string): string {
    const cells = this.#contestants.map((contestant) => cell(contestant).padStart(COLUMN_WIDTH));
    return (label.padEnd(LABEL_WIDTH) + cells.join('')).trimEnd();
  }
}

function barText({ atLeast, atMost, times }: Bar): string {
  const limit = atLeast === undefined ? `at most ${atMost}` : `at least ${atLeast}`;
  return times === undefined ? limit : `${limit} x ${times}`;
}

function verdictText(verdict: Verdict | null): string {
  if (!verdict) return 'not compared';
  return `${number(verdict.value, 2)} ${verdict.passes ? 'pass' : 'MISS'}`;
}

function number(value: number | null, digits: number): string {
  return value === null || Number.isNaN(value) ? '-' : value.toFixed(digits);
}
