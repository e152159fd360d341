import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Door } from './load.ts';
import { cpuSeconds, memoryBytes } from './process-usage.ts';

/** How a relay is started, and where its WebSocket is; null if it relays bare TCP. */
interface Recipe {
  command(port: number, targetPort: number): readonly string[];
  path(targetPort: number): string | null;
}

const START_TIMEOUT = 10_000;

const RECIPES = {
  attach: ours(new URL('relays/attach.mjs', import.meta.url)),
  // Targets that name rights: the relay speaks RFB, and filters.
  'view-only': ours(new URL('relays/gateway.mjs', import.meta.url), { viewOnly: true }),
  clipboard: ours(new URL('relays/gateway.mjs', import.meta.url), {
    clipboard: 'to-server',
  }),
  'express-ws': ours(new URL('relays/express-ws.mjs', import.meta.url)),
  'net.pipe': {
    command: (port, target) => node(new URL('relays/net-pipe.mjs', import.meta.url), port, target),
    path: () => null,
  },
  websockify: {
    command: (port, target) => ['websockify', `127.0.0.1:${port}`, `127.0.0.1:${target}`],
    path: () => '/websockify',
  },
  // The whole application, as the distribution brings it.
  'stock noVNC': {
    command: (port, target) => [
      ...['websockify', '--web=/usr/share/novnc', `127.0.0.1:${port}`, `127.0.0.1:${target}`],
    ],
    path: () => '/websockify',
  },
} satisfies Record<string, Recipe>;

export type RelayName = keyof typeof RECIPES;

/** The two doors of this package. */
export const DOORS = ['attach', 'express-ws'] as const satisfies readonly RelayName[];

/** Tells whether websockify, which is no dependency of ours, can be started here. */
export function hasWebsockify(): boolean {
  const [program] = RECIPES.websockify.command(0, 0);
  return spawnSync(program!, ['--help'], { stdio: 'ignore' }).error === undefined;
}

/** A relay in a process of its own, between the browsers and one target. */
export class Relay {
  readonly door: Door;
  readonly #process: ChildProcess;
  #complaint = '';

  static async start(name: RelayName, targetPort: number): Promise<Relay> {
    const recipe: Recipe = RECIPES[name];
    const port = await freePort();
    const [program, ...args] = recipe.command(port, targetPort) as [string, ...string[]];
    // Detached makes it the leader of a process group, so that its children end with it.
    const child = spawn(program, args, { detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
    const relay = new Relay(child, { port, path: recipe.path(targetPort) });
    await relay.#untilListening();
    return relay;
  }

  private constructor(child: ChildProcess, door: Door) {
    this.#process = child;
    child.stderr!.on('data', (text) => {
      this.#complaint = (this.#complaint + text).slice(-2000);
    });
    child.on('error', (error) => {
      this.#complaint += error.message;
    });
    this.door = door;
    process.on('exit', this.#kill);
  }

  /** CPU seconds used so far, those of its children included. */
  cpuSeconds(): number {
    return cpuSeconds(this.#process.pid!);
  }

  memoryBytes(): number {
    return memoryBytes(this.#process.pid!);
  }

  /** Has a relay of Node's let go of what is garbage; takes effect soon. */
  collectGarbage(): void {
    process.kill(this.#process.pid!, 'SIGUSR2');
  }

  /** Why it ended by itself, as far as its error stream tells; null if it did not. */
  complaint(): string | null {
    return this.#hasEnded() && this.#process.signalCode !== 'SIGKILL' ? this.#lastWords() : null;
  }

  async stop(): Promise<void> {
    process.off('exit', this.#kill);
    if (!this.#hasEnded()) {
      this.#kill();
      await once(this.#process, 'exit');
    }
  }

  async #untilListening(): Promise<void> {
    const deadline = performance.now() + START_TIMEOUT;
    while (!(await accepts(this.door.port))) {
      if (!this.#hasEnded() && performance.now() < deadline) continue;
      await this.stop();
      throw new Error(`did not start: ${this.#lastWords()}`);
    }
  }

  #lastWords(): string {
    const lines = this.#complaint.trim().split('\n');
    return lines.find((line) => /^\w*Error\b/.test(line)) ?? lines.at(-1)!;
  }

  #hasEnded(): boolean {
    const { pid, exitCode, signalCode } = this.#process;
    return pid === undefined || exitCode !== null || signalCode !== null;
  }

  readonly #kill = (): void => {
    if (!this.#hasEnded()) process.kill(-this.#process.pid!, 'SIGKILL');
  };
}

function ours(module: URL, rights?: object): Recipe {
  return {
    command: (port) => [
      ...node(module, port),
      ...(rights === undefined ? [] : [JSON.stringify(rights)]),
    ],
    path: (targetPort) => `/proxy?target=127.0.0.1:${targetPort}`,
  };
}

function node(module: URL, ...ports: number[]): string[] {
  const collect = new URL('relays/collect.mjs', import.meta.url);
  const flags = ['--expose-gc', '--import', collect.href];
  return [process.execPath, ...flags, fileURLToPath(module), ...ports.map(String)];
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function accepts(port: number): Promise<boolean> {
  const socket = net.connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    await new Promise((resolve) => setTimeout(resolve, 20));
    return false;
  } finally {
    socket.destroy();
  }
}
