import type { Farewell } from './channel.ts';
import { type Ending, refusalEnding } from './endings.ts';

const ANSWER_TIMEOUT = 5_000;

/** Asks the relay over plain HTTP why it refused the WebSocket. */
export async function explainRefusal(relay: string, farewell: Farewell): Promise<Ending> {
  try {
    const response = await fetch(relay, {
      cache: 'no-store',
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_TIMEOUT),
    });
    // Only the relay's own words: a proxy's error page says nothing to a viewer.
    const isText = response.headers.get('content-type')?.startsWith('text/plain');
    const text = isText ? await response.text() : '';
    return refusalEnding({ status: response.status, text }, farewell);
  } catch {
    return refusalEnding(null, farewell);
  }
}
