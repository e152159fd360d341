import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { type Command, inDebian13 } from '../helpers/debian-13.ts';
import { eventually } from './eventually.ts';
import { type Picture, parseXwd } from './picture.ts';

const execute = promisify(execFile);

/** A real VNC server, on this machine. */
export interface VncServer {
  readonly address: { readonly host: string; readonly port: number } | { readonly path: string };
  /** It says nothing from here on, and keeps its connections. */
  freeze(): void;
  /** It goes on from where it was. */
  thaw(): void;
  /** Ends all, in good order. */
  stop(): Promise<void>;
}

/** A real X server that a VNC server shows, and what runs in it. */
export interface XServer extends VncServer {
  /** The VNC server's TCP port, on 127.0.0.1. */
  readonly port: number;
  /** The X display's name. */
  readonly display: string;
  /** How far the colours that viewers get may be off, as JPEG makes them. */
  readonly tolerance: number;
  /** A folder for files of this server's programs, gone with it. */
  readonly folder: string;
  /** Starts a program in it, which ends with it at the latest. */
  start(program: string, ...args: string[]): ChildProcess;
  /** Runs a program in it to its end, and returns what it printed. */
  run(program: string, ...args: string[]): Promise<string>;
  picture(): Promise<Picture>;
  /** Ends the VNC server as a crash would. */
  kill(): Promise<void>;
}

export interface XServerOptions {
  /** Asks viewers for this password. */
  readonly password?: string;
  readonly size?: string;
  /** Goes by the place of a key, and by its own layout, as machines do; TigerVNC only. */
  readonly rawKeyboard?: boolean;
  /** Lets no viewer choose the size of the screen; TigerVNC only. */
  readonly fixedSize?: boolean;
  /** How many pictures a second it sends at most; TigerVNC only. @default 60 */
  readonly frameRate?: number;
  /** The desktop's name. */
  readonly name?: string;
  /** Arguments of the VNC server's in place of those for the password. */
  readonly signIn?: readonly string[];
  /** x11vnc's environment, besides that of the tests. */
  readonly env?: Readonly<Record<string, string>>;
  /** TigerVNC's names of the security types it offers, by default those that fit the password. */
  readonly securityTypes?: string;
  /** What it shows in those whose names begin with X509, in PEM. */
  readonly certificate?: { readonly cert: string; readonly key: string };
  /** TigerVNC of Debian 13: 1.15 in place of 1.12. */
  readonly isNew?: boolean;
}

/** Starts TigerVNC's server, which is X server and VNC server in one. */
export async function startTigerVnc(options: XServerOptions = {}): Promise<XServer> {
  const { password, size = '800x600', name = 'Test desktop' } = options;
  const { rawKeyboard = false, fixedSize = false, frameRate = 60 } = options;
  const { securityTypes = password === undefined ? 'None' : 'VncAuth', certificate } = options;
  const folder = await makeFolder();
  const port = await freePort();
  const security = [
    ...['-SecurityTypes', securityTypes],
    ...(options.signIn ??
      (password === undefined ? [] : ['-PasswordFile', await writePassword(folder, password)])),
    ...(certificate ? await writeCertificate(folder, certificate) : []),
  ];
  const args = [
    ...['-rfbport', `${port}`, '-localhost', '-geometry', size, '-depth', '24', '-desktop', name],
    ...security,
    ...(rawKeyboard ? ['-RawKeyboard'] : []),
    ...(fixedSize ? ['-AcceptSetDesktopSize=0'] : []),
    ...['-FrameRate', `${frameRate}`],
  ];
  const { server, display } = await startX(
    options.isNew ? inDebian13('Xtigervnc') : ['Xtigervnc'],
    args,
  );
  await answers({ host: '127.0.0.1', port });
  return inhabit({ display, port, folder, tolerance: 8, servers: [server] });
}

/** Gives the desktop of a TigerVNC another name. */
export async function rename(server: XServer, name: string): Promise<void> {
  await server.run('tigervncconfig', '-set', `desktop=${name}`);
}

