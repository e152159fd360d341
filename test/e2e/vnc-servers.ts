import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, copyFile, readdir, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Identity } from '../helpers/authority.ts';
import { type Command, inDebian13 } from '../helpers/debian-13.ts';
import { eventually } from './eventually.ts';
import { answers, end, freePort, makeFolder, type VncServer, writePassword } from './x-server.ts';

const HOST = '127.0.0.1';

/** The user `nobody` of Debian. */
const NOBODY = 65534;

export interface QemuOptions {
  readonly password?: string;
  /** How it gets the password: when it starts, or later through its monitor. */
  readonly passwordBy?: 'secret' | 'monitor';
  /** A Unix socket in place of a port. */
  readonly unix?: boolean;
  /** TLS with no certificate, or with this one. */
  readonly tls?: 'anonymous' | Identity;
  /** Lets in whoever shows a certificate of this authority. */
  readonly ca?: Identity;
  /** Lets viewers turn the machine off, and reset it. */
  readonly power?: boolean;
}

/** A server that listens on a TCP port, for sure. */
export interface TcpServer extends VncServer {
  readonly address: { readonly host: string; readonly port: number };
}

export interface Qemu extends VncServer {
  /** Waits until the machine has told of this event, as the last of such. */
  tells(event: 'POWERDOWN' | 'RESET'): Promise<void>;
}

