import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import type { Intake } from '../../lib/relay/intake.ts';

/** A TCP socket that reads into an intake, as `dial` makes it, and the server's end of it. */
export async function dialled(
  t: TestContext,
  intake: Intake,
): Promise<{ server: Socket; far: Socket }> {
  const listener = createServer({ noDelay: true }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  const server = connect({ port, host: '127.0.0.1', onread: intake.onread });
  const [far] = (await once(listener, 'connection')) as [Socket];
  await once(server, 'connect');
  t.after(() => {
    listener.close();
    server.destroy();
    far.destroy();
  });
  return { server, far };
}
