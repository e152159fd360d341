import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative, sep } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { installDebian13 } from './helpers/debian-13.ts';
import { installMissing } from './helpers/system.ts';

const USAGE = `Usage: npm test -- [--no-browser] [FILE...]

Runs all tests, or those of the files, and checks how much of lib they run.

  --no-browser   leave out what needs a browser or an X server, and the check of lib
`;

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const COVERAGE = join(ROOT, 'coverage');
const MIN_LINES = 95;

// A file that takes longer hangs, in milliseconds.
const FILE_TIMEOUT = 120_000;
const BROWSER_FILE_TIMEOUT = 300_000;
// Node 24 applies a file's limit to the tests in it, and not to a process that never ends. The browser's
// suites take a quarter of an hour on a quick machine of two cores, and twice that on a slow one.
const RUN_TIMEOUT = 2_700_000;

/** What node's runner counts, in its order: the last lines of its report. */
type Summary = Map<string, number>;

const { values, positionals } = readArguments();
const files = positionals.length > 0 ? positionals.map((file) => join(ROOT, file)) : testFiles();
const quick = files.filter((file) => !needsBrowser(file));
const browser = values['no-browser'] ? [] : files.filter(needsBrowser);
const measured = !values['no-browser'] && positionals.length === 0;

console.log(`Node ${process.version}: ${quick.length + browser.length} files of tests`);
if (browser.length > 0) {
  installMissing();
  installDebian13();
}
if (measured) {
  rmSync(COVERAGE, { recursive: true, force: true });
  // Node writes down, in every process that the tests start, which lines ran.
  process.env.NODE_V8_COVERAGE = join(COVERAGE, 'tmp');
}

const report = new spec();
report.pipe(process.stdout);
const summary: Summary = new Map();
const skips: string[] = [];
let passed = true;

// Half of their time tests wait, for a moment to pass or for somebody else.
await runFiles(quick, { concurrency: 2 * availableParallelism(), timeout: FILE_TIMEOUT });
// More browsers at once on a small machine would only make each other late.
await runFiles(browser, { concurrency: 2, timeout: BROWSER_FILE_TIMEOUT });
if (measured) checkCoverage();
finish();

/** Runs the files by node's runner; its counts are put off to the end, summed up. */
async function runFiles(
  files: string[],
  options: { concurrency: number; timeout: number },
): Promise<void> {
  if (files.length === 0) return;
  const signal = AbortSignal.timeout(RUN_TIMEOUT);
  for await (const event of run({ files, signal, ...options })) {
    if (event.type === 'test:fail' && event.data.todo === undefined) passed = false;
    if (event.type === 'test:pass' && typeof event.data.skip === 'string') {
      skips.push(`SKIPPED "${event.data.name}": ${event.data.skip}`);
    }
    if (event.type !== 'test:diagnostic' || !count(event.data)) report.write(event);
  }
}

function count({ nesting, message }: { nesting: number; message: string }): boolean {
  const [, name, number] =
    /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) ([\d.]+)$/.exec(message) ?? [];
  if (nesting > 0 || name === undefined) return false;
  summary.set(name, (summary.get(name) ?? 0) + Number(number));
  return true;
}

function checkCoverage(): void {
  // The report itself is not to be measured.
  delete process.env.NODE_V8_COVERAGE;
  const c8 = spawnSync(
    'c8', // npm and npx have it on their PATH
    [
      ...['report', '--include', 'lib/**', '--all', '--reporter', 'text', '--reporter', 'lcovonly'],
      ...['--temp-directory', join(COVERAGE, 'tmp'), '--reports-dir', COVERAGE],
      ...['--check-coverage', '--lines', `${MIN_LINES}`],
    ],
    { cwd: ROOT, stdio: 'inherit' },
  );
  if (c8.error) console.error(`c8: ${c8.error.message}`);
  if (c8.status !== 0) passed = false;
}

function finish(): void {
  for (const line of skips) console.warn(line);
  if (skips.length > 0 && process.env.CI === 'true') {
    console.error('In CI nothing may be skipped.');
    passed = false;
  }
  for (const [name, number] of summary) {
    const message = `${name} ${name === 'duration_ms' ? number.toFixed(0) : number}`;
    report.write({ type: 'test:diagnostic', data: { nesting: 0, message } });
  }
  report.end();
  process.exitCode = passed ? 0 : 1;
}

function testFiles(): string[] {
  return readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts') && !file.startsWith(`bench${sep}`))
    .sort()
    .map((file) => join(ROOT, 'test', file));
}

function needsBrowser(file: string): boolean {
  return relative(join(ROOT, 'test'), file).startsWith(`e2e${sep}`);
}

function readArguments() {
  try {
    return parseArgs({ options: { 'no-browser': { type: 'boolean' } }, allowPositionals: true });
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}`);
    process.exit(2);
  }
}
