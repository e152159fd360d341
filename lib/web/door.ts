import { type IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Server as TlsServer } from 'node:tls';
import type { Request, Response } from 'express';
import { type WebSocket, WebSocketServer } from 'ws';
import type { ConsoleError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { type BrowserSocket, OPEN } from '../relay/browser-socket.ts';

/** How a WebSocket comes in: refuse it, or accept it and get its socket. */
export interface Door {
  /** The handshake is over already; what is refused now is refused by a close frame. */
  readonly isOpen: boolean;
  refuse(error: ConsoleError): void;
  /** Calls back in the same turn, or not at all when the browser has left. */
  accept(onSocket: (browser: BrowserSocket) => void): void;
}

/** `attach` leaves, on the request, what accepts it: any instance's route may then take it. */
const ACCEPT = Symbol.for('express-novnc.accept');
interface Attached {
  /** Undefined, but there: no console's upgrade, and it has been given back already. */
  [ACCEPT]?: Accept | undefined;
}
type Accept = (server: WebSocketServer, onSocket: (socket: WebSocket) => void) => void;
/** express-ws leaves an open socket, and wants to be told that somebody took it. */
interface ByExpressWs {
  ws?: BrowserSocket;
  wsHandled?: boolean;
}

/** The subprotocol that old noVNC and websockify clients offer; all of ours is binary anyway. */
const SUBPROTOCOL = 'binary';

/** Makes what accepts handshakes: no compression (frames are written as they are), and bounded. */
export function createAcceptor(maxPayload: number): WebSocketServer {
  return new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload,
    handleProtocols,
  });
}

export function handleProtocols(offered: Iterable<string>): string | false {
  return [...offered].includes(SUBPROTOCOL) ? SUBPROTOCOL : false;
}

/** Finds the way this request came in as a WebSocket; null: it did not. */
export function doorOf(req: Request, acceptor: WebSocketServer): Door | null {
  const byExpressWs = req as Request & ByExpressWs;
  if (byExpressWs.ws && isWebSocket(req)) return expressWsDoor(byExpressWs, byExpressWs.ws);
  const accept = (req as Attached)[ACCEPT];
  return accept ? attachedDoor(req, accept, acceptor) : null;
}

/** Says if a request is a WebSocket that express-ws has opened already. */
export function isWebSocket(req: Request & ByExpressWs): boolean {
  return typeof req.ws === 'object';
}

/** Says if a WebSocket got here with nobody to accept it: neither `attach` nor express-ws is set up. */
export function isDoorless(req: Request): boolean {
  return isWebSocketUpgrade(req) && !(ACCEPT in req) && !isWebSocket(req);
}

