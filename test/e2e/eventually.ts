import { setTimeout as delay } from 'node:timers/promises';

const PATIENCE = 15_000;
const INTERVAL = 40;

/**
 * Asks again and again until `accept` is content with the answer, and returns it. Rejects with the
 * last answer when that takes too long. For what gives no event: files, X servers, other programs.
 */
export async function eventually<T>(
  what: string,
  ask: () => T | Promise<T>,
  accept: (answer: T) => boolean = Boolean,
): Promise<T> {
  const deadline = performance.now() + PATIENCE;
  for (;;) {
    const answer = await ask();
    if (accept(answer)) return answer;
    if (performance.now() > deadline) throw new Error(`${what}: last seen ${format(answer)}`);
    await delay(INTERVAL);
  }
}

function format(answer: unknown): string {
  return typeof answer === 'string' ? JSON.stringify(answer) : String(answer);
}
