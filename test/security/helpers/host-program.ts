import dnsPromises from 'node:dns/promises';
import { readdirSync } from 'node:fs';
import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
import { type AddressInfo, Socket } from 'node:net';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import express, {
  type NextFunction,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import expressWs from 'express-ws';
import { type Consoles, novnc, type Options, type Target } from '../../../lib/index.ts';
import { CERTIFICATE } from '../../helpers/certificate.ts';

/** What the app's own middleware does before a console's. */
export type Before =
  | 'refuse'
  | 'refuse late'
  | 'redirect'
  | 'next error'
  | 'throw'
  | 'reject'
  | 'destroy'
  | 'slow'
  | 'answer';

/** One `novnc()` of the host; its options, as far as they can be sent to another process. */
export interface MountConfig {
  options: Omit<Options, 'resolve' | 'authorize' | 'on' | 'logger'>;
  before?: Before;
  /** What `resolve` says of each name; `hang`: never anything. */
  resolve?: Record<string, Target | null | 'undefined' | 'hang' | 'throw'>;
  /** `authorize` answers this, or never. */
  authorize?: boolean | 'hang' | 'throw' | 'truthy';
}

/** What the resolver of the host says of a name; an error code such as ENOTFOUND, or silence. */
export interface Records {
  v4?: string[] | string;
  v6?: string[] | string;
  silent?: boolean;
}

/** The host app: express on an HTTP server with `attach`, and on another with express-ws. */
export interface HostConfig {
  mounts: Record<string, MountConfig>;
  trustProxy?: boolean | string;
  queryParser?: 'simple' | 'extended';
  dns?: Record<string, Records>;
  tls?: boolean;
  http?: ServerOptions;
  /** express-ws is given the `wsOptions` of the first mount. @default true */
  wsOptions?: boolean;
  /** The host has a body parser in front of its consoles. */
  bodyParser?: boolean;
}

/** What the host says of itself. */
export interface HostStats {
  rss: number;
  heapUsed: number;
  external: number;
  arrayBuffers: number;
  fds: number;
  cpu: number;
  resources: Record<string, number>;
  /** Sessions that are live, and how many were, and which ends there were. */
  live: number;
  opened: number;
  ends: string[];
  refusals: string[];
  /** Requests and session records that the garbage collector has not taken. */
  kept: number;
  uncaught: string[];
  rejections: string[];
  warnings: string[];
  polluted: string[];
  loopDelay: { p50: number; p99: number; max: number };
  /** Of the event loop, so far. */
  turns: number;
  dials: string[];
  lookups: string[];
  listeners: Record<string, number>;
}

const pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

const BEFORE: Record<Before, RequestHandler> = {
  refuse: (_req, res) => {
    res.status(401).send('sign in');
  },
  'refuse late': async (_req, res) => {
    await pause(200);
    res.status(403).send('not you');
  },
  redirect: (_req, res) => {
    res.redirect('/login');
  },
  'next error': (_req, _res, next) => {
    next(new Error('the host refuses'));
  },
  throw: () => {
    throw new Error('the host throws');
  },
  reject: async () => {
    await pause(1);
    throw new Error('the host rejects');
  },
  destroy: (req) => {
    req.socket.destroy();
  },
  slow: async (_req, _res, next) => {
    await pause(300);
    next();
  },
  answer: (_req, res) => {
    res.status(200).send('a page with status 200');
  },
};

const config: HostConfig = JSON.parse(process.argv[2] ?? '{}');
let isUp = false;
const uncaught: string[] = [];
const rejections: string[] = [];
const warnings: string[] = [];
process.on('uncaughtException', (error) => {
  if (!isUp) throw error;
  uncaught.push(String(error.stack));
});
process.on('unhandledRejection', (reason) => rejections.push(String(reason)));
process.on('warning', (warning) => warnings.push(String(warning)));

const dials: string[] = [];
const lookups: string[] = [];
spyOnNetwork(config.dns ?? {});

const lines: object[] = [];
const live = new Set<string>();
const ends: string[] = [];
const refusals: string[] = [];
let opened = 0;
let kept = 0;
const registry = new FinalizationRegistry(() => kept--);
const loopDelay = monitorEventLoopDelay({ resolution: 5 });

const all: Consoles[] = [];
const servers: Server[] = [];
const app = createApp();
const attached = createHttpServer(app);
for (const consoles of all) consoles.attach(attached);
const first = all.length;
const { getWss } = createExpressWsApp();
all[first]?.guard(getWss());

await Promise.all(
  servers.map((server) => new Promise<void>((done) => server.listen(0, '127.0.0.1', done))),
);
process.on('message', (message: { id: number; command: string; value?: unknown }) => {
  void answer(message.command, message.value).then((value) => {
    process.send?.({ id: message.id, value });
  });
});
process.once('disconnect', () => process.exit());
isUp = true;
process.send?.({ ports: servers.map((server) => (server.address() as AddressInfo).port) });

function createHttpServer(listener?: RequestListener): Server {
  const server = config.tls
    ? createTlsServer({ ...config.http, ...CERTIFICATE }, listener)
    : createServer(config.http ?? {}, listener);
  servers.push(server);
  return server;
}

function createApp() {
  return furnish(express(), makeMounts('attach'));
}

function createExpressWsApp() {
  const mounts = makeMounts('express-ws');
  const bare = express();
  const wsOptions = mounts[0]?.consoles.wsOptions;
  const instance = expressWs(
    bare,
    createHttpServer(bare),
    config.wsOptions === false || !wsOptions ? {} : { wsOptions: wsOptions as never },
  );
  furnish(bare, mounts);
  return instance;
}

function makeMounts(door: string) {
  return Object.entries(config.mounts).map(([path, mount], at) => ({
    path,
    before: mount.before,
    consoles: createConsoles(mount, `${door} ${at}`),
  }));
}

function furnish(
  app: express.Express,
  mounts: { path: string; before: Before | undefined; consoles: Consoles }[],
): express.Express {
  if (config.trustProxy !== undefined) app.set('trust proxy', config.trustProxy);
  if (config.queryParser) app.set('query parser', config.queryParser);
  if (config.bodyParser) app.use(express.text({ type: () => true }));
  app.get('/health', (_req, res) => {
    res.set('Connection', 'close').send('well');
  });
  app.post('/echo', express.text({ type: () => true }), (req, res) => {
    res.set('Connection', 'close').send(`echo ${req.body}`);
  });
  app.get('/host.js', (_req, res) => {
    res.send('host');
  });
  app.use((req, _res, next) => {
    kept++;
    registry.register(req, null);
    next();
  });
  for (const { path, before, consoles } of mounts) {
    if (before) app.use(path, BEFORE[before]);
    app.use(path, consoles);
  }
  app.use(
    (error: Error & { status?: number }, _req: Request, res: Response, next: NextFunction) => {
      if (res.headersSent) next(error);
      else res.status(error.status ?? 500).send('the host failed');
    },
  );
  return app;
}

function createConsoles(mount: MountConfig, prefix: string): Consoles {
  const { options, resolve, authorize } = mount;
  const log = (level: string) => (fields: object, message: string) => {
    lines.push({ level, message, ...fields });
  };
  const consoles = novnc({
    ...options,
    ...(resolve && { resolve: (name) => resolveBy(resolve, name) }),
    ...(authorize !== undefined && { authorize: () => authorizeBy(authorize) }),
    logger: { info: log('info'), warn: log('warn'), error: log('error') },
    on: {
      open(session) {
        opened++;
        kept++;
        registry.register(session, null);
        live.add(`${prefix} ${session.id}`);
      },
      close(session, { error }) {
        live.delete(`${prefix} ${session.id}`);
        ends.push(error.code);
      },
      refuse: (error) => void refusals.push(error.code),
    },
  });
  all.push(consoles);
  return consoles;
}

function resolveBy(table: NonNullable<MountConfig['resolve']>, name: string) {
  const target = Object.hasOwn(table, name) ? table[name] : null;
  if (target === 'hang') return new Promise<null>(() => {});
  if (target === 'throw') throw new Error('resolve failed');
  return target === 'undefined' ? undefined : target;
}

function authorizeBy(verdict: NonNullable<MountConfig['authorize']>) {
  if (verdict === 'hang') return new Promise<boolean>(() => {});
  if (verdict === 'throw') throw new Error('authorize failed');
  return verdict === 'truthy' ? ('yes' as unknown as boolean) : verdict;
}

/** Counts every connection and every DNS question; answers the questions from a table. */
function spyOnNetwork(table: Record<string, Records>): void {
  const { connect } = Socket.prototype;
  Socket.prototype.connect = function spied(this: Socket, ...args: unknown[]) {
    const [given] = args;
    const target = (Array.isArray(given) ? given[0] : given) as
      | { host?: string; port?: number; path?: string }
      | undefined;
    dials.push(target?.path ?? `${target?.host} ${target?.port}`);
    return (connect as (...all: unknown[]) => Socket).apply(this, args);
  } as typeof connect;

  const { Resolver } = dnsPromises;
  const ask = (family: 'v4' | 'v6') => async (name: string) => {
    lookups.push(name);
    const records = table[name];
    if (records?.silent) return new Promise<never>(() => {});
    const found = records?.[family] ?? 'ENOTFOUND';
    if (typeof found === 'string') throw Object.assign(new Error(found), { code: found });
    return found;
  };
  Resolver.prototype.resolve4 = ask('v4') as never;
  Resolver.prototype.resolve6 = ask('v6') as never;
  dnsPromises.lookup = (async (name: string) => {
    lookups.push(name);
    throw Object.assign(new Error('ENOTFOUND'), { code: 'ENOTFOUND' });
  }) as never;
  syncBuiltinESMExports();
}

async function answer(command: string, value: unknown): Promise<unknown> {
  if (command === 'stats') return stats();
  if (command === 'log') return lines;
  if (command === 'reset') {
    for (const list of [dials, lookups, lines, ends, refusals]) list.length = 0;
    loopDelay.reset();
    loopDelay.enable();
  }
  if (command === 'collect') {
    for (let round = 0; round < 3; round++) {
      globalThis.gc?.();
      await new Promise((done) => setTimeout(done, 20));
    }
  }
  if (command === 'close') {
    await Promise.all(all.map((consoles) => consoles.close({ timeout: Number(value) })));
  }
  if (command === 'close servers') for (const server of servers) server.close();
  if (command === 'attach again') {
    for (let round = 0; round < Number(value); round++) {
      const detach = all[0]!.attach(attached);
      detach();
    }
  }
  return undefined;
}

function stats(): HostStats {
  const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
  const resources: Record<string, number> = {};
  for (const name of process.getActiveResourcesInfo()) {
    resources[name] = (resources[name] ?? 0) + 1;
  }
  const polluted = [...Object.keys(Object.prototype), ...('pwned' in globalThis ? ['pwned'] : [])];
  const { user, system } = process.cpuUsage();
  return {
    rss,
    heapUsed,
    external,
    arrayBuffers,
    fds: readdirSync('/proc/self/fd').length,
    cpu: (user + system) / 1000,
    resources,
    live: live.size,
    opened,
    ends: [...ends],
    refusals: [...refusals],
    kept,
    uncaught,
    rejections,
    warnings,
    polluted,
    loopDelay: {
      p50: loopDelay.percentile(50) / 1e6,
      p99: loopDelay.percentile(99) / 1e6,
      max: loopDelay.max / 1e6,
    },
    turns: performance.nodeTiming.uvMetricsInfo.loopCount,
    dials: [...dials],
    lookups: [...lookups],
    listeners: Object.fromEntries(
      attached.eventNames().map((name) => [String(name), attached.listenerCount(name)]),
    ),
  };
}
