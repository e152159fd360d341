import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { createApp } from './app.ts';
import { type Machine, startMachines } from './machines.ts';
import { startXDesktop } from './x-desktop.ts';

const USAGE = `Usage: npm start [-- --xvnc]

Serves a small management console with VNC consoles in it.

  --xvnc   add a real X desktop (needs Xtigervnc)
  --help

HOST and PORT in the environment say where it listens: 127.0.0.1 and 8080 by default; port 0 takes
a free one.
`;

/** How long consoles and VNC servers may take to end, in milliseconds. */
const END_TIMEOUT = 5_000;

/** Ends the program with one line that says what is wrong. */
function fail(message: string, exitCode: 1 | 2): never {
  process.stderr.write(`demo: ${message}\n`);
  process.exit(exitCode);
}

function readFlags(): { xvnc: boolean; help: boolean } {
  try {
    const flag = { type: 'boolean', default: false } as const;
    return parseArgs({ options: { xvnc: flag, help: flag } }).values;
  } catch (error) {
    const [what = ''] = (error as Error).message.split(/\. |\n/);
    return fail(`${what}; there are --xvnc and --help`, 2);
  }
}

function readAddress(): { host: string; port: number } {
  const { HOST, PORT } = process.env;
  const port = Number(PORT || 8080);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    fail(`PORT is ${JSON.stringify(PORT)}: expected a number from 0 to 65535`, 2);
  }
  return { host: HOST || '127.0.0.1', port };
}

async function main(): Promise<void> {
  const flags = readFlags();
  if (flags.help) return void process.stdout.write(USAGE);
  const { host, port } = readAddress();
  const isLocal = host === 'localhost' || /^(127\.|::1$)/.test(host);
  const machines = await startMachines();
  if (flags.xvnc) machines.push(...(await startXDesktop()));

  const { app, consoles, sockets } = createApp(machines, isLocal ? host : null);
  // express-ws passes the server's errors on, and ends the process where nobody listens for them.
  sockets.on('error', (error) => fail(`cannot listen on ${host}:${port}: ${error.message}`, 1));
  const server = app.listen(port, host, () => {
    const { address, family, port } = server.address() as AddressInfo;
    console.log(`Demo: http://${family === 'IPv6' ? `[${address}]` : address}:${port}/`);
    if (!isLocal) console.log('It has no login: whoever reaches this address can use it.');
  });

  let isEnding = false;
  async function end(): Promise<void> {
    if (isEnding) return;
    isEnding = true;
    setTimeout(() => process.exit(0), END_TIMEOUT + 1_000).unref();
    server.close();
    server.closeIdleConnections();
    await consoles.close({ timeout: END_TIMEOUT });
    await stop(machines);
    process.exit(0);
  }
  // Ctrl-C comes twice: from the terminal and from npm.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => void end());
}

async function stop(machines: readonly Machine[]): Promise<void> {
  await Promise.all(machines.map((machine) => machine.stop()));
}

await main();
