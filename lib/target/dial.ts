import { connect, isIP, type OnReadOpts, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Duplex } from 'node:stream';
import { asConsoleError, ConsoleError, messageOf } from '../errors.ts';
import type { Lookup } from './lookup.ts';
import type { HostAddress } from './name.ts';
import type { Target } from './target.ts';

/** How long to wait before the next address is tried beside the last (RFC 8305 section 5). */
const ATTEMPT_DELAY = 250;

/** The kernel asks a silent peer after this long, so that a vanished one is found, in milliseconds. */
const KEEP_ALIVE_DELAY = 30_000;

/** What a socket reads into; each socket of a race gets its own, or none and reads as usual. */
export interface Intake {
  readonly onread: OnReadOpts;
}

export interface DialOptions<I extends Intake> {
  /** Judges each address before it is connected to; the verdict and the dial see the same literal. */
  readonly mayDial: (ip: string, asked: HostAddress) => boolean;
  readonly lookup: Lookup;
  /** Longest wait for the name's addresses, in milliseconds. */
  readonly dnsTimeout: number;
  /** Longest wait for a connection, in milliseconds. */
  readonly connectTimeout: number;
  readonly createIntake: () => I | null;
  /** The TCP port this server was reached on: a target there, on this machine, would be a loop. */
  readonly ownPort: number | undefined;
  /** Where the caller finds, while it lasts, what gives the dial up. */
  readonly cancellation: Cancellation;
}

/** Gives a dial up from outside. (An AbortController for every session costs 2 KiB of garbage.) */
export class Cancellation {
  #reason: ConsoleError | null = null;
  #onCancel: ((reason: ConsoleError) => void) | null = null;

  cancel(reason: ConsoleError): void {
    this.#reason ??= reason;
    this.#onCancel?.(reason);
  }

  /** Sets what to do when it comes, until the next call. */
  onCancel(listener: ((reason: ConsoleError) => void) | null): void {
    this.#onCancel = listener;
  }

  throwIfCancelled(): void {
    if (this.#reason) throw this.#reason;
  }
}

/** A connected stream; `intake` is there for a socket of ours, which reads into it. */
export interface Line<I> {
  readonly stream: Duplex;
  readonly intake: I | null;
}

/**
 * Opens the way to a target: finds its addresses once, checks every one, and connects to what was
 * checked. Rejects with a ConsoleError (`HOST_NOT_FOUND`, `TARGET_REFUSED`, `CONNECT_REFUSED`,
 * `TIMEOUT`). The stream has an `error` listener, so that it can fail at any time without harm.
 */
export async function dial<I extends Intake>(
  target: Target,
  options: DialOptions<I>,
): Promise<Line<I>> {
  if ('connect' in target) return openStream(target.connect, options);
  if ('path' in target) return race([{ path: target.path }], options);
  const addresses = isIP(target.host) ? [target.host] : await findAddresses(target.host, options);
  options.cancellation.throwIfCancelled();
  for (const ip of addresses) {
    if (!options.mayDial(ip, target)) {
      throw new ConsoleError('TARGET_REFUSED', `${target.host} is ${ip}, which no rule covers`);
    }
    if (target.port === options.ownPort && isOwnAddress(ip)) {
      throw new ConsoleError(
        'TARGET_REFUSED',
        `${target.host}:${target.port} is this server itself`,
      );
    }
  }
  return race(
    interleave(addresses).map((host) => ({ host, port: target.port })),
    options,
  );
}

async function findAddresses(host: string, options: DialOptions<Intake>): Promise<string[]> {
  const { dnsTimeout } = options;
  const deadline = new ConsoleError('TIMEOUT', `no DNS answer for ${host} within ${dnsTimeout} ms`);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(reject, dnsTimeout, deadline);
  });
  try {
    const found = await Promise.race([options.lookup(host, dnsTimeout), late]);
    const addresses = Array.isArray(found) ? found.filter((ip) => isIP(ip) !== 0) : [];
    if (addresses.length === 0) throw new Error('no address');
    return addresses;
  } catch (error) {
    if (error instanceof ConsoleError) throw error;
    const code = (error as NodeJS.ErrnoException | null)?.code;
    throw code === 'ETIMEOUT'
      ? deadline
      : new ConsoleError('HOST_NOT_FOUND', `${host}: ${messageOf(error)}`, error);
  } finally {
    clearTimeout(timer);
  }
}

type Endpoint = { readonly host: string; readonly port: number } | { readonly path: string };

