import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { WebSocketServer } from 'ws';
import type { BrowserSocket } from '../../lib/relay/browser-socket.ts';
import { Browser } from './browser.ts';
import { RawBrowser } from './raw-browser.ts';

const { resolve } = createRequire(import.meta.url);
const ws7 = createRequire(resolve('express-ws'))('ws') as { Server: typeof WebSocketServer };

/** The two majors of ws that a browser's socket may be of: express-ws brings its own. */
export const MAJORS: readonly [string, typeof WebSocketServer][] = [
  ['ws 7', ws7.Server],
  ['ws 8', WebSocketServer],
];

interface PairOptions {
  readonly maxPayload?: number;
  readonly perMessageDeflate?: boolean;
}

/** A server that accepts WebSockets of one major, and nothing more. */
async function acceptWith(
  t: TestContext,
  Wss: typeof WebSocketServer,
  { maxPayload = 2 ** 20, perMessageDeflate = false }: PairOptions = {},
) {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const wss = new Wss({ server, maxPayload, perMessageDeflate });
  t.after(() => {
    for (const socket of wss.clients) socket.terminate();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    /** The next socket, at the server's side. */
    async next(): Promise<BrowserSocket> {
      const [socket] = await once(wss, 'connection');
      return socket as BrowserSocket;
    },
  };
}

/** Both ends of a WebSocket. */
export async function socketPair(
  t: TestContext,
  Wss: typeof WebSocketServer = WebSocketServer,
  options?: PairOptions,
): Promise<{ browser: Browser; socket: BrowserSocket }> {
  const { port, next } = await acceptWith(t, Wss, options);
  const accepted = next();
  const browser = Browser.open(t, `ws://127.0.0.1:${port}`);
  const socket = await accepted;
  await browser.opened();
  return { browser, socket };
}

/** Both ends, the browser's byte by byte. */
export async function rawPair(
  t: TestContext,
  Wss: typeof WebSocketServer,
  options?: PairOptions,
): Promise<{ raw: RawBrowser; socket: BrowserSocket }> {
  const { port, next } = await acceptWith(t, Wss, options);
  const accepted = next();
  const raw = await RawBrowser.open(t, port, false);
  raw.handshake('/');
  const socket = await accepted;
  await raw.head();
  return { raw, socket };
}
