import { checkEndpoint, checkObject } from './arguments.ts';
import { type Connect, inStages } from './in-stages.ts';
import { type CertificateSettings, copyTls, openLine } from './open-line.ts';
import type { Endpoint } from './open-tcp.ts';

/** A VNC server behind TLS, and how its certificate is trusted. */
export interface TlsOptions extends Endpoint, CertificateSettings {}

/**
 * Connects to a VNC server behind TLS, such as stunnel's. Its certificate is always checked: against
 * public authorities, `ca`, or a pin. Throws a `TypeError` for what it cannot use.
 */
export function tls(options: TlsOptions): Connect {
  checkObject('tls', options, [
    'host',
    'port',
    'ca',
    'cert',
    'key',
    'servername',
    'fingerprint256',
  ]);
  checkEndpoint('tls', options);
  const { host, port, ...rest } = options;
  const settings = copyTls('tls', rest);
  return (signal) => inStages(signal, (own) => openLine(own, { host, port }, settings));
}