/** Starts an X server without a screen of its own, and x11vnc beside it, which polls it. */
export async function startX11Vnc(options: XServerOptions = {}): Promise<XServer> {
  const { password, size = '800x600', name = 'Test desktop' } = options;
  const folder = await makeFolder();
  const port = await freePort();
  const { server, display } = await startX(['Xvfb'], ['-screen', '0', `${size}x24`]);
  const { signIn } = options;
  const security =
    signIn ??
    (password === undefined ? ['-nopw'] : ['-rfbauth', await writePassword(folder, password)]);
  const vnc = spawn(
    'x11vnc',
    [
      ...['-display', display, '-rfbport', `${port}`, '-localhost', '-noipv6', '-norc', '-quiet'],
      ...['-forever', '-shared', '-desktop', name, '-wait', '10', '-defer', '10'],
      ...security,
    ],
    { stdio: 'ignore', env: { ...process.env, ...options.env } },
  );
  await answers({ host: '127.0.0.1', port });
  return inhabit({ display, port, folder, tolerance: 48, servers: [vnc, server] });
}

/** Finds a TCP port of 127.0.0.1 that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

interface Inhabitable extends Pick<XServer, 'port' | 'display' | 'folder' | 'tolerance'> {
  /** The VNC server first. */
  readonly servers: readonly [ChildProcess, ...ChildProcess[]];
}

function inhabit({ display, port, folder, tolerance, servers }: Inhabitable): XServer {
  const env = { ...process.env, DISPLAY: display, LC_ALL: 'C.UTF-8' };
  const inhabitants: ChildProcess[] = [];
  return {
    address: { host: '127.0.0.1', port },
    port,
    display,
    folder,
    tolerance,
    freeze: () => servers[0].kill('SIGSTOP'),
    thaw: () => servers[0].kill('SIGCONT'),
    start(program, ...args) {
      const child = spawn(program, args, { env, cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] });
      inhabitants.push(child);
      return child;
    },
    async run(program, ...args) {
      return (await execute(program, args, { env, cwd: folder, timeout: 10_000 })).stdout;
    },
    async picture() {
      const { stdout } = await execute('xwd', ['-root', '-silent'], {
        env,
        encoding: 'buffer',
        maxBuffer: 2 ** 26,
      });
      return parseXwd(stdout);
    },
    kill: () => end(servers[0], 'SIGKILL'),
    async stop() {
      for (const child of [...inhabitants, ...servers]) await end(child, 'SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** X servers take a free display by themselves, and write its number once they are ready. */
async function startX(
  [program, ...before]: Command,
  args: readonly string[],
): Promise<{ server: ChildProcess; display: string }> {
  const server = spawn(program, [...before, '-displayfd', '3', '-nolisten', 'tcp', ...args], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  let complaint = '';
  server.stderr!.on('data', (text) => {
    complaint = (complaint + text).slice(-2_000);
  });
  let display = '';
  for await (const text of server.stdio[3] as Readable) {
    display += text;
    if (display.endsWith('\n')) break;
  }
  if (display === '') throw new Error(`${program} did not start: ${complaint}`);
  return { server, display: `:${display.trim()}` };
}

/** Waits for a VNC server's greeting. */
export function answers(address: VncServer['address']): Promise<boolean> {
  return eventually(`a VNC server at ${JSON.stringify(address)}`, () => {
    const socket = connect(address);
    return new Promise<boolean>((resolve) => {
      socket.once('data', () => resolve(true));
      socket.once('error', () => resolve(false));
      socket.once('end', () => resolve(false));
    }).finally(() => socket.destroy());
  });
}

/** Ends a program; with SIGKILL if it takes too long. */
export async function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill(signal);
  const late = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await exit;
  clearTimeout(late);
}

/** Makes a folder for files that go with what they are for. */
export function makeFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'express-novnc-'));
}

/**
 * Writes a password as the VNC servers of X read it. They do so at each sign-in: each has a file of
 * its own, which nobody empties to write it anew.
 */
export async function writePassword(folder: string, password: string): Promise<string> {
  const file = join(await mkdtemp(join(folder, 'password-')), 'password');
  const vncpasswd = execute('vncpasswd', ['-f'], { encoding: 'buffer' });
  vncpasswd.child.stdin!.end(`${password}\n`);
  await writeFile(file, (await vncpasswd).stdout, { mode: 0o600 });
  return file;
}

async function writeCertificate(
  folder: string,
  { cert, key }: { cert: string; key: string },
): Promise<string[]> {
  const files = { cert: join(folder, 'certificate.pem'), key: join(folder, 'key.pem') };
  await writeFile(files.cert, cert);
  await writeFile(files.key, key, { mode: 0o600 });
  return ['-X509Cert', files.cert, '-X509Key', files.key];
}
