import type { EndKind } from './endings.ts';

/** What to do after an end: try again in so many milliseconds, or leave it to the viewer. */
export type Plan = { readonly wait: number } | 'over' | 'exhausted';

/** How often in a row it tries by itself. */
export const MAX_TRIES = 10;

/** How long a connection must hold for the next loss to count as the first, in milliseconds. */
export const STEADY_TIME = 10_000;

const LONGEST = 30_000;
const JITTER = 0.2;

/** What may be well again soon. All else is a decision: of the viewer, the server or the app. */
const LOSSES: ReadonlySet<EndKind> = new Set<EndKind>([
  ...(['SERVER_CLOSED', 'BROWSER_GONE', 'SHUTTING_DOWN', 'INTERNAL', 'BROWSER_STALLED'] as const),
  ...(['SERVER_LOST', 'CONNECT_REFUSED', 'HOST_NOT_FOUND', 'NOT_VNC', 'TIMEOUT'] as const),
  ...(['LOST', 'UNREACHABLE', 'BLOCKED', 'REFUSED', 'STUCK', 'STALLED', 'DECODER'] as const),
  ...(['TOO_MANY', 'OTHER'] as const),
]);

/** Plans what follows an end; `tries` have been made in a row, `random` is within 0 and 1. */
export function planReconnect(kind: EndKind, tries: number, random: number): Plan {
  if (!LOSSES.has(kind)) return 'over';
  if (tries >= MAX_TRIES) return 'exhausted';
  const jitter = 1 + JITTER * (2 * random - 1);
  // The lost session may still be counted.
  if (kind === 'TOO_MANY') return { wait: Math.round(LONGEST * jitter) };
  if (tries === 0) return { wait: 0 };
  return { wait: Math.round(Math.min(1000 * 2 ** (tries - 1), LONGEST) * jitter) };
}
