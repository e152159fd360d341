import assert from 'node:assert/strict';

/** Things that happened, and who waits for them: nobody sleeps. */
export class Changes {
  readonly #waiting = new Set<() => void>();

  /** Says that something has changed. */
  announce(): void {
    for (const check of [...this.#waiting]) check();
  }

  /** Waits until a condition holds; fails with `what` when it does not in time. */
  until(what: string, condition: () => boolean, timeout = 5_000): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const check = () => {
        if (!condition()) return;
        finish();
        resolve();
      };
      const timer = setTimeout(() => {
        finish();
        reject(new assert.AssertionError({ message: `not within ${timeout} ms: ${what}` }));
      }, timeout);
      // A condition may look at more than what announces its changes here.
      const backstop = setInterval(check, 50);
      const finish = () => {
        clearTimeout(timer);
        clearInterval(backstop);
        this.#waiting.delete(check);
      };
      this.#waiting.add(check);
    });
  }
}
