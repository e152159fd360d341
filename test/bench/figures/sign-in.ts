import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { startVncServer } from '../../../demo/vnc-server/vnc-server.ts';
import { novnc, type Target } from '../../../lib/index.ts';
import { CHROMIUM, firstVisit } from '../first-visit.ts';
import type { Figure } from './figure.ts';

const PASSWORD = 'measured';
const HOST = '127.0.0.1';

/** How much later a desktop is seen when the relay signs in for the viewer, than one that asks nothing. */
export const signIn: Figure<'gateway'> = {
  name: 'sign-in',
  contestants: ['gateway'],
  judged: ['gateway'],
  rows: [
    {
      key: 'added',
      label: 'signing in for the viewer, ms more',
      digits: 0,
      bars: [{ atMost: 30 }],
    },
  ],
  async measure() {
    if (!existsSync(CHROMIUM)) throw new Error('needs chromium');
    const size = { port: 0, host: HOST, width: 640, height: 480, still: true };
    const open = await startVncServer(size);
    const locked = await startVncServer({ ...size, password: PASSWORD });
    const targets: Record<string, Target> = {
      open: { host: HOST, port: open.port },
      locked: { host: HOST, port: locked.port, credentials: { password: PASSWORD } },
    };
    const app = express();
    const consoles = novnc({ resolve: (name) => targets[name] ?? null });
    app.use(consoles);
    const server = app.listen(0, HOST);
    await once(server, 'listening');
    consoles.attach(server);
    try {
      const mount = `http://${HOST}:${(server.address() as AddressInfo).port}`;
      const opaque = await firstVisit(`${mount}/open`);
      return { added: (await firstVisit(`${mount}/locked`)) - opaque };
    } finally {
      await consoles.close();
      server.close();
      server.closeAllConnections();
      await Promise.all([open.close(), locked.close()]);
    }
  },
};
