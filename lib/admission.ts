import type { IncomingMessage } from 'node:http';
import type { Request } from 'express';
import { asConsoleError, ConsoleError } from './errors.ts';
import type { Settings } from './options.ts';
import { type Address, formatAddress, isName, parseAddress } from './target/name.ts';
import { type Target, targetFault } from './target/target.ts';
import { hostnameOf, type OriginRules, originFault } from './web/origin.ts';

/** A console that may be opened. */
export interface Admitted {
  readonly target: Target;
  /** What the viewer reads. */
  readonly label: string;
  /** What the log reads. */
  readonly address: string;
  /** The target is a parsed name, so its addresses are to pass `allow`. */
  readonly byPolicy: boolean;
}

/** Throws what keeps a request out whatever console it asks for: the name it calls this server by. */
export function checkHost(req: Request, { allowedHosts }: Settings): void {
  if (allowedHosts === null) return;
  const host = hostOf(req);
  const hostname = hostnameOf(host);
  if (hostname === null || !allowedHosts.includes(hostname)) {
    throw new ConsoleError('TARGET_REFUSED', `Host ${JSON.stringify(host)} is not in allowedHosts`);
  }
}

/** Throws `ORIGIN_REFUSED` when the page that opens a WebSocket may not. */
export function checkOrigin(req: Request, settings: Settings): void {
  const fault = originFault(
    {
      origin: req.headers.origin,
      host: hostOf(req),
      secure: req.protocol === 'https',
      fetchSite: header(req, 'sec-fetch-site'),
    },
    settings,
  );
  if (fault !== null) throw new ConsoleError('ORIGIN_REFUSED', fault);
}

/** Throws `ORIGIN_REFUSED` when a request that changes something is not surely of a page of ours. */
export function checkAction(req: Request, settings: Settings): void {
  // No form and no plain fetch of another site can send it without asking first (CORS).
  if (req.headers['x-express-novnc'] !== '1') {
    throw new ConsoleError('ORIGIN_REFUSED', 'an action without the header X-Express-Novnc: 1');
  }
  if (header(req, 'sec-fetch-site') === 'cross-site') {
    throw new ConsoleError('ORIGIN_REFUSED', 'an action from a page of another site');
  }
  checkOrigin(req, { ...settings, requireOrigin: true });
}

/**
 * Says if a WebSocket may be accepted before any middleware has run, as express-ws does it. The
 * app's `trust proxy` cannot be asked there, so a Host that any proxy may have forwarded is good
 * enough for now: `checkOrigin` follows, and no browser lets a page forge that header.
 */
export function mayHandshake(req: IncomingMessage, secure: boolean, rules: OriginRules): boolean {
  if (!/\/proxy(\/\.websocket)?\?/.test(req.url ?? '')) return true; // another route's socket
  const hosts = [req.headers.host, header(req, 'x-forwarded-host')?.split(',', 1)[0]?.trim()];
  const { origin } = req.headers;
  const fetchSite = header(req, 'sec-fetch-site');
  return hosts.some((host) => originFault({ origin, host, secure, fetchSite }, rules) === null);
}

/**
 * Judges a name: syntax, then `resolve` or `allow`, then `authorize`. Each step only narrows. Rejects
 * with a ConsoleError, whatever a hook of the host's throws.
 */
export async function admit(req: Request, name: string, settings: Settings): Promise<Admitted> {
  if (!isName(name)) throw invalid(name);
  const admitted = await findTarget(req, name, settings);
  const { authorize } = settings;
  if (authorize) {
    const verdict = await ask('authorize', settings, () => authorize(req, admitted.target));
    if (verdict !== true) throw new ConsoleError('TARGET_REFUSED', 'authorize did not say true');
  }
  return admitted;
}

async function findTarget(req: Request, name: string, settings: Settings): Promise<Admitted> {
  const { resolve, defaultPort, policy } = settings;
  if (resolve) {
    const target = await ask('resolve', settings, () => resolve(name, req));
    if (target === null) throw new ConsoleError('TARGET_UNKNOWN', 'resolve knows no such name');
    if (target !== undefined) return resolved(name, target);
  }
  const address = parseAddress(name, defaultPort);
  if (address === null) throw invalid(name);
  if (policy.judge(address) === 'no')
    throw new ConsoleError('TARGET_REFUSED', 'no rule of allow covers it');
  return { target: address, label: name, address: formatAddress(address), byPolicy: true };
}

function resolved(name: string, target: Target): Admitted {
  const fault = targetFault(target);
  if (fault !== null) throw new ConsoleError('INTERNAL', `resolve returned a target that ${fault}`);
  const label = target.label ?? name;
  const address = 'connect' in target ? label : formatAddress(target as Address);
  return { target, label, address, byPolicy: false };
}

/** Asks a hook of the host's, and gives it so long. */
export async function ask<T>(
  hook: string,
  settings: Settings,
  call: () => T | Promise<T>,
): Promise<T> {
  const limit = settings.timeouts.authorize;
  let timer: NodeJS.Timeout | undefined;
  try {
    const answer = call();
    if (typeof (answer as Promise<T> | null | undefined)?.then !== 'function') return answer;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${limit} ms`)), limit);
    });
    return await Promise.race([answer, late]);
  } catch (error) {
    if (error instanceof ConsoleError) throw error;
    throw new ConsoleError('INTERNAL', `${hook}: ${asConsoleError(error).message}`, error);
  } finally {
    clearTimeout(timer);
  }
}

function invalid(name: string): ConsoleError {
  // A name may hold a password that somebody put in front of an @: it is not for the log.
  const shown = name.includes('@') ? 'it holds an @' : JSON.stringify(name.slice(0, 100));
  return new ConsoleError('NAME_INVALID', `not a console address: ${shown}`);
}

/** The host that the browser addressed, as the app's `trust proxy` sees it. */
function hostOf(req: Request): string | undefined {
  const trust: unknown = req.app.get('trust proxy fn');
  const forwarded = header(req, 'x-forwarded-host');
  if (
    forwarded !== undefined &&
    typeof trust === 'function' &&
    trust(req.socket.remoteAddress, 0)
  ) {
    return forwarded.split(',', 1)[0]?.trim();
  }
  return req.headers.host;
}

function header(req: IncomingMessage, name: string): string | undefined {
  const value = req.headers[name];
  return Array.isArray(value) ? value.join(',') : value;
}
