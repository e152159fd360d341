import type { Duplex } from 'node:stream';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { ConsoleError } from '../errors.ts';
import type { TlsMode } from '../rfb/login/peer.ts';
import { pinFault, type TlsSettings, tlsOptions } from './certificate.ts';

/** Anonymous Diffie-Hellman is below any security level of OpenSSL's, and TLS 1.3 has none. */
const ANONYMOUS: ConnectionOptions = {
  ciphers: 'ADH:AECDH:@SECLEVEL=0',
  maxVersion: 'TLSv1.2',
  rejectUnauthorized: false,
};

/**
 * Speaks TLS on a connected stream from here on; `host` is where it leads, for the certificate's
 * name. Rejects with a ConsoleError: `CERTIFICATE_UNTRUSTED`, or `SERVER_LOST` when there is no TLS to
 * be had; the stream is destroyed then. Destroying either stream destroys both.
 */
export function startTls(
  stream: Duplex,
  settings: TlsSettings,
  host: string | undefined,
  mode: TlsMode,
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    stream.on('error', ignore);
    const refusal = refusalOf(settings, host, mode);
    if (refusal !== null) {
      stream.destroy();
      reject(new ConsoleError('CERTIFICATE_UNTRUSTED', refusal));
      return;
    }
    const options = mode === 'anonymous' ? ANONYMOUS : tlsOptions(settings, host);
    const socket = connect({ ...options, socket: stream });
    let turn: NodeJS.Immediate | undefined;
    socket.on('error', ignore);
    socket.once('error', onError);
    socket.once('close', onClose);
    socket.once('secureConnect', onSecure);
    // The other way round Node does it, for a stream of any kind.
    stream.once('close', () => socket.destroy());

    function onSecure(): void {
      // A turn later: OpenSSL is still in its handshake here, and Node 20 crashes when the stream
      // under it is destroyed by what comes of this.
      turn = setImmediate(() => {
        const fault = mode === 'x509' ? pinFault(settings, socket) : null;
        if (fault === null) succeed();
        else fail(new ConsoleError('CERTIFICATE_UNTRUSTED', fault));
      });
    }

    function onError(error: Error): void {
      const code = socket.authorizationError ? 'CERTIFICATE_UNTRUSTED' : 'SERVER_LOST';
      fail(new ConsoleError(code, error.message));
    }

    function onClose(): void {
      fail(new ConsoleError('SERVER_LOST', 'the server closed during the TLS handshake'));
    }

    function succeed(): void {
      release();
      resolve(socket);
    }

    function fail(error: ConsoleError): void {
      release();
      reject(error);
      socket.destroy();
    }

    /** The socket lives on for hours: what it took to open it shall not. */
    function release(): void {
      clearImmediate(turn);
      socket.off('error', onError);
      socket.off('close', onClose);
      socket.off('secureConnect', onSecure);
    }
  });
}

/** Says why these settings trust nobody, or null. */
function refusalOf(settings: TlsSettings, host: string | undefined, mode: TlsMode): string | null {
  if (mode === 'anonymous') {
    return settings.allowAnonymous === true
      ? null
      : 'anonymous TLS is not allowed: see allowAnonymous';
  }
  const canCheck = settings.fingerprint256 ?? settings.servername ?? host;
  return canCheck
    ? null
    : 'there is no name to check a certificate by: give servername or fingerprint256';
}

/** A socket with no listener for its errors would end the process. */
function ignore(): void {}
