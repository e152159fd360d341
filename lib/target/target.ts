import type { Duplex } from 'node:stream';
import type { CredentialSource } from '../rfb/login/vault.ts';
import type { Rights } from '../rfb/rights.ts';
import { type TlsSettings, tlsFault } from './certificate.ts';

/**
 * Where a console leads, as `resolve` returns it: a TCP port, a Unix socket, or any byte stream that
 * `connect` opens (an SSH channel, an agent's tunnel, an upstream WebSocket). It is the app's own
 * decision and does not pass `allow`.
 *
 * With nothing but that, the relay passes bytes on and looks at none. With any field of `Custody` the
 * relay speaks VNC itself, toward the server and toward the browser.
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
} & Custody;

/** What the relay keeps from the viewer, or keeps the viewer from. */
export interface Custody {
  /**
   * What the VNC server wants to know, or a function that fetches it (a vault): called once a session,
   * given `timeouts.authorize` and a signal that aborts when the viewer leaves or that time is up,
   * and forgotten once the server has let the session in. It never reaches the browser. @default the viewer is asked
   */
  readonly credentials?: CredentialSource;
  /** Demands TLS (VeNCrypt) of the VNC server, which ends here, and says whom to trust. */
  readonly tls?: TlsSettings;
  /** The viewer may look and not touch: no key, click, clipboard, resize or power. @default false */
  readonly viewOnly?: boolean;
  /** Which way the clipboard goes. @default 'both' */
  readonly clipboard?: Rights['clipboard'];
  /** Never throws other viewers of the desktop out, whatever the page asks for. @default false */
  readonly shared?: boolean;
  /** The viewer may change the desktop's size. @default true */
  readonly resize?: boolean;
  /** The viewer may shut down, reboot and reset. @default true */
  readonly power?: boolean;
}

const CLIPBOARD_RIGHTS: readonly unknown[] = ['both', 'to-server', 'to-browser', 'none'];
const SWITCHES = ['viewOnly', 'shared', 'resize', 'power'] as const;

/** Says if a session has to be led by the relay: what is asked of it needs the protocol. */
export function needsGateway(target: Custody): boolean {
  const { credentials, tls, clipboard } = target;
  const asked = [credentials, tls, clipboard, ...SWITCHES.map((name) => target[name])];
  return asked.some((each) => each !== undefined);
}

/** What the viewer of a target may do. */
export function rightsOf(target: Custody): Rights {
  const { viewOnly = false, clipboard = 'both', shared = false } = target;
  return {
    viewOnly,
    clipboard,
    shared,
    resize: target.resize ?? true,
    power: target.power ?? true,
  };
}

/** Says what is wrong with a thing that `resolve` returned as a target, or null when it is one. */
export function targetFault(target: unknown): string | null {
  if (typeof target !== 'object' || target === null) return 'is not an object, null or undefined';
  return wayFault(target as Record<string, unknown>) ?? custodyFault(target as Custody);
}

function wayFault({ host, port, path, connect, label }: Record<string, unknown>): string | null {
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

function custodyFault(target: Custody): string | null {
  const { credentials, tls } = target;
  // What it holds is checked when it is used: it may be a function, and it is never to be shown.
  if (credentials !== undefined && !/^(object|function)$/.test(typeof credentials)) {
    return 'has credentials that are neither an object nor a function';
  }
  if (credentials === null) return 'has credentials that are null: leave them out';
  if (tls !== undefined) {
    const fault = tlsFault(tls);
    if (fault !== null) return `has a tls ${fault}`;
  }
  return rightsFault(target);
}

/** Says what is wrong with what a viewer shall be allowed, or null. */
function rightsFault(rights: Partial<Rights>): string | null {
  if (typeof rights !== 'object' || rights === null) return 'is not an object';
  const { clipboard } = rights;
  if (clipboard !== undefined && !CLIPBOARD_RIGHTS.includes(clipboard)) {
    return `has a clipboard that is none of ${CLIPBOARD_RIGHTS.join(', ')}`;
  }
  const wrong = SWITCHES.find(
    (name) => rights[name] !== undefined && typeof rights[name] !== 'boolean',
  );
  return wrong === undefined ? null : `has a ${wrong} that is neither true nor false`;
}

/** The same for a change of rights, in which a name that is none would be overlooked for a right. */
export function changeFault(change: unknown): string | null {
  const names = ['clipboard', ...SWITCHES];
  const unknown = Object.keys(change ?? {}).find((name) => !names.includes(name));
  if (unknown !== undefined) return `has no right ${unknown}: there are ${names.join(', ')}`;
  return rightsFault(change as Partial<Rights>);
}
