import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts CPU time for user space in hundredths of a second, whatever its own clock. */
const TICKS_PER_SECOND = 100;

interface Stat {
  readonly parent: number;
  /** What its children had used when they ended. */
  readonly childTicks: number;
}

/** Tells the CPU seconds a process and its descendants, the dead ones included, have used so far. */
export function cpuSeconds(pid: number): number {
  const tree = processTree(pid);
  const ticks = tree.map((member) => readStat(member)?.childTicks ?? 0).reduce(sum, 0);
  return tree.map(ownCpuSeconds).reduce(sum, ticks / TICKS_PER_SECOND);
}

/** To the nanosecond, as the scheduler counts: a figure of a few ticks would jump. */
function ownCpuSeconds(pid: number): number {
  let threads: string[] = [];
  try {
    threads = readdirSync(`/proc/${pid}/task`);
  } catch {
    // It is gone, and counted with its parent's children.
  }
  const used = threads.map((thread) =>
    Number(readProc(`/proc/${pid}/task/${thread}/schedstat`)?.split(' ')[0] ?? 0),
  );
  return used.reduce(sum, 0) / 1e9;
}

/**
 * Tells the bytes of memory of its own a process and its descendants hold: their proportional
 * share of anonymous pages, which another process that runs the same program does not change.
 */
export function memoryBytes(pid: number): number {
  return processTree(pid).map(readAnonymousMemory).reduce(sum, 0);
}

function processTree(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    const stat = Number.isInteger(pid) ? readStat(pid) : null;
    if (stat) children.set(stat.parent, [...(children.get(stat.parent) ?? []), pid]);
  }
  const tree = [root];
  for (const pid of tree) tree.push(...(children.get(pid) ?? []));
  return tree;
}

function readStat(pid: number): Stat | null {
  const text = readProc(`/proc/${pid}/stat`);
  if (text === null) return null;
  // proc(5): the second field, the name, may itself hold spaces and parentheses.
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  // Fields 4 (ppid), 16 and 17 (cutime, cstime), counted from the third.
  return { parent: fields[1]!, childTicks: fields.slice(13, 15).reduce(sum, 0) };
}

function readAnonymousMemory(pid: number): number {
  const kilobytes = /^Pss_Anon:\s+(\d+) kB$/m.exec(readProc(`/proc/${pid}/smaps_rollup`) ?? '');
  return kilobytes ? Number(kilobytes[1]) * 1024 : 0;
}

/** Processes come and go while `/proc` is read: one that is gone counts for nothing. */
function readProc(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function sum(a: number, b: number): number {
  return a + b;
}
