import { request, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { messageOf } from '../errors.ts';
import { formatAddress } from '../target/name.ts';
import { basicOf, copyHeaders, endpointOf, type Headers, hasHeader, parseUrl } from './address.ts';
import { checkEndpoint, checkObject, fault } from './arguments.ts';
import { type Connect, inStages } from './in-stages.ts';
import { type CertificateSettings, copyTls, openLine } from './open-line.ts';
import type { Endpoint } from './open-tcp.ts';

export interface HttpConnectOptions {
  /** What to ask for: host and port as of any proxy, or a text, such as Xen's `/console?uuid=…`. */
  readonly target: Endpoint | string;
  /** Of the request, such as `Proxy-Authorization` or `Cookie`. */
  readonly headers?: Headers;
  /** How the certificate of an `https:` proxy is trusted. @default by public authorities */
  readonly tls?: CertificateSettings;
}

/**
 * Connects to a VNC server through an HTTP proxy, by CONNECT (RFC 9110 section 9.3.6). A user name
 * and password in the URL are sent to it. Throws a `TypeError` for what it cannot use.
 */
export function httpConnect(url: string | URL, options: HttpConnectOptions): Connect {
  const proxy = parseUrl('httpConnect(url)', url, ['http:', 'https:']);
  checkObject('httpConnect', options, ['target', 'headers', 'tls']);
  const headers = copyHeaders('httpConnect.headers', options.headers ?? {});
  const settings = copyTls('httpConnect.tls', options.tls ?? {});
  const path = pathOf(options.target);
  const isProxy = typeof options.target !== 'string';
  const basic = basicOf(proxy);
  const authorization = isProxy ? 'Proxy-Authorization' : 'Authorization';
  if (basic && !hasHeader(headers, authorization.toLowerCase())) headers[authorization] = basic;
  if (!hasHeader(headers, 'host')) headers.Host = isProxy ? path : proxy.host;
  return (signal) =>
    inStages(signal, async (own) => {
      const tls = proxy.protocol === 'https:' ? settings : null;
      const line = await openLine(own, endpointOf(proxy), tls);
      await ask(line, path, headers).catch((error) => {
        // Without its cause: an error of Node's parser holds the bytes that it did not understand.
        throw new Error(`the proxy at ${proxy.host}: ${messageOf(error)}`);
      });
      return line;
    });
}

/** Sends the request on a line, and leaves it to its new use when the answer is yes. */
function ask(line: Duplex, path: string, headers: Headers): Promise<void> {
  return new Promise((resolve, reject) => {
    const asking = request({
      method: 'CONNECT',
      path,
      headers: { ...headers },
      createConnection: () => line,
    });
    asking.once('error', reject);
    asking.once('connect', ({ statusCode = 0 }, _line, head) => {
      if (statusCode < 200 || statusCode > 299) {
        const words = STATUS_CODES[statusCode];
        reject(new Error(`refused with ${statusCode}${words ? ` (${words})` : ''}`));
        return;
      }
      // A VNC server speaks first: its words may come with the proxy's.
      if (head.length > 0) line.unshift(head);
      resolve();
    });
    asking.end();
  });
}

function pathOf(target: unknown): string {
  if (typeof target === 'string') {
    if (/^[\x21-\x7e]+$/.test(target)) return target;
    return fault('httpConnect.target', 'a text without spaces, or host and port');
  }
  checkObject('httpConnect.target', target, ['host', 'port']);
  checkEndpoint('httpConnect.target', target as Endpoint);
  return formatAddress(target as Endpoint);
}
