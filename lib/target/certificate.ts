import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import {
  type ConnectionOptions,
  checkServerIdentity,
  createSecureContext,
  type TLSSocket,
} from 'node:tls';
import { messageOf } from '../errors.ts';

type Pem = string | Buffer;

/** How TLS to a server is spoken, and by what its certificate is trusted. */
export interface TlsSettings {
  /** Certificates to trust in place of the public ones. */
  readonly ca?: Pem | readonly Pem[];
  /** Our own certificate and its key, for servers that ask for one. */
  readonly cert?: Pem;
  readonly key?: Pem;
  /** The name that its certificate must be for. @default the host that is connected to */
  readonly servername?: string;
  /**
   * The SHA-256 fingerprint of the one certificate to trust, with or without colons. It takes the
   * place of all other checks: signature, name and dates.
   */
  readonly fingerprint256?: string;
  /**
   * Also take VeNCrypt's anonymous TLS, which has no certificate at all: it keeps listeners out, and
   * lets in whoever can stand in the middle. @default false
   */
  readonly allowAnonymous?: boolean;
}

const NAMES = ['ca', 'cert', 'key', 'servername', 'fingerprint256', 'allowAnonymous'];

/** Says what is wrong with settings, naming the field and never its value, or null. */
export function tlsFault(settings: unknown): string | null {
  if (typeof settings !== 'object' || settings === null) return 'is no object';
  const unknown = Object.keys(settings).find((name) => !NAMES.includes(name));
  if (unknown !== undefined)
    return `has an unknown field ${unknown}: known are ${NAMES.join(', ')}`;
  const { ca, cert, key, servername, fingerprint256, allowAnonymous } = settings as TlsSettings;
  if (ca !== undefined && ![ca].flat().every(isCertificate)) return 'has a ca that is no PEM';
  if ((cert === undefined) !== (key === undefined)) return 'needs cert and key together';
  const pairFault = cert === undefined ? null : faultOfPair({ cert, key: key! });
  if (pairFault !== null) return `has a cert and key that do not work: ${pairFault}`;
  if (servername !== undefined && !isServername(servername))
    return 'has a servername that is no name';
  if (fingerprint256 !== undefined && canonicalPin(fingerprint256) === null) {
    return 'has a fingerprint256 that is not 64 hex digits';
  }
  if (allowAnonymous !== undefined && typeof allowAnonymous !== 'boolean') {
    return 'has an allowAnonymous that is not true or false';
  }
  return allowAnonymous && fingerprint256 !== undefined
    ? 'has a fingerprint256 and allowAnonymous, which has no certificate to compare'
    : null;
}

/** What `tls.connect` is told, to trust by these settings; `host` is what is connected to. */
export function tlsOptions(settings: TlsSettings, host: string | undefined): ConnectionOptions {
  const { ca, cert, key, fingerprint256 } = settings;
  const name = settings.servername ?? host ?? '';
  return {
    // Not ca, cert and key themselves: a TLSSocket keeps its options, where a log would show the key.
    secureContext: createSecureContext({
      ...(ca && { ca: [ca].flat() }),
      ...(cert && { cert }),
      ...(key && { key }),
    }),
    // RFC 6066 section 3 allows no address here, and Node warns of one.
    ...(name !== '' && isIP(name) === 0 && { servername: name }),
    // Given a socket, Node would check the name against `localhost` where nothing else is said.
    checkServerIdentity: (_, certificate) => checkServerIdentity(name, certificate),
    rejectUnauthorized: fingerprint256 === undefined,
  };
}

/** Says why the pin does not let a certificate in, or null: it does, or there is none. */
export function pinFault({ fingerprint256 }: TlsSettings, socket: TLSSocket): string | null {
  if (fingerprint256 === undefined) return null;
  const got: string | undefined = socket.getPeerCertificate().fingerprint256;
  if (got === undefined) return 'the server showed no certificate';
  return canonicalPin(got) === canonicalPin(fingerprint256)
    ? null
    : `the certificate's fingerprint is ${got}, which is not the one that is trusted`;
}

/** A fingerprint in its one spelling, or null when it is none. */
function canonicalPin(text: unknown): string | null {
  if (typeof text !== 'string') return null;
  const digits = text.replaceAll(':', '').toLowerCase();
  return /^[0-9a-f]{64}$/.test(digits) ? digits : null;
}

/** OpenSSL skips in silence what it cannot read. */
function isCertificate(pem: unknown): boolean {
  if (typeof pem !== 'string' && !Buffer.isBuffer(pem)) return false;
  try {
    return new X509Certificate(pem) !== null;
  } catch {
    return false;
  }
}

function faultOfPair(pair: { cert: Pem; key: Pem }): string | null {
  try {
    createSecureContext(pair);
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

function isServername(text: unknown): boolean {
  return typeof text === 'string' && /^[\x21-\x7e]+$/.test(text);
}
