import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createApp } from '../../lib/standalone/app.ts';
import type { Stage } from './stage.ts';

/** Starts the stand-alone program's app; tells where its first page is. */
export async function startStandalone(stage: Stage, allow: readonly string[]): Promise<string> {
  const log = { info() {}, warn() {}, error() {} };
  const { app, consoles } = createApp({ allow, base: '/', origins: [], isLocal: true, log });
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  await stage.keep(
    Promise.resolve({
      async stop() {
        await consoles.close();
        server.close();
        server.closeAllConnections();
      },
    }),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}
