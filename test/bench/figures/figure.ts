import type { Lab } from '../lab.ts';

/** One contestant's numbers of one round, by the keys of the figure's rows. */
export type Reading = Readonly<Record<string, number>>;

/** What a median must keep to: a number, or so many times another contestant's median. */
export interface Bar {
  readonly atLeast?: number;
  readonly atMost?: number;
  readonly times?: string;
}

/** One line of the table. */
export interface Row {
  readonly key: string;
  readonly label: string;
  readonly digits: number;
  readonly bars: readonly Bar[];
}

/** Something that is measured for several contestants side by side. */
export interface Figure<Contestant extends string = string> {
  /** What `--only` calls it. */
  readonly name: string;
  readonly contestants: readonly Contestant[];
  /** The contestants the bars are for. */
  readonly judged: readonly Contestant[];
  readonly rows: readonly Row[];
  /** Fewer rounds than asked for, where one takes long and differs little from the next. */
  readonly maxRounds?: number;
  /** Measures all contestants at the same time: only where they leave the CPU alone. */
  readonly together?: boolean;
  measure(contestant: Contestant, lab: Lab): Promise<Reading>;
}
