import type { Duplex } from 'node:stream';

/** Opens a target's stream: what a target has as `connect`. */
export type Connect = (signal: AbortSignal) => Promise<Duplex>;

interface Destroyable {
  destroy(): unknown;
}

/** Hands something over to whoever cleans up, from the line it is opened on. */
export type Own = <T extends Destroyable>(opened: T) => T;

/**
 * Opens something in stages. What `own` was given is destroyed when a stage fails or the signal
 * aborts; so is what a late stage opens after that.
 */
export async function inStages<T>(
  signal: AbortSignal,
  stages: (own: Own) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const opened: Destroyable[] = [];
  let isOver = false;
  let onAbort = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
  });
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([stages(own), aborted]);
  } catch (error) {
    isOver = true;
    for (const each of opened.reverse()) each.destroy();
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }

  function own<O extends Destroyable>(each: O): O {
    opened.push(each);
    if (isOver) each.destroy();
    return each;
  }
}
