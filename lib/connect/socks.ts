import type { Socket } from 'node:net';
import { messageOf } from '../errors.ts';
import { checkEndpoint, checkObject, checkText, fault } from './arguments.ts';
import { type Connect, inStages } from './in-stages.ts';
import { connected, type Endpoint, openTcp } from './open-tcp.ts';
import { optionalPackage } from './optional-package.ts';

export interface SocksOptions {
  readonly proxy: Endpoint & {
    readonly username?: string;
    readonly password?: string;
    /** Version 4 has no passwords. @default 5 */
    readonly version?: 4 | 5;
  };
  /** Where the proxy is to connect to; the name, if it is one, is looked up by the proxy. */
  readonly target: Endpoint;
}

/** The package keeps a timer that holds what it knows, in milliseconds; the dial's limit is shorter. */
const HANDSHAKE_TIMEOUT = 60_000;

/**
 * Connects to a VNC server through a SOCKS proxy, by the package `socks`, which has to be installed.
 * Throws a `TypeError` for what it cannot use.
 */
export function socks(options: SocksOptions): Connect {
  checkObject('socks', options, ['proxy', 'target']);
  checkObject('socks.proxy', options.proxy, ['host', 'port', 'username', 'password', 'version']);
  checkObject('socks.target', options.target, ['host', 'port']);
  checkEndpoint('socks.proxy', options.proxy);
  checkEndpoint('socks.target', options.target);
  const { username, password, version = 5, ...proxy } = options.proxy;
  const target = { ...options.target };
  if (version !== 4 && version !== 5) fault('socks.proxy.version', '4 or 5');
  checkLogin('socks.proxy.username', username);
  checkLogin('socks.proxy.password', password);
  if (
    version === 4 ? password !== undefined : (username === undefined) !== (password === undefined)
  ) {
    fault('socks.proxy.password', 'one beside a username, in version 5');
  }
  const login = {
    ...(username !== undefined && { userId: username }),
    ...(password !== undefined && { password }),
  };
  return (signal) =>
    inStages(signal, async (own) => {
      const { SocksClient } = await optionalPackage('socks', () => import('socks'));
      const socket = own(openTcp(proxy));
      await connected(socket);
      try {
        await SocksClient.createConnection({
          command: 'connect',
          destination: target,
          proxy: { ...proxy, ...login, type: version },
          existing_socket: socket,
          timeout: HANDSHAKE_TIMEOUT,
        });
      } catch (error) {
        // Without its cause: the package's errors hold the password.
        throw new Error(`the SOCKS proxy at ${proxy.host}:${proxy.port}: ${messageOf(error)}`);
      }
      await takeBack(socket);
      return socket;
    });
}

/** What version 5 has room for (RFC 1929 section 2). */
function checkLogin(name: string, text: unknown): void {
  checkText(name, text, true);
  if (Buffer.byteLength((text as string | undefined) ?? '') > 255) fault(name, '255 bytes at most');
}

/**
 * What came behind the proxy's answer the package emits as an event a turn later, and sets the socket
 * flowing, whoever listens by then. A VNC server speaks first, so its first words may be in there.
 */
function takeBack(socket: Socket): Promise<void> {
  const surplus: Buffer[] = [];
  const keep = (bytes: Buffer): void => {
    surplus.push(bytes);
  };
  socket.on('data', keep);
  return new Promise((resolve) => {
    setImmediate(() => {
      socket.off('data', keep);
      socket.pause();
      if (surplus.length > 0) socket.unshift(Buffer.concat(surplus));
      resolve();
    });
  });
}