/** Starts a virtual machine that has nothing in it but a screen of QEMU's. */
export async function startQemu(options: QemuOptions = {}): Promise<Qemu> {
  const { password, passwordBy = 'secret', unix = false, tls, ca } = options;
  const folder = await makeFolder();
  const port = await freePort();
  const address = unix ? { path: join(folder, 'vnc') } : { host: HOST, port };
  const objects: string[] = [];
  const vnc = ['path' in address ? `unix:${address.path}` : `${HOST}:${port - 5900}`];
  if (password !== undefined && passwordBy === 'secret') {
    objects.push(`secret,id=word,data=${password}`);
    vnc.push('password-secret=word');
  }
  if (password !== undefined && passwordBy === 'monitor') vnc.push('password=on');
  if (tls === 'anonymous') objects.push('tls-creds-anon,id=tls,endpoint=server,verify-peer=no');
  else if (tls) {
    await copyFile(tls.files.cert, join(folder, 'server-cert.pem'));
    await copyFile(tls.files.key, join(folder, 'server-key.pem'));
    if (ca) await copyFile(ca.files.cert, join(folder, 'ca-cert.pem'));
    const peer = `verify-peer=${ca ? 'yes' : 'no'}`;
    objects.push(`tls-creds-x509,id=tls,endpoint=server,dir=${folder},${peer}`);
  }
  if (tls) vnc.push('tls-creds=tls');
  if (options.power) vnc.push('power-control=on');
  const monitor = join(folder, 'monitor');
  const qemu = spawn(
    'qemu-system-x86_64',
    [
      ...['-machine', 'none', '-nodefaults', '-display', 'none'],
      ...['-qmp', `unix:${monitor},server=on,wait=off`],
      ...objects.flatMap((object) => ['-object', object]),
      ...['-vnc', vnc.join(',')],
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  await answers(address);
  if (password !== undefined && passwordBy === 'monitor') {
    await command(monitor, 'set_password', { protocol: 'vnc', password });
  }
  const events: string[] = [];
  if (options.power) {
    const socket = await openMonitor(monitor);
    const lines = createInterface(socket);
    socket.on('error', () => {});
    lines.on('line', (line) => {
      const { event } = JSON.parse(line) as { event?: string };
      if (event === 'POWERDOWN' || event === 'RESET') events.push(event);
    });
    socket.write('{"execute":"qmp_capabilities"}\n');
  }
  return {
    ...served([qemu], address, folder),
    async tells(event) {
      await eventually(
        'what the machine tells',
        () => events.at(-1),
        (last) => last === event,
      );
    },
  };
}

/** TightVNC's server, which is of the year 2009, and finds no display by itself. */
export async function startTightVnc({ password }: { password?: string }): Promise<TcpServer> {
  const folder = await makeFolder();
  const port = await freePort();
  const address = { host: HOST, port };
  const sign = password === undefined ? [] : ['-rfbauth', await writePassword(folder, password)];
  // Far from where others look for a free one.
  const display = 1000 + port;
  const args = [`:${display}`, '-rfbport', `${port}`, '-localhost', '-geometry', '800x600'];
  const server = spawn('Xtightvnc', [...args, '-depth', '24', ...sign], { stdio: 'ignore' });
  await answers(address);
  return served([server], address, folder);
}

/** A server that libvncserver brings as an example, in which one can draw: no package has it made. */
export const LIBVNCSERVER_EXAMPLE = '/usr/share/doc/libvncserver-dev/examples/example.c';

/** Makes libvncserver's example and starts it. */
export async function startLibVncServer({ password }: { password?: string }): Promise<VncServer> {
  const folder = await makeFolder();
  const port = await freePort();
  const program = join(folder, 'example');
  execFileSync('gcc', ['-w', '-o', program, LIBVNCSERVER_EXAMPLE, '-lvncserver', '-lm']);
  const sign = password === undefined ? [] : ['-passwd', password];
  const args = ['-rfbport', `${port}`, '-listen', HOST, ...sign];
  const server = spawn(program, args, { stdio: 'ignore' });
  const address = { host: HOST, port };
  await answers(address);
  return served([server], address, folder);
}

export interface WayVncOptions {
  readonly username: string;
  readonly password: string;
  /** Without one there is no TLS, which only Debian 13's can do without. */
  readonly certificate?: Identity;
  /** Debian 13's: 0.9 in place of 0.5. */
  readonly isNew?: boolean;
}

/** Starts a Wayland desktop without a screen, all of `#336699`, and wayvnc in it. */
export async function startWayVnc(how: WayVncOptions): Promise<TcpServer> {
  const { username, password, certificate, isNew } = how;
  const folder = await makeFolder();
  const port = await freePort();
  const file = (name: string) => join(folder, name);
  const settings: Record<string, unknown> = {
    ...{ address: HOST, port, enable_auth: true, username, password },
  };
  if (certificate) {
    await copyFile(certificate.files.cert, file('cert'));
    await copyFile(certificate.files.key, file('key'));
    settings.certificate_file = file('cert');
    settings.private_key_file = file('key');
  } else settings.relax_encryption = true;
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
  await writeFile(file('wayvnc'), lines.join(''));
  const screen = 'output HEADLESS-1 resolution 800x600 bg #336699 solid_color';
  await writeFile(file('sway'), `xwayland disable\n${screen}\n`);
  // Sway does not run as root.
  const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  if ('uid' in user) {
    for (const name of ['.', ...(await readdir(folder))]) await chown(file(name), NOBODY, NOBODY);
  }
  await chmod(folder, 0o700);
  const env = {
    ...{ PATH: process.env.PATH, HOME: folder, XDG_RUNTIME_DIR: folder },
    ...{ WLR_BACKENDS: 'headless', WLR_LIBINPUT_NO_DEVICES: '1', WLR_RENDERER: 'pixman' },
    WAYLAND_DISPLAY: undefined as string | undefined,
  };
  const options = { cwd: folder, stdio: 'ignore', env } as const;
  const sway = spawn('sway', ['--config', file('sway')], { ...options, ...user });
  env.WAYLAND_DISPLAY = await eventually('a Wayland display', async () => {
    return (await readdir(folder)).find((name) => /^wayland-\d+$/.test(name));
  });
  const config = `--config=${file('wayvnc')}`;
  const [program, ...before]: Command = isNew ? inDebian13('wayvnc') : ['wayvnc'];
  const wayvnc = spawn(program, [...before, config], { ...options, ...(isNew ? {} : user) });
  const address = { host: HOST, port };
  await answers(address);
  return served([wayvnc, sway], address, folder);
}

/** The VNC server comes first of the processes. */
function served<Address extends VncServer['address']>(
  processes: readonly [ChildProcess, ...ChildProcess[]],
  address: Address,
  folder: string,
): VncServer & { readonly address: Address } {
  return {
    address,
    freeze: () => processes[0].kill('SIGSTOP'),
    thaw: () => processes[0].kill('SIGCONT'),
    async stop() {
      for (const each of processes) await end(each, 'SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Tells QEMU's monitor one thing (QEMU Machine Protocol: a line of JSON each way). */
async function command(path: string, execute: string, args: object): Promise<void> {
  const socket = await openMonitor(path);
  const lines = createInterface(socket)[Symbol.asyncIterator]();
  await lines.next();
  for (const line of [{ execute: 'qmp_capabilities' }, { execute, arguments: args }]) {
    socket.write(`${JSON.stringify(line)}\n`);
    const answer = JSON.parse((await lines.next()).value) as { return?: unknown };
    if (answer.return === undefined) throw new Error(`QEMU: ${JSON.stringify(answer)}`);
  }
  socket.destroy();
}

async function openMonitor(path: string): Promise<Socket> {
  const socket = await eventually('a monitor of QEMU', async () => {
    const trying = connect(path);
    return once(trying, 'connect').then(
      () => trying,
      () => null,
    );
  });
  return socket!;
}
