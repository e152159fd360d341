import { STATUS_CODES } from 'node:http';
import type { createConnection } from 'node:net';
import { WebSocket } from 'ws';
import { messageOf } from '../errors.ts';
import { basicOf, copyHeaders, endpointOf, type Headers, hasHeader, parseUrl } from './address.ts';
import { checkInteger, checkObject, fault } from './arguments.ts';
import { type Connect, inStages } from './in-stages.ts';
import { type CertificateSettings, copyTls, openLine } from './open-line.ts';
import { WebSocketStream } from './web-socket-stream.ts';

export interface WebSocketOptions {
  /** Of the handshake, such as `Authorization`, `Cookie` or `Origin`. */
  readonly headers?: Headers;
  /** Subprotocols to offer; `[]` for a server that knows none. @default ['binary'] */
  readonly protocols?: readonly string[];
  /** How the certificate of a `wss:` server is trusted. @default by public authorities */
  readonly tls?: CertificateSettings;
  /** The longest message to take, in bytes. @default 4194304 */
  readonly maxPayload?: number;
}

const MAX_PAYLOAD = 4 * 1024 * 1024;

/** A subprotocol's name (RFC 6455 section 4.1, RFC 9110 section 5.6.2). */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/**
 * Connects to a VNC server behind a WebSocket, as QEMU, Proxmox VE and KubeVirt offer. Redirects are
 * not followed. Throws a `TypeError` for what it cannot use.
 */
export function webSocket(url: string | URL, options: WebSocketOptions = {}): Connect {
  const address = parseUrl('webSocket(url)', url, ['ws:', 'wss:']);
  checkObject('webSocket', options, ['headers', 'protocols', 'tls', 'maxPayload']);
  const { protocols = ['binary'], maxPayload = MAX_PAYLOAD } = options;
  checkProtocols('webSocket.protocols', protocols);
  checkInteger('webSocket.maxPayload', maxPayload, 2 ** 30);
  const headers = copyHeaders('webSocket.headers', options.headers ?? {});
  const settings = copyTls('webSocket.tls', options.tls ?? {});
  const basic = basicOf(address);
  if (basic && !hasHeader(headers, 'authorization')) headers.Authorization = basic;
  address.username = '';
  address.password = '';
  const { protocol, host } = address;
  return (signal) =>
    inStages(signal, async (own) => {
      const line = await openLine(own, endpointOf(address), protocol === 'wss:' ? settings : null);
      const socket = new WebSocket(address, [...protocols], {
        createConnection: (() => line) as unknown as typeof createConnection,
        headers,
        maxPayload,
        perMessageDeflate: false,
      });
      // From here on, so that what comes right behind the handshake is not lost.
      const stream = own(new WebSocketStream(socket));
      await opened(socket).catch((error) => {
        throw new Error(`the WebSocket at ${host}: ${messageOf(error)}`);
      });
      return stream;
    });
}

function opened(socket: WebSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
    socket.once('unexpected-response', (request, { statusCode = 0 }) => {
      request.destroy();
      const isRedirect = statusCode >= 300 && statusCode < 400;
      const words = isRedirect ? 'redirects are not followed' : STATUS_CODES[statusCode];
      reject(new Error(`refused with ${statusCode}${words ? ` (${words})` : ''}`));
    });
  });
}

function checkProtocols(name: string, protocols: unknown): void {
  const isGood =
    Array.isArray(protocols) &&
    protocols.every((each) => typeof each === 'string' && TOKEN.test(each)) &&
    new Set(protocols).size === protocols.length;
  if (!isGood) fault(name, 'an array of different names of subprotocols');
}
