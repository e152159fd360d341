import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The programs that suites run beside Node, and a source of one; and the Debian package of each. */
const PACKAGES = {
  chromium: 'chromium',
  'firefox-esr': 'firefox-esr',
  Xtigervnc: 'tigervnc-standalone-server',
  tigervncconfig: 'tigervnc-common',
  vncpasswd: 'tigervnc-tools',
  x11vnc: 'x11vnc',
  Xtightvnc: 'tightvncserver',
  '/usr/share/doc/libvncserver-dev/examples/example.c': 'libvncserver-dev',
  gcc: 'build-essential',
  wayvnc: 'wayvnc',
  sway: 'sway',
  Xvfb: 'xvfb',
  xterm: 'xterm',
  xclock: 'x11-apps',
  xwd: 'x11-apps',
  xwud: 'x11-apps',
  xev: 'x11-utils',
  xprop: 'x11-utils',
  xrandr: 'x11-xserver-utils',
  xsetroot: 'x11-xserver-utils',
  setxkbmap: 'x11-xkb-utils',
  xclip: 'xclip',
  xdotool: 'xdotool',
  openssl: 'openssl',
  nginx: 'nginx',
  haproxy: 'haproxy',
  caddy: 'caddy',
  'qemu-system-x86_64': 'qemu-system-x86',
  sshd: 'openssh-server',
  'ssh-keygen': 'openssh-client',
  'ssh-agent': 'openssh-client',
  microsocks: 'microsocks',
  tinyproxy: 'tinyproxy-bin',
  stunnel4: 'stunnel4',
  debootstrap: 'debootstrap',
} as const;

/** What programs only recommend, by a place that Debian puts it: other systems have it, or do not, elsewhere. */
const BESIDES = {
  // Without any font a browser has nothing to write with, and without this one Xtightvnc does not start.
  '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf': 'fonts-dejavu-core',
  '/usr/share/doc/xfonts-base': 'xfonts-base',
  // Firefox has no H.264 of its own.
  '/usr/share/doc/libavcodec-extra': 'libavcodec-extra',
};

/** A program that `lacking` can look for. */
export type Program = keyof typeof PACKAGES;

/** Finds a program on the PATH; null: there is none. */
export function findProgram(name: string): string | null {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const file = join(folder, name);
    if (isExecutable(file)) return file;
  }
  return null;
}

function isThere(program: string): boolean {
  return program.startsWith('/') ? isReadable(program) : findProgram(program) !== null;
}

/**
 * Why a suite has to be skipped: what it lacks, and what to install; or false when it has all.
 * In CI it throws instead, as a skipped suite there is one that nobody misses.
 */
export function lacking(...programs: Program[]): string | false {
  const missing = programs.filter((program) => !isThere(program));
  if (missing.length === 0) return false;
  const packages = [...new Set(missing.map((program) => PACKAGES[program]))];
  return refuse(`${missing.join(', ')} not found: apt-get install ${packages.join(' ')}`);
}

/** Skips a suite for a reason, where that can be said of it; in CI it throws. */
export function refuse(reason: string): string {
  if (process.env.CI === 'true') throw new Error(reason);
  return reason;
}

/** The Debian packages that are needed and not there. */
function missingPackages(): string[] {
  const needed = { ...PACKAGES, ...(isDebian() && BESIDES) };
  const missing = Object.entries(needed).filter(([program]) => !isThere(program));
  return [...new Set(missing.map(([, name]) => name))];
}

/** Installs what is missing where that can be done: as root on Debian. Says what it does. */
export function installMissing(): void {
  const missing = missingPackages();
  if (missing.length === 0) return;
  if (!isDebian() || process.getuid?.() !== 0) {
    console.warn(`Some suites will be skipped. They need: apt-get install ${missing.join(' ')}`);
    return;
  }
  console.log(`Installing what the browser suites need: ${missing.join(' ')}`);
  try {
    aptGet('update');
    aptGet('install', '--yes', '--no-install-recommends', ...missing);
  } catch (error) {
    console.warn(`Installing failed: ${(error as Error).message}`);
  }
}

function aptGet(...args: string[]): void {
  execFileSync('apt-get', ['--quiet=2', ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    // Its report of every package unpacked is of no use here; its errors are.
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

function isDebian(): boolean {
  return isReadable('/etc/debian_version') && findProgram('apt-get') !== null;
}

function isExecutable(file: string): boolean {
  return isAccessible(file, constants.X_OK);
}

function isReadable(file: string): boolean {
  return isAccessible(file, constants.R_OK);
}

function isAccessible(file: string, mode: number): boolean {
  try {
    accessSync(file, mode);
    return true;
  } catch {
    return false;
  }
}
