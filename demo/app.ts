import { fileURLToPath } from 'node:url';
import ejs from 'ejs';
import express, { type NextFunction, type Request, type Response } from 'express';
import expressWs from 'express-ws';
import { novnc } from '../lib/index.ts';
import { consoleOf, LOCAL_ADDRESSES } from './address.ts';
import type { Machine } from './machines.ts';
import { encodePng } from './png.ts';

const LOCAL_HOSTS = ['localhost', '127.0.0.1', '::1'];

const PAGE_HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; " +
    "base-uri 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
};

/** A screen this wide is enough for a card. */
const PREVIEW_WIDTH = 480;

/**
 * Makes a management console: a page that lists machines, and the consoles behind it. `localHost` is
 * the address where only this machine reaches it, or null where others do.
 */
export function createApp(machines: readonly Machine[], localHost: string | null) {
  // There is no login, so no foreign name may lead here (DNS rebinding).
  const hosts = localHost === null ? null : [...LOCAL_HOSTS, localHost];
  const find = (name: unknown) => machines.find((machine) => machine.name === name);

  const consoles = novnc({
    allow: LOCAL_ADDRESSES,
    resolve(name) {
      const machine = find(name);
      if (machine) {
        const { port, title, custody } = machine;
        return { host: '127.0.0.1', port, label: title, ...custody };
      }
      // An address is judged by `allow`; any other name would be a machine's.
      return name.includes(':') ? undefined : null;
    },
    ...(hosts && { allowedHosts: hosts }),
  });

  const { app, getWss } = expressWs(express(), undefined, { wsOptions: consoles.wsOptions });
  consoles.guard(getWss());
  app.disable('x-powered-by');
  app.engine('ejs', ejs.renderFile);
  app.set('view engine', 'ejs');
  app.set('views', fileURLToPath(new URL('views', import.meta.url)));
  app.use('/console', consoles);
  app.use('/assets', express.static(fileURLToPath(new URL('public', import.meta.url))));
  app.use(refuseForeignHosts);
  app.get('/', showMachines);
  app.get('/screens/:name', showScreen);
  return { app, consoles, sockets: getWss() };

  function refuseForeignHosts(req: Request, res: Response, next: NextFunction): void {
    res.set(PAGE_HEADERS);
    const host = String(req.hostname).replace(/^\[|\]$/g, '');
    if (hosts === null || hosts.includes(host)) next();
    else res.status(403).type('text').send('This demo is for this machine only.\n');
  }

  function showMachines(req: Request, res: Response): void {
    const { address } = req.query;
    const asked = typeof address === 'string' ? address.trim() : '';
    const name = asked === '' || find(asked) ? asked : consoleOf(asked);
    if (name) {
      res.redirect(303, `console/${encodeURIComponent(name)}`);
      return;
    }
    const isWrong = address !== undefined;
    res.status(isWrong ? 400 : 200).render('machines', {
      page: { machines: machines.map(cardOf), address: asked, isWrong },
    });
  }

  function showScreen(req: Request, res: Response): void {
    const picture = find(req.params.name)?.picture();
    if (picture) res.type('png').send(encodePng(picture, PREVIEW_WIDTH));
    else res.sendStatus(404);
  }
}

function cardOf(machine: Machine) {
  const { name, title, about, password } = machine;
  const picture = machine.picture();
  const viewers = machine.viewers();
  return {
    name,
    title,
    about,
    password,
    size: picture && { width: picture.width, height: picture.height },
    state: machine.isRunning() ? 'running' : 'off',
    words: !machine.isRunning() ? 'Off' : viewers ? 'In use' : 'Running',
    viewers: viewers && `${viewers} ${viewers === 1 ? 'viewer' : 'viewers'}`,
  };
}
