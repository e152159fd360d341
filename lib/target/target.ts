import type { Duplex } from 'node:stream';

/**
 * Where a console leads, as `resolve` returns it: a TCP port, a Unix socket, or any byte stream that
 * `connect` opens (an SSH channel, an agent's tunnel, an upstream WebSocket). It is the app's own
 * decision and does not pass `allow`.
 */
export type Target = (
  | { readonly host: string; readonly port: number }
  | { readonly path: string }
  | {
      /**
       * Opens the stream. The signal aborts when the viewer leaves or the time is up; what is
       * returned after that is destroyed.
       */
      readonly connect: (signal: AbortSignal) => Duplex | Promise<Duplex>;
    }
) & {
  /** What the viewer reads in place of the name. @default the name in the page's address */
  readonly label?: string;
};

/** Says what is wrong with a thing that `resolve` returned as a target, or null when it is one. */
export function targetFault(target: unknown): string | null {
  if (typeof target !== 'object' || target === null) return 'is not an object, null or undefined';
  const { host, port, path, connect, label } = target as Record<string, unknown>;
  if ([host, path, connect].filter((way) => way !== undefined).length !== 1) {
    return 'needs exactly one of host (with port), path or connect';
  }
  if (label !== undefined && typeof label !== 'string') return 'has a label that is no string';
  if (connect !== undefined)
    return typeof connect === 'function' ? null : 'has a connect that is no function';
  if (path !== undefined) {
    return typeof path === 'string' && path !== '' && !path.includes('\0')
      ? null
      : 'has a path that is no path';
  }
  if (typeof host !== 'string' || host === '' || host.includes('\0'))
    return 'has a host that is no host name';
  return Number.isInteger(port) && Number(port) >= 1 && Number(port) <= 65535
    ? null
    : 'has a port that is no number from 1 to 65535';
}
