import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import { createServer as createTlsServer, request as httpsRequest } from 'node:https';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { describe, type TestContext } from 'node:test';
import express5, { type Express } from 'express';
import expressWs from 'express-ws';
import { ENDS } from '../../lib/errors.ts';
import { type ConsoleErrorCode, type Consoles, novnc, type Options } from '../../lib/index.ts';
import { Browser, type BrowserOptions } from './browser.ts';
import { CERTIFICATE } from './certificate.ts';
import { RawBrowser } from './raw-browser.ts';

const express4: typeof express5 = createRequire(import.meta.url)('express4');

/** A way to host consoles: which Express, which way in for WebSockets, with or without TLS. */
export interface HostKind {
  readonly name: string;
  readonly door: 'attach' | 'express-ws';
  readonly express: typeof express5;
  readonly tls: boolean;
}

export const HOST_KINDS: readonly HostKind[] = (['attach', 'express-ws'] as const).flatMap((door) =>
  [4, 5].flatMap((major) =>
    [false, true].map((tls) => ({
      name: `${door}, Express ${major}, ${tls ? 'https' : 'http'}`,
      door,
      express: major === 4 ? express4 : express5,
      tls,
    })),
  ),
);

/** Most tests wait for a peer or a clock: so many of a suite do so at a time. */
const SIDE_BY_SIDE = { concurrency: 4 };

/** Runs one suite over hosts of every kind. */
export function onEveryHost(suite: (kind: HostKind) => void): void {
  for (const kind of HOST_KINDS) describe(kind.name, SIDE_BY_SIDE, () => suite(kind));
}

/** Runs one suite over the hosts that `attach` serves, which alone can refuse a handshake. */
export function onAttachedHosts(suite: (kind: HostKind) => void): void {
  for (const kind of HOST_KINDS) {
    if (kind.door === 'attach') describe(kind.name, SIDE_BY_SIDE, () => suite(kind));
  }
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly bytes: Buffer;
  readonly body: string;
}

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly fields: Record<string, unknown>;
}

/** A logger that keeps its lines. */
export function recordLog() {
  const lines: LogLine[] = [];
  const write = (level: string) => (fields: object, message: string) => {
    lines.push({ level, message, fields: fields as Record<string, unknown> });
  };
  return { lines, logger: { info: write('info'), warn: write('warn'), error: write('error') } };
}

/** An app that listens, with consoles in it. */
export class Host {
  readonly kind: HostKind;
  readonly app: Express;
  readonly server: Server;
  readonly port: number;

  constructor(kind: HostKind, app: Express, server: Server) {
    this.kind = kind;
    this.app = app;
    this.server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  get authority(): string {
    return `127.0.0.1:${this.port}`;
  }

  get origin(): string {
    return `${this.kind.tls ? 'https' : 'http'}://${this.authority}`;
  }

  /** Opens a WebSocket to a path. */
  browse(t: TestContext, path: string, options?: BrowserOptions): Browser {
    return Browser.open(t, `${this.kind.tls ? 'wss' : 'ws'}://${this.authority}${path}`, options);
  }

  raw(t: TestContext): Promise<RawBrowser> {
    return RawBrowser.open(t, this.port, this.kind.tls);
  }

  request(
    path: string,
    { method = 'GET', headers = {} }: { method?: string; headers?: Record<string, string> } = {},
  ): Promise<Reply> {
    const send = this.kind.tls ? httpsRequest : httpRequest;
    const { port } = this;
    return new Promise((resolve, reject) => {
      const options = { port, host: '127.0.0.1', path, method, headers, rejectUnauthorized: false };
      const req = send({ ...options, agent: false }, (res) => {
        const chunks: Buffer[] = [];
        res.on('data', (chunk: Buffer) => chunks.push(chunk));
        res.on('error', reject);
        res.on('end', () => {
          const bytes = Buffer.concat(chunks);
          const { headers, statusCode: status = 0 } = res;
          resolve({ status, headers, bytes, body: bytes.toString() });
        });
      });
      req.on('error', reject);
      req.end();
    });
  }
}

export interface Mount {
  readonly app: Express;
  readonly express: typeof express5;
}

/** Makes an app, lets a test mount what it wants, and listens. What is returned gets its way in. */
export async function openHost(
  t: TestContext,
  kind: HostKind,
  build: (mount: Mount) => Consoles | readonly Consoles[],
): Promise<Host> {
  const app = kind.express();
  app.set('env', 'test'); // Express's own error handler then prints nothing
  const server = kind.tls ? createTlsServer(CERTIFICATE, app) : createServer(app);
  const built = [build({ app, express: kind.express })].flat() as Consoles[];
  if (kind.door === 'attach') {
    for (const consoles of built) consoles.attach(server);
  } else {
    const [first] = built as [Consoles];
    const wsOptions = first.wsOptions as never;
    first.guard(
      expressWs(app as never, server, { leaveRouterUntouched: true, wsOptions }).getWss(),
    );
  }
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(async () => {
    server.close();
    await Promise.all(built.map((consoles) => consoles.close({ timeout: 50 })));
    server.closeAllConnections();
  });
  return new Host(kind, app, server);
}

/** What tests scale down, so that an end takes its time but not long. */
const QUICK = { close: 100 };

/** A host with consoles at `/console` for every port of 127.0.0.1, unless told otherwise. */
export async function openConsoles(
  t: TestContext,
  kind: HostKind,
  options: Options = {},
): Promise<{ host: Host; consoles: Consoles; log: LogLine[] }> {
  const { lines, logger } = recordLog();
  const consoles = novnc({
    allow: ['127.0.0.1:1-65535'],
    logger,
    ...options,
    timeouts: { ...QUICK, ...options.timeouts },
  });
  const host = await openHost(t, kind, ({ app }) => {
    app.use('/console', consoles);
    return consoles;
  });
  return { host, consoles, log: lines };
}

/** The relay's address for a name, under `/console`. */
export function relayPath(name: string): string {
  return `/console/proxy?target=${encodeURIComponent(name)}`;
}

/**
 * What a WebSocket sees of a refusal: an HTTP status in place of 101 through `attach`, and the close
 * code 4000 + that through express-ws, which has accepted already.
 */
export async function refusalOf(host: Host, browser: Browser): Promise<string> {
  if (host.kind.door === 'attach') {
    const { status, body } = await browser.refused();
    return `${status} ${body.trim()}`;
  }
  const { code, reason } = await browser.closed();
  return `${code} ${reason}`;
}

/** What `refusalOf` gives for a code of the table. */
export function refusalFor(host: Host, code: ConsoleErrorCode): string {
  const { status, closeCode, words } = ENDS[code];
  return `${host.kind.door === 'attach' ? status : closeCode} ${words}`;
}