function isWebSocketUpgrade({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket';
}

function expressWsDoor(req: ByExpressWs, ws: BrowserSocket): Door {
  req.wsHandled = true;
  ws.on('error', ignore);
  return {
    isOpen: true,
    refuse: (error) => ws.close(error.closeCode, error.words),
    accept: (onSocket) => {
      if (ws.readyState === OPEN) onSocket(ws);
    },
  };
}

/** What nobody listens for, ws throws; it closes the socket by itself, with the code that fits. */
function ignore(): void {}

function attachedDoor(req: Request, accept: Accept, acceptor: WebSocketServer): Door {
  return {
    isOpen: false,
    refuse: (error) => sendText(req, error.status, error.words),
    accept: (onSocket) => {
      if (req.res!.headersSent) return; // the app has answered by itself meanwhile
      accept(acceptor, (socket) => onSocket(socket as unknown as BrowserSocket));
    },
  };
}

/** Answers in plain text, kept nowhere. */
export function sendText(req: Request, status: number, words: string): void {
  answer(req.res!, status, 'text/plain', `${words}\n`);
}

/** Answers a script of ours, kept nowhere. */
export function sendJson(res: Response, status: number, body: object): void {
  answer(res, status, 'application/json', JSON.stringify(body));
}

/** Answers a plain request, or a wrong handshake, where a WebSocket is wanted (RFC 9110 15.5.22). */
export function upgradeRequired(req: Request, words: string): void {
  const fields = { Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' };
  answer(req.res!, 426, 'text/plain', `${words}\n`, fields);
}

/** Not where the app has answered by itself, such as one that does not wait for long. */
function answer(res: Response, status: number, type: string, body: string, fields = {}): void {
  if (res.headersSent) return;
  res.writeHead(status, {
    ...fields,
    'Content-Type': `${type}; charset=utf-8`,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  });
  res.end(res.req.method === 'HEAD' ? undefined : body);
}

/** Says what is wrong with a WebSocket handshake (RFC 6455 section 4.2.1), or null. */
export function handshakeFault(req: IncomingMessage): { status: 400 | 426; words: string } | null {
  const { headers, method } = req;
  if (method !== 'GET') return { status: 400, words: 'A WebSocket handshake is a GET.' };
  if (req.httpVersionMajor === 1 && req.httpVersionMinor < 1) {
    return { status: 400, words: 'A WebSocket handshake is HTTP/1.1.' };
  }
  // A proxy in front would count these bytes as the request's, and we as the WebSocket's.
  if (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0) {
    return { status: 400, words: 'A WebSocket handshake has no body.' };
  }
  if (!/^[+/0-9A-Za-z]{22}==$/.test(headers['sec-websocket-key'] ?? '')) {
    return { status: 400, words: 'Sec-WebSocket-Key must be 16 bytes in base64.' };
  }
  return headers['sec-websocket-version'] === '13'
    ? null
    : { status: 426, words: 'Sec-WebSocket-Version must be 13.' };
}

const CLAIMS = Symbol.for('express-novnc.claims');
type UpgradeListener = ((req: IncomingMessage, socket: Duplex, head: Buffer) => void) & {
  /** Says which upgrades a listener of ours takes. */
  [CLAIMS]?: (req: IncomingMessage) => boolean;
};

/**
 * Lets WebSockets for consoles into an HTTP server: those whose path ends in `/proxy` (and lies under
 * `path`, if given) and that carry `target`. Each is sent through the server's own request handling,
 * with a real response on its socket, so that the app's sessions and logins judge it like any other
 * request. Returns what undoes it. Throws when express-ws serves this server: both would answer the
 * same handshake and corrupt the connection.
 */
export function attachTo(
  server: Server,
  path: string | undefined,
  log: Pick<Logger, 'error'>,
): () => void {
  if (typeof server?.on !== 'function' || typeof server.listeners !== 'function') {
    throw new TypeError(`attach: expected an HTTP server, such as app.listen(...) returns`);
  }
  if (path !== undefined && (typeof path !== 'string' || !path.startsWith('/'))) {
    throw new TypeError(
      `attach: path is ${JSON.stringify(path)}: expected a path such as /console`,
    );
  }
  if (isServedByExpressWs(server)) throw new Error(EXPRESS_WS_CONFLICT);
  const prefix = path?.replace(/\/+$/, '') ?? '';

  const onUpgrade: UpgradeListener = (req, socket, head) => {
    if (ACCEPT in req) return; // another instance on this server has seen to it
    const ours = isConsoleSocket(req, prefix);
    if (isServedByExpressWs(server)) {
      if (ours) log.error({}, EXPRESS_WS_CONFLICT);
    } else if (ours || isOrphan(server, req)) {
      if (isAnswering(socket)) socket.destroy();
      else if (ours) handOver(server, req, socket, head);
      else giveBack(server, req, socket, head);
    }
  };
  onUpgrade[CLAIMS] = (req) => isConsoleSocket(req, prefix);
  server.on('upgrade', onUpgrade);
  return () => {
    server.off('upgrade', onUpgrade);
  };
}

const EXPRESS_WS_CONFLICT =
  'attach: express-ws serves this server already, and two WebSocket servers on one socket corrupt ' +
  'it. Leave attach out: express-ws hands its sockets to the same middleware';

function isServedByExpressWs(server: Server): boolean {
  return server
    .listeners('request')
    .some((each) => typeof (each as { ws?: unknown }).ws === 'function');
}

function isConsoleSocket(req: IncomingMessage, prefix: string): boolean {
  if (!isWebSocketUpgrade(req)) return false;
  const url = req.url ?? '';
  const question = url.indexOf('?');
  if (question < 0 || !url.startsWith(`${prefix}/`)) return false;
  return url.slice(0, question).endsWith('/proxy') && /[?&]target=/.test(url.slice(question));
}

/**
 * The answer to a request before this one is still under way. Browsers wait for it, and Node throws,
 * outside of all that could catch it, when a socket is given a second response.
 */
function isAnswering(socket: Duplex): boolean {
  return Boolean((socket as { _httpMessage?: unknown })._httpMessage);
}

/** Nobody will answer this upgrade. With no listener, Node would have given it to the app: so do we. */
function isOrphan(server: Server, req: IncomingMessage): boolean {
  const listeners = server.listeners('upgrade') as UpgradeListener[];
  return listeners.every((each) => each[CLAIMS]?.(req) === false);
}

/** Reads a request once more as what it is without its offer to upgrade, its body included. */
function giveBack(server: Server, req: IncomingMessage, socket: Duplex, head: Buffer): void {
  (req as Attached)[ACCEPT] = undefined;
  const lines = [`${req.method} ${req.url} HTTP/${req.httpVersion}`];
  for (let at = 0; at < req.rawHeaders.length; at += 2) {
    const name = req.rawHeaders[at]!;
    if (!/^(connection|upgrade|http2-settings)$/i.test(name)) {
      lines.push(`${name}: ${req.rawHeaders[at + 1]}`);
    }
  }
  // A WebSocket's refusal is the last word on its connection; others (h2c) may go on in HTTP/1.1.
  const isLast = isWebSocketUpgrade(req) || /\bclose\b/i.test(req.headers.connection ?? '');
  if (isLast) lines.push('Connection: close');
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
  server.emit(server instanceof TlsServer ? 'secureConnection' : 'connection', socket);
}

/** Runs an upgrade through the server's request handling; only `accept` makes it a WebSocket. */
function handOver(server: Server, req: IncomingMessage, socket: Duplex, head: Buffer): void {
  socket.on('error', destroyThis);
  const res = new ServerResponse(req);
  res.shouldKeepAlive = false;
  res.assignSocket(socket as never);
  res.once('finish', () => {
    res.detachSocket(socket as never);
    // A host may have given the server a stream of another kind.
    if ('destroySoon' in socket) (socket as Socket).destroySoon();
    else socket.end();
  });
  (req as Attached)[ACCEPT] = (acceptor, onSocket) => {
    res.detachSocket(socket as never);
    // The 101 leaves behind the first packet to the VNC server, which has its answer under way sooner.
    socket.cork();
    acceptor.handleUpgrade(req, socket, head, onSocket);
    process.nextTick(uncork, socket);
  };
  Object.assign(req, REQUEST_FIELDS);
  Object.assign(res, { locals: undefined });
  server.emit('request', req, res);
}

/**
 * What Express will set on a request, as `locals` on a response. Express first swaps the prototype,
 * and an object that gains a field after that gets a hidden class of its own from V8: 1 KiB a field
 * until the next full collection. A field that is there already costs nothing.
 */
const REQUEST_FIELDS = {
  baseUrl: undefined,
  next: undefined,
  originalUrl: undefined,
  params: undefined,
  route: undefined,
  _parsedUrl: undefined,
};

/** Sends what a corked socket holds; as a task of its own it closes over nothing. */
export function uncork(socket: Duplex): void {
  socket.uncork();
}

/** A listener that closes over nothing: the socket outlives its request by hours. */
function destroyThis(this: Duplex): void {
  this.destroy();
}
