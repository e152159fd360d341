import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import type { Readable } from 'node:stream';
import type { Machine } from './machines.ts';

/** What runs on it, if it is installed. */
const PROGRAMS = [
  ['xsetroot', '-solid', '#24466b'],
  ['xterm', '-geometry', '84x26+48+64', '-fa', 'Monospace', '-fs', '11', '-T', 'Terminal'],
  ['xclock', '-geometry', '220x220-48+64', '-update', '1'],
] as const;

/**
 * Ends the X server as soon as its standard input does: when this program closes it, and when this
 * program is gone, however it went. Programs on the X server end with it.
 */
const KEEPER = '"$@" & exec 2>&- 3>&-; read -r _; kill $!; wait $!';

/** Starts a real X desktop, or says what to install, and returns no machine then. */
export async function startXDesktop(): Promise<Machine[]> {
  if (spawnSync('Xtigervnc', ['-version']).error) {
    console.log(
      'No X desktop: it needs Xtigervnc (apt-get install tigervnc-standalone-server xterm x11-apps)',
    );
    return [];
  }
  const port = await freePort();
  const x = spawnX(port);
  let complaint = '';
  let isRunning = true;
  x.stderr!.on('data', (text: Buffer) => {
    complaint = (complaint + text).slice(-1_000);
  });
  x.stderr!.once('end', () => {
    isRunning = false;
  });
  const display = await readLine(x.stdio[3] as Readable);
  if (display === '') {
    x.stdin!.end();
    const why = complaint.trim().split('\n').at(-1);
    console.log(`No X desktop: Xtigervnc did not start: ${why}`);
    return [];
  }
  for (const [program, ...args] of PROGRAMS) openOn(`:${display}`, program, args);
  return [
    {
      name: 'x-1',
      title: 'X desktop',
      about: 'A real X server, TigerVNC, with what is installed here: a terminal and a clock.',
      port,
      isRunning: () => isRunning,
      viewers: () => null,
      picture: () => null,
      async stop() {
        x.stdin!.end();
        if (x.exitCode === null && x.signalCode === null) await once(x, 'exit');
      },
    },
  ];
}

/** It takes a free display by itself, and writes its number once it is ready. */
function spawnX(port: number): ChildProcess {
  const vnc = ['-rfbport', `${port}`, '-localhost', '-SecurityTypes', 'None', '-AlwaysShared'];
  const screen = ['-geometry', '1280x800', '-depth', '24', '-desktop', 'X desktop'];
  const x = ['Xtigervnc', '-displayfd', '3', '-nolisten', 'tcp', ...screen, ...vnc];
  return spawn('sh', ['-c', KEEPER, 'keeper', ...x], {
    stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
    // A terminal's Ctrl-C is for this program; the keeper has still something to do after it.
    detached: true,
  });
}

function openOn(display: string, program: string, args: readonly string[]): void {
  const child = spawn(program, args, {
    env: { ...process.env, DISPLAY: display },
    stdio: 'ignore',
    detached: true,
  });
  // It may well not be installed.
  child.on('error', () => {});
}

async function readLine(stream: Readable): Promise<string> {
  let text = '';
  for await (const chunk of stream) {
    text += chunk;
    if (text.endsWith('\n')) break;
  }
  return text.trim();
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
