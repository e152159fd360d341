import type { IncomingMessage } from 'node:http';
import { OPEN } from '../relay/browser-socket.ts';
import { uncork } from './door.ts';

/** express-ws's server, as far as we touch it. */
export interface SocketServer {
  on(event: 'connection', listener: (socket: GuardedSocket, req: IncomingMessage) => void): unknown;
  on(event: 'headers', listener: (headers: string[], req: IncomingMessage) => void): unknown;
}
interface GuardedSocket {
  readonly readyState: number;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'close', listener: (this: GuardedSocket) => void): unknown;
  close(code: number, reason: string): void;
}
/** express-ws sets it when a route has taken the socket, and so do we. */
type Claim = IncomingMessage & { wsHandled?: boolean };

/** A socket that no route has taken by then is closed, in milliseconds. */
const UNCLAIMED_TIMEOUT = 10_000;

const SWEEP_INTERVAL = 1_000;

/**
 * Makes an express-ws server harmless: it accepts a WebSocket on every path before any middleware
 * runs, with no `error` listener, so that one malformed frame on an unknown path ends the process;
 * and a path that answers 200 as a page leaves its socket open for ever.
 */
export function guardSockets(wss: SocketServer): void {
  const unclaimed = new Map<GuardedSocket, { req: Claim; since: number }>();
  let timer: NodeJS.Timeout | undefined;

  // As with attach: the 101 leaves behind the first packet to the VNC server.
  wss.on('headers', (_headers, { socket }) => {
    socket.cork();
    setImmediate(uncork, socket);
  });
  wss.on('connection', (socket, req) => {
    socket.on('error', ignore);
    socket.on('close', forget);
    unclaimed.set(socket, { req, since: performance.now() });
    timer ??= setInterval(sweep, SWEEP_INTERVAL).unref();
  });

  /** One listener for all, which closes over no request. */
  function forget(this: GuardedSocket): void {
    unclaimed.delete(this);
  }

  /** Forgets those that are taken or gone: a session must not keep its request alive. */
  function sweep(): void {
    const now = performance.now();
    for (const [socket, { req, since }] of unclaimed) {
      if (req.wsHandled !== true && socket.readyState === OPEN) {
        if (now - since < UNCLAIMED_TIMEOUT) continue;
        socket.close(1008, 'Nobody took this WebSocket.');
      }
      unclaimed.delete(socket);
    }
    if (unclaimed.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  }
}

/** ws closes a failing socket by itself, with the code that fits, if only somebody listens. */
function ignore(): void {}
