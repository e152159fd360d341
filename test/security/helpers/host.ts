import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { get } from 'node:http';
import { get as getByTls } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { HostConfig, HostStats } from './host-program.ts';

/** One of the two ways in: the port that serves it. */
export interface Door {
  readonly kind: 'attach' | 'express-ws';
  readonly port: number;
  readonly tls: boolean;
}

export interface LogLine {
  level: string;
  message: string;
  [field: string]: unknown;
}

const PROGRAM = fileURLToPath(new URL('host-program.ts', import.meta.url));

/** Time for what is to happen within 2 s on a machine of its own, in milliseconds. */
const CLEAN_TIMEOUT = 5_000;

/** The host app, in a process of its own that counts all that must not happen there. */
export class Host {
  readonly attach: Door;
  readonly expressWs: Door;
  readonly doors: readonly Door[];
  readonly #child: ChildProcess;
  #requests = 0;
  #baseline = 0;

  private constructor(child: ChildProcess, ports: number[], tls: boolean) {
    this.#child = child;
    this.attach = { kind: 'attach', port: ports[0]!, tls };
    this.expressWs = { kind: 'express-ws', port: ports[1]!, tls };
    this.doors = [this.attach, this.expressWs];
  }

  /** Starts the host; `maxFiles` is its `ulimit -n`. */
  static async start(config: HostConfig, { maxFiles }: { maxFiles?: number } = {}): Promise<Host> {
    const args = ['--expose-gc', '--import', 'tsx', PROGRAM, JSON.stringify(config)];
    const stdio = ['ignore', 'inherit', 'inherit', 'ipc'] as const;
    const child =
      maxFiles === undefined
        ? spawn(process.execPath, args, { stdio: [...stdio] })
        : spawn('sh', ['-c', `ulimit -n ${maxFiles}; exec "$@"`, 'sh', process.execPath, ...args], {
            stdio: [...stdio],
          });
    const [message] = await Promise.race([once(child, 'message'), once(child, 'exit')]);
    assert.ok(message !== null && typeof message === 'object', `the host exited with ${message}`);
    child.setMaxListeners(0);
    const host = new Host(child, (message as { ports: number[] }).ports, config.tls === true);
    await host.settle();
    return host;
  }

  /** Takes what is open now as the baseline of `clean`. */
  async settle(): Promise<void> {
    this.#baseline = (await this.stats()).fds;
  }

  stats(): Promise<HostStats> {
    return this.#ask('stats') as Promise<HostStats>;
  }

  log(): Promise<LogLine[]> {
    return this.#ask('log') as Promise<LogLine[]>;
  }

  /** Forgets dials, lookups, log lines, ends and refusals. */
  async reset(): Promise<void> {
    await this.#ask('reset');
  }

  async collectGarbage(): Promise<void> {
    await this.#ask('collect');
  }

  /** Calls `close({ timeout })` of every console. */
  async close(timeout = 1_000): Promise<void> {
    await this.#ask('close', timeout);
  }

  async closeServers(): Promise<void> {
    await this.#ask('close servers');
  }

  async attachAgain(times: number): Promise<void> {
    await this.#ask('attach again', times);
  }

  /** Asserts that the host app answers and that nothing of ours has surfaced in it. */
  async alive(): Promise<HostStats> {
    for (const door of this.doors) assert.equal(await health(door), 'well');
    const stats = await this.stats();
    assert.deepEqual(stats.uncaught, [], 'uncaught exceptions in the host');
    assert.deepEqual(stats.rejections, [], 'unhandled rejections in the host');
    assert.deepEqual(stats.warnings, [], 'warnings in the host');
    assert.deepEqual(stats.polluted, [], 'Object.prototype and globals of the host');
    return stats;
  }

  /** Asserts `alive`, and that no session and no socket is left. */
  async clean(): Promise<HostStats> {
    const deadline = performance.now() + CLEAN_TIMEOUT;
    let stats = await this.alive();
    while ((stats.live > 0 || stats.fds > this.#baseline + 2) && performance.now() < deadline) {
      await sleep(20);
      stats = await this.stats();
    }
    assert.equal(stats.live, 0, 'sessions are left');
    const { fds, resources } = stats;
    assert.ok(
      fds <= this.#baseline + 2,
      `${fds} fds, ${this.#baseline} before: ${show(resources)}`,
    );
    return stats;
  }

  /** Waits until the host's own account of itself fits. */
  async until(
    what: string,
    condition: (stats: HostStats) => boolean,
    timeout = 5_000,
  ): Promise<HostStats> {
    const deadline = performance.now() + timeout;
    for (;;) {
      const stats = await this.stats();
      if (condition(stats)) return stats;
      if (performance.now() > deadline) assert.fail(`not within ${timeout} ms: ${what}`);
      await sleep(20);
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }

  async #ask(command: string, value?: unknown): Promise<unknown> {
    const id = ++this.#requests;
    return new Promise((resolve, reject) => {
      const child = this.#child;
      const onMessage = (message: unknown) => {
        const answer = message as { id: number; value: unknown };
        if (answer.id !== id) return;
        child.off('message', onMessage);
        child.off('exit', onExit);
        resolve(answer.value);
      };
      const onExit = (code: number | null) => reject(new Error(`the host exited with ${code}`));
      child.on('message', onMessage);
      child.once('exit', onExit);
      child.send({ id, command, value });
    });
  }
}

/** Gets `/health` of the host; rejects when it does not answer. */
export function health({ port, tls }: Door): Promise<string> {
  const url = `${tls ? 'https' : 'http'}://127.0.0.1:${port}/health`;
  return new Promise((resolve, reject) => {
    const request = (tls ? getByTls : get)(
      url,
      { agent: false, timeout: 5_000, rejectUnauthorized: false },
      async (response) => {
        let text = '';
        for await (const part of response.setEncoding('utf8')) text += part;
        resolve(text);
      },
    );
    request.on('timeout', () => request.destroy(new Error('/health does not answer')));
    request.on('error', reject);
  });
}

function show(resources: Record<string, number>): string {
  return JSON.stringify(resources);
}
