import type { LookupAddress, LookupOptions } from 'node:dns';
import { connect, isIP, type Socket } from 'node:net';
import { createLookup } from '../target/lookup.ts';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** The kernel asks a silent peer after this long, so that a vanished one is found, in milliseconds. */
const KEEP_ALIVE_DELAY = 30_000;

/** Node gives up an address after this long if there is another, in milliseconds; 250 by default. */
const ATTEMPT_TIMEOUT = 2_000;

/** For an answer of a name server, in milliseconds; the dial has a limit of its own for all of it. */
const DNS_TIMEOUT = 10_000;

// One for all: what it spares are the two threads that the whole process has for names.
const find = createLookup();

/** Begins a TCP connection. It has a listener for errors, so that it can fail at any time. */
export function openTcp({ host, port }: Endpoint): Socket {
  const socket = connect({
    host,
    port,
    lookup,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_DELAY,
    autoSelectFamilyAttemptTimeout: ATTEMPT_TIMEOUT,
  });
  socket.on('error', ignore);
  return socket;
}

/** Waits until a socket is connected, or rejects with why it cannot be. */
export function connected(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('connect', onConnect);
    socket.once('error', onError);

    function onConnect(): void {
      socket.off('error', onError);
      resolve();
    }

    function onError(error: Error): void {
      socket.off('connect', onConnect);
      reject(error);
    }
  });
}

type Found = (
  error: NodeJS.ErrnoException | null,
  address: string | LookupAddress[],
  family?: number,
) => void;

function lookup(host: string, options: LookupOptions, done: Found): void {
  find(host, DNS_TIMEOUT).then(
    (found) => {
      const all = found.map((address) => ({ address, family: isIP(address) }));
      const [first] = all;
      if (!first) done(new Error(`${host} has no address`), '');
      else if (options.all) done(null, all);
      else done(null, first.address, first.family);
    },
    (error) => done(error, ''),
  );
}

function ignore(): void {}
