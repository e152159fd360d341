import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findProgram, lacking, refuse } from './system.ts';

/** A Debian 13 in a folder, as Debian 12 has no server with keys of its own (security types RA2). */
const ROOT = '/var/cache/express-novnc/debian-13';

/** Its programs that suites run, and the package of each. */
const PACKAGES = {
  Xtigervnc: 'tigervnc-standalone-server',
  wayvnc: 'wayvnc',
} as const;

type NewProgram = keyof typeof PACKAGES;

/** Runs a program in the folder that sees this machine's devices and files of tests, and no more. */
const ENTER = 'mount --bind /tmp "$0/tmp" && mount --rbind /dev "$0/dev" && exec chroot "$0" "$@"';

/** Why a suite that needs such a server has to be skipped, or false. In CI it throws, as `lacking`. */
export function lackingDebian13(): string | false {
  if (isComplete()) return process.getuid?.() === 0 ? false : refuse('chroot is for root');
  return lacking('debootstrap') || refuse(`${ROOT} is not there: as root, npm test makes it`);
}

/** A program, and the first of its arguments. */
export type Command = readonly [program: string, ...args: string[]];

/** What runs a program of Debian 13's; any signal gets to the program itself. */
export function inDebian13(program: NewProgram): Command {
  return ['unshare', '--mount', 'sh', '-c', ENTER, ROOT, program];
}

/** Makes the folder where that can be done: as root, with debootstrap. Says what it does. */
export function installDebian13(): void {
  if (isComplete() || process.getuid?.() !== 0 || findProgram('debootstrap') === null) return;
  const packages = Object.values(PACKAGES);
  console.log(`Making a Debian 13 with ${packages.join(' and ')}`);
  const half = `${ROOT}.half`;
  rmSync(half, { recursive: true, force: true });
  mkdirSync(dirname(ROOT), { recursive: true });
  try {
    execFileSync(
      'debootstrap',
      ['--variant=minbase', `--include=${packages.join(',')}`, 'trixie', half],
      // It tells of every package; where it fails it has said why in the folder.
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    rmSync(ROOT, { recursive: true, force: true });
    renameSync(half, ROOT);
  } catch (error) {
    console.warn(`Making it failed: ${(error as Error).message}. See ${half}/debootstrap`);
  }
}

function isComplete(): boolean {
  return Object.keys(PACKAGES).every((program) => existsSync(join(ROOT, 'usr/bin', program)));
}
