import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import express, { type RequestHandler } from 'express';
import expressWs from 'express-ws';
import { type Consoles, novnc, type Options, type SessionEnd } from '../../lib/index.ts';

/** The two ways in for WebSockets. */
export const DOORS = ['attach', 'express-ws'] as const;
export type Door = (typeof DOORS)[number];

export interface HostOptions extends Options {
  readonly door?: Door;
  /** Where the consoles are mounted. */
  readonly prefix?: string;
  /** What the app itself puts before the consoles, such as a login. */
  readonly before?: readonly RequestHandler[];
}

/** Options that leave a console as it ended, for what it says to be read. */
export const MANUAL: HostOptions = { page: { settings: { reconnect: { value: false } } } };

/** An Express app with consoles in it. */
export interface Host {
  readonly origin: string;
  readonly port: number;
  readonly consoles: Consoles;
  /** How each session ended. */
  readonly ends: SessionEnd[];
  /** What was logged as an error: our fault. */
  readonly faults: string[];
  /** The address of the console page of a name. */
  url(name: string | number): string;
  /** Cuts all connections, as a crash would, and listens no more. */
  crash(): Promise<void>;
  close(): Promise<void>;
}

/** Starts an Express app on a free port of 127.0.0.1; a port is a name too: `127.0.0.1:<port>`. */
export async function startHost(options: HostOptions = {}): Promise<Host> {
  const { door = 'attach', prefix = '/console', before = [], ...rest } = options;
  const ends: SessionEnd[] = [];
  const faults: string[] = [];
  const consoles = novnc({
    allow: ['127.0.0.1:1-65535'],
    on: { close: (_session, end) => ends.push(end) },
    logger: {
      info() {},
      warn() {},
      error: (fields: unknown, message?: string) =>
        faults.push(`${message} ${JSON.stringify(fields)}`),
    },
    ...rest,
  });
  const app = express();
  const wss =
    door === 'express-ws'
      ? expressWs(app, undefined, { wsOptions: consoles.wsOptions }).getWss()
      : null;
  app.use(prefix, ...before, consoles);
  const server: Server = app.listen(0, '127.0.0.1');
  if (wss) consoles.guard(wss);
  else consoles.attach(server);
  await once(server, 'listening');
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;

  async function crash(): Promise<void> {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  }

  return {
    origin,
    port,
    consoles,
    ends,
    faults,
    url: (name) =>
      `${origin}${prefix}/${typeof name === 'number' ? `127.0.0.1:${name}` : encodeURIComponent(name)}`,
    crash,
    async close() {
      await consoles.close();
      await crash();
    },
  };
}