/** Connects to the first endpoint that answers, each tried a moment after the one before. */
function race<I extends Intake>(endpoints: Endpoint[], options: DialOptions<I>): Promise<Line<I>> {
  return new Promise((resolve, reject) => {
    const { cancellation, connectTimeout } = options;
    const sockets = new Set<Socket>();
    let failure: Error | undefined;
    let next = 0;
    let stagger: NodeJS.Timeout | undefined;
    const deadline = setTimeout(() => {
      settle(new ConsoleError('TIMEOUT', `no connection within ${connectTimeout} ms`));
    }, connectTimeout);
    cancellation.onCancel(settle);
    attempt();

    function attempt(): void {
      clearTimeout(stagger);
      const endpoint = endpoints[next++];
      if (!endpoint) return;
      const intake = options.createIntake();
      const socket = connect({ ...endpoint, ...(intake && { onread: intake.onread }) });
      sockets.add(socket);
      socket.on('error', ignore);
      socket.once('error', onError);
      socket.once('connect', onConnect);

      function onError(error: Error): void {
        if (!sockets.delete(socket)) return;
        failure ??= error;
        if (sockets.size === 0 && next >= endpoints.length) {
          settle(asConsoleError(failure, 'CONNECT_REFUSED'));
        } else {
          attempt();
        }
      }

      function onConnect(): void {
        // The socket lives on for hours: what it took to connect it shall not.
        socket.off('error', onError);
        settle({ stream: socket, intake });
      }

      if (next < endpoints.length) stagger = setTimeout(attempt, ATTEMPT_DELAY);
    }

    function settle(outcome: Error | (Line<I> & { stream: Socket })): void {
      clearTimeout(stagger);
      clearTimeout(deadline);
      cancellation.onCancel(null);
      const winner = outcome instanceof Error ? null : outcome.stream;
      for (const socket of sockets) if (socket !== winner) socket.destroy();
      sockets.clear();
      if (outcome instanceof Error) {
        reject(outcome);
        return;
      }
      outcome.stream.setNoDelay(true);
      outcome.stream.setKeepAlive(true, KEEP_ALIVE_DELAY);
      resolve(outcome);
    }
  });
}

async function openStream<I extends Intake>(
  open: (signal: AbortSignal) => Duplex | Promise<Duplex>,
  { cancellation, connectTimeout }: DialOptions<I>,
): Promise<Line<I>> {
  const controller = new AbortController();
  const aborted = new Promise<never>((_, reject) => {
    controller.signal.addEventListener('abort', () => reject(controller.signal.reason), {
      once: true,
    });
  });
  const timer = setTimeout(() => {
    const late = `connect opened nothing within ${connectTimeout} ms`;
    controller.abort(new ConsoleError('TIMEOUT', late));
  }, connectTimeout);
  cancellation.onCancel((reason) => controller.abort(reason));
  try {
    const opening = Promise.resolve(open(controller.signal));
    opening.then(
      (stream) => {
        stream?.on?.('error', ignore);
        if (controller.signal.aborted) stream?.destroy?.(); // what comes too late must not stay open
      },
      () => {},
    );
    const stream = await Promise.race([opening, aborted]);
    if (typeof stream?.pipe !== 'function') throw new TypeError('connect returned no Duplex');
    return { stream, intake: null };
  } catch (error) {
    throw asConsoleError(error, 'CONNECT_REFUSED');
  } finally {
    clearTimeout(timer);
    cancellation.onCancel(null);
  }
}

/** A stream with no listener for its errors would end the process. */
function ignore(): void {}

/** IPv6 and IPv4 in turn, so that one dead family costs one delay only (RFC 8305 section 4). */
function interleave(addresses: string[]): string[] {
  if (addresses.length < 2) return addresses;
  const first = isIP(addresses[0] ?? '');
  const same = addresses.filter((ip) => isIP(ip) === first);
  const other = addresses.filter((ip) => isIP(ip) !== first);
  return same
    .flatMap((ip, at) => [ip, ...other.slice(at, at + 1)])
    .concat(other.slice(same.length));
}

function isOwnAddress(address: string): boolean {
  const ip = unmapped(address);
  if (/^(127\.|0\.0\.0\.0$|::1?$)/.test(ip)) return true;
  return Object.values(networkInterfaces()).some((each) =>
    each?.some(({ address }) => address === ip),
  );
}

/** `::ffff:a00:1` as 10.0.0.1, which is where it leads (RFC 4291 section 2.5.5.2). */
function unmapped(ip: string): string {
  const match = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(ip);
  if (!match) return ip.replace(/^::ffff:(?=\d+\.)/i, '');
  const [high, low] = [Number.parseInt(match[1]!, 16), Number.parseInt(match[2]!, 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}
