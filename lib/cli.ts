#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, isIP } from 'node:net';
import { parseArgs } from 'node:util';
import { createApp } from './standalone/app.ts';
import { createLogger } from './standalone/logger.ts';

const USAGE = `Usage: express-novnc [options]

Serves VNC consoles: open http://HOST:PORT/10.0.0.7:5901 in a browser.

  --listen HOST:PORT   where to listen (default 127.0.0.1:6080)
  --allow RULE         which VNC servers may be opened; repeat for more
                       (default localhost, 127.0.0.1 and [::1], ports 5900-5999)
                       e.g. 10.0.0.0/8:5900-5999  *.lab.example:5901  'unix:/run/vms/*.sock'
  --base /PREFIX       path under which it is reached (default /)
  --cert FILE          certificate (PEM) and
  --key FILE           private key (PEM): serve https
  --origin ORIGIN      the address people use, where a proxy stands in front, such as
                       https://consoles.example; repeat for more
  --log text|json      how to log, on standard output (default text)
  --help, --version

It asks nobody for a login: whoever reaches it can open what --allow names.
`;

const LOOPBACK_RULES = ['localhost', '127.0.0.1', '::1'];
const DRAIN_TIMEOUT = 5_000;

/** Ends the program with one line that says what is wrong. */
function fail(message: string, exitCode: 1 | 2): never {
  process.stderr.write(`express-novnc: ${message}\n`);
  process.exit(exitCode);
}

/** What the line says is wrong with how the program was called. */
class UsageError extends Error {}

function readFlags() {
  const { values } = parseArgs({
    options: {
      listen: { type: 'string', default: '127.0.0.1:6080' },
      allow: { type: 'string', multiple: true, default: LOOPBACK_RULES },
      base: { type: 'string', default: '/' },
      cert: { type: 'string' },
      key: { type: 'string' },
      origin: { type: 'string', multiple: true, default: [] },
      log: { type: 'string', default: 'text' },
      help: { type: 'boolean', default: false },
      version: { type: 'boolean', default: false },
    },
  });
  const listen = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(values.listen);
  const host = listen?.[1] ?? listen?.[2];
  const port = Number(listen?.[3]);
  if (host === undefined || port > 65535) {
    throw new UsageError(`--listen ${values.listen}: expected HOST:PORT, such as 127.0.0.1:6080`);
  }
  if (!/^\/([A-Za-z0-9._~/-]*)$/.test(values.base) || values.base.includes('//')) {
    throw new UsageError(`--base ${values.base}: expected a path, such as /consoles`);
  }
  if (values.log !== 'text' && values.log !== 'json') {
    throw new UsageError(`--log ${values.log}: expected text or json`);
  }
  if ((values.cert === undefined) !== (values.key === undefined)) {
    throw new UsageError('--cert and --key: expected both, or none');
  }
  return { ...values, log: values.log as 'text' | 'json', host, port };
}

function readPem(flag: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new UsageError(`${flag} ${file}: ${(error as Error).message}`);
  }
}

function version(): string {
  return JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version;
}

function main(): void {
  const flags = readFlags();
  if (flags.help) return void process.stdout.write(USAGE);
  if (flags.version) return void process.stdout.write(`${version()}\n`);
  const log = createLogger(flags.log);
  const isLocal = flags.host === 'localhost' || /^(127\.|::1$)/.test(flags.host);
  const { app, consoles } = createApp({
    allow: flags.allow,
    base: flags.base,
    origins: flags.origin,
    isLocal,
    log,
  });
  const server: Server =
    flags.cert !== undefined && flags.key !== undefined
      ? createTlsServer(
          { cert: readPem('--cert', flags.cert), key: readPem('--key', flags.key) },
          app,
        )
      : createServer(app);
  consoles.attach(server);
  server.on('error', (error) => fail(`cannot listen on ${flags.listen}: ${error.message}`, 1));
  server.listen(flags.port, flags.host, () => {
    const { port } = server.address() as AddressInfo;
    const scheme = flags.cert === undefined ? 'http' : 'https';
    const host = isIP(flags.host) === 6 ? `[${flags.host}]` : flags.host;
    log.info({ url: `${scheme}://${host}:${port}${flags.base}` }, 'listening');
    if (!isLocal)
      log.warn({ listen: flags.listen }, 'anyone who reaches this address needs no login');
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      log.info({ signal, timeout: DRAIN_TIMEOUT }, 'draining');
      server.close();
      server.closeIdleConnections();
      void consoles.close({ timeout: DRAIN_TIMEOUT }).then(() => process.exit(0));
    });
  }
}

try {
  main();
} catch (error) {
  // What parseArgs and the options check throw says which flag and what would be right.
  const message =
    (error as Error).message.split('\n')[0]?.replace(/^option (allow|origin)s?/, '--$1') ?? '';
  fail(message, 2);
}
