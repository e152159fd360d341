import { fileURLToPath } from 'node:url';
import ejs from 'ejs';
import express, { type Express, type Request, type Response } from 'express';
import type { Logger } from '../log.ts';
import { type Consoles, novnc } from '../novnc.ts';
import { loadAssets } from '../web/assets.ts';
import { dictionaryFor } from '../web/dictionary.ts';

export interface StandaloneOptions {
  readonly allow: readonly string[];
  /** The path under which it is reached, such as `/consoles`, or `/`. */
  readonly base: string;
  /** How people address it where a proxy stands in front. */
  readonly origins: readonly string[];
  /** It listens on this machine only. */
  readonly isLocal: boolean;
  readonly log: Logger;
}

const VIEW = fileURLToPath(new URL('../../views/start.ejs', import.meta.url));
const LOCAL_HOSTS = ['localhost', '127.0.0.1', '::1'];

/** Makes the stand-alone program's app: a start page that asks for an address, and the consoles. */
export function createApp(options: StandaloneOptions): { app: Express; consoles: Consoles } {
  const { allow, base, origins, isLocal, log } = options;
  const consoles = novnc({
    allow,
    origins,
    logger: log,
    // No login guards a local server, so no foreign name may lead to it (DNS rebinding).
    ...(isLocal && { allowedHosts: [...LOCAL_HOSTS, ...origins.map(hostnameOfOrigin)] }),
  });
  const app = express();
  app.disable('x-powered-by');
  const { manifest } = loadAssets();

  async function start(req: Request, res: Response): Promise<void> {
    const { name } = req.query;
    if (typeof name === 'string' && name.trim() !== '') {
      res.redirect(303, `./${encodeURIComponent(name.trim())}`);
      return;
    }
    const { style, start: script } = manifest;
    const dictionary = dictionaryFor(req, {}, manifest);
    const page = { style, script, dictionary, allow, example: '127.0.0.1:5901', name: '' };
    res.set(START_HEADERS);
    res.send(await ejs.renderFile(VIEW, page, { strict: true, localsName: 'page', cache: true }));
  }

  if (base !== '/') {
    // Assets and names are relative to the folder, so it has to end in a slash.
    app.get(base.replace(/\/$/, ''), (req, res, next) => {
      if (req.path.endsWith('/')) next();
      else res.redirect(308, `${base.split('/').filter(Boolean).at(-1)}/`);
    });
  }
  const mount = base.replace(/\/$/, '') || '/';
  app.use(mount, (req, res, next) => {
    if (req.path === '/' && req.method === 'GET') void start(req, res).catch(next);
    else next();
  });
  app.use(mount, consoles);
  return { app, consoles };
}

const START_HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'self'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
};

function hostnameOfOrigin(origin: string): string {
  return URL.canParse(origin) ? new URL(origin).hostname : origin;
}
