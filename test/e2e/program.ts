import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { findProgram } from '../helpers/system.ts';
import { eventually } from './eventually.ts';

/** Runs a program until the test is over, and waits until it listens on a port of 127.0.0.1. */
export async function runProgram(
  t: TestContext,
  program: string,
  args: readonly string[],
  port: number,
): Promise<void> {
  // By its whole path, as sshd starts itself again.
  const child = spawn(findProgram(program) ?? program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let words = '';
  for (const output of [child.stdout, child.stderr]) {
    output.on('data', (text) => {
      words = (words + text).slice(-2_000);
    });
  }
  t.after(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), 5_000);
    await exit;
    clearTimeout(late);
  });
  await eventually(`${program} on port ${port}`, async () => {
    if (child.exitCode !== null) throw new Error(`${program} ended: ${words}`);
    const socket = connect(port, '127.0.0.1');
    return new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    }).finally(() => socket.destroy());
  });
}

/** A folder that is gone with the test. */
export async function makeFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'express-novnc-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
