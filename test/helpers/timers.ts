import type { TestContext } from 'node:test';

/** Follows the timers that are set from now on: how many still run. */
export function watchTimers(t: TestContext): { readonly running: number; forget(): void } {
  const live = new Set<unknown>();
  const { setTimeout: set, clearTimeout: clear } = globalThis;
  const sets = t.mock.method(
    globalThis,
    'setTimeout',
    (act: (...args: unknown[]) => void, ...rest: never[]) => {
      const timer: unknown = set(
        (...args) => {
          live.delete(timer);
          act(...args);
        },
        ...rest,
      );
      live.add(timer);
      return timer;
    },
  );
  const clears = t.mock.method(globalThis, 'clearTimeout', (timer: never) => {
    live.delete(timer);
    clear(timer);
  });
  return {
    get running() {
      return live.size;
    },
    /** Keeps nothing of what was called, which holds what the timers would have come to. */
    forget() {
      sets.mock.resetCalls();
      clears.mock.resetCalls();
    },
  };
}
