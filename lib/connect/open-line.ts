import type { Duplex } from 'node:stream';
import { ConsoleError } from '../errors.ts';
import { type TlsSettings, tlsFault } from '../target/certificate.ts';
import { startTls } from '../target/start-tls.ts';
import { fault } from './arguments.ts';
import type { Own } from './in-stages.ts';
import { connected, type Endpoint, openTcp } from './open-tcp.ts';

/** How TLS is spoken to a server that is no VNC server: such a one always has a certificate. */
export type CertificateSettings = Omit<TlsSettings, 'allowAnonymous'>;

/** Checks settings of TLS, and returns a copy that later changes cannot reach. */
export function copyTls(name: string, settings: CertificateSettings): CertificateSettings {
  if (typeof settings === 'object' && settings && 'allowAnonymous' in settings) {
    fault(`${name}.allowAnonymous`, 'nothing: it is for VeNCrypt');
  }
  const wrong = tlsFault(settings);
  if (wrong !== null) throw new TypeError(`${name} ${wrong}`);
  return { ...settings };
}

/** Opens a TCP connection, and TLS on it if there are settings for that. */
export async function openLine(
  own: Own,
  endpoint: Endpoint,
  settings: CertificateSettings | null,
): Promise<Duplex> {
  const socket = own(openTcp(endpoint));
  await connected(socket);
  if (settings === null) return socket;
  try {
    return own(await startTls(socket, settings, endpoint.host, 'x509'));
  } catch (error) {
    // Nothing is lost yet that the viewer had: that there is no TLS there means it cannot be reached.
    const isLost = error instanceof ConsoleError && error.code === 'SERVER_LOST';
    throw isLost ? new ConsoleError('CONNECT_REFUSED', `no TLS: ${error.message}`) : error;
  }
}
