import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import type { Figure, Reading } from './figures/figure.ts';
import { figures } from './figures/index.ts';
import { Lab } from './lab.ts';
import { hasWebsockify } from './relays.ts';
import { type Results, verdicts } from './results.ts';
import { Table } from './table.ts';

const USAGE = `npm run bench -- [options]

  --only NAMES   only these figures, of ${figures.map(({ name }) => name).join(', ')}
  --rounds N     how often each figure is measured (7)
  --quick        two rounds of small loads, for a first look
  --strict       exit with 1 if a bar is missed
  --json FILE    write every reading to a file`;

const QUICK = { rounds: 2, scale: 0.25 };
const FULL = { rounds: 7, scale: 1 };

const { values: flags } = parseArgs({
  options: {
    help: { type: 'boolean' },
    json: { type: 'string' },
    only: { type: 'string' },
    quick: { type: 'boolean' },
    rounds: { type: 'string' },
    strict: { type: 'boolean' },
  },
});

if (flags.help) console.log(USAGE);
else await main();

async function main(): Promise<void> {
  const size = flags.quick ? QUICK : FULL;
  const rounds = flags.rounds === undefined ? size.rounds : wholeNumber(flags.rounds);
  const chosen = chooseFigures(flags.only?.split(','));
  const table = new Table([...new Set(chosen.flatMap(({ contestants }) => contestants))]);
  process.on('SIGINT', () => process.exit(130));
  process.on('SIGTERM', () => process.exit(143));

  console.log(`Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model.trim()}`);
  console.log(`\n${table.head()}`);
  const lab = new Lab(size.scale);
  const all: Results[] = [];
  for (const figure of chosen) {
    const results = await measure(figure, Math.min(rounds, figure.maxRounds ?? rounds), lab);
    console.log(table.section(results));
    all.push(results);
  }
  lab.close();

  const missed = all.flatMap(verdicts).filter(({ passes }) => !passes).length;
  console.log(missed === 0 ? '\nEvery bar holds.' : `\nBars missed: ${missed}.`);
  if (flags.json !== undefined) writeFileSync(flags.json, toJson(all));
  if (flags.strict && missed > 0) process.exitCode = 1;
}

/** Lets the contestants take turns, so that what the machine does besides hits all alike. */
async function measure(figure: Figure, rounds: number, lab: Lab): Promise<Results> {
  const readings = new Map(figure.contestants.map((name) => [name, [] as Reading[]]));
  const failures = new Map<string, string>();
  for (let round = 0; round < rounds; round++) {
    // Whoever goes first may find the machine in another state than who goes last.
    const turns = rotate(figure.contestants, round);
    if (figure.together) await Promise.all(turns.map(measureOne));
    else for (const name of turns) await measureOne(name);
  }
  return { figure, readings, failures };

  async function measureOne(name: string): Promise<void> {
    try {
      readings.get(name)!.push(await figure.measure(name, lab));
    } catch (error) {
      failures.set(name, (error as Error).message);
    }
  }
}

function chooseFigures(names: readonly string[] | undefined): Figure[] {
  const unknown = names?.find((name) => !figures.some((figure) => figure.name === name));
  if (unknown !== undefined) refuse(`no figure is called ${unknown}`);
  const chosen = figures.filter(({ name }) => names?.includes(name) ?? true);
  if (hasWebsockify()) return chosen;
  console.log('websockify is not installed: it is left out.');
  return chosen.map((figure) => ({
    ...figure,
    contestants: figure.contestants.filter((name) => name !== 'websockify'),
  }));
}

function rotate<Item>(items: readonly Item[], by: number): Item[] {
  const first = by % items.length;
  return [...items.slice(first), ...items.slice(0, first)];
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) refuse(`not a number of rounds: ${text}`);
  return number;
}

function refuse(why: string): never {
  console.error(`${why}\n\n${USAGE}`);
  process.exit(2);
}

function toJson(all: readonly Results[]): string {
  const named = all.map(({ figure, readings, failures }) => ({
    figure: figure.name,
    readings: Object.fromEntries(readings),
    failures: Object.fromEntries(failures),
  }));
  return `${JSON.stringify({ node: process.version, figures: named }, null, 2)}\n`;
}
