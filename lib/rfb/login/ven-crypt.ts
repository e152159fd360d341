import { ConsoleError } from '../../errors.ts';
import type { Method, SecurityPolicy } from './authenticator.ts';
import type { ServerPeer } from './peer.ts';
import { chooseSubType } from './security-types.ts';

/** The one version that is in use, 0.2. */
const VERSION = Buffer.of(0, 2);

/**
 * Agrees on a sub-type of VeNCrypt with the server and goes on inside TLS (rfbproto, "VeNCrypt").
 * Returns what is to be done there.
 */
export async function enterTls(server: ServerPeer, policy: SecurityPolicy): Promise<Method> {
  const highest = await server.read(2);
  if (highest.readUInt16BE() < VERSION.readUInt16BE()) {
    throw refused(`the server speaks no VeNCrypt later than ${highest.join('.')}`);
  }
  server.write(VERSION);
  if ((await server.read(1))[0] !== 0) throw refused('the server refuses VeNCrypt 0.2');
  const count = (await server.read(1)).readUInt8();
  const list = await server.read(4 * count);
  const offered = Array.from({ length: count }, (_, at) => list.readUInt32BE(4 * at));
  const { type, method, tls } = chooseSubType(offered, policy);
  const chosen = Buffer.alloc(4);
  chosen.writeUInt32BE(type);
  server.write(chosen);
  // Here 1 means yes, unlike above.
  if ((await server.read(1))[0] !== 1) throw refused(`the server refuses sub-type ${type}`);
  await server.startTls(tls);
  return method;
}

function refused(detail: string): ConsoleError {
  return new ConsoleError('SECURITY_UNSUPPORTED', detail);
}
