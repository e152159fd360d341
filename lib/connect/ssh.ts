import type { Socket } from 'node:net';
import type * as Ssh2 from 'ssh2';
import { ConsoleError, messageOf } from '../errors.ts';
import { checkEndpoint, checkObject, checkText, fault } from './arguments.ts';
import { ChannelStream } from './channel-stream.ts';
import { copyFingerprints, fingerprintOf, kindOf } from './host-key.ts';
import { type Connect, inStages } from './in-stages.ts';
import { connected, type Endpoint, openTcp } from './open-tcp.ts';
import { optionalPackage } from './optional-package.ts';
import { loginMethods, type SshLogin } from './ssh-login.ts';

export interface SshOptions extends SshLogin {
  readonly host: string;
  /** @default 22 */
  readonly port?: number;
  /** The fingerprint of the host's key, as `ssh-keygen -l` prints it: `SHA256:…`; or several. */
  readonly hostFingerprint?: string | readonly string[];
  /** In place of that: judges the host's key. Exactly `true` trusts it. */
  readonly hostVerifier?: (key: Buffer) => boolean | Promise<boolean>;
  /** What the host is to connect to: a port as seen from there, or a Unix socket on it. */
  readonly target: Endpoint | { readonly path: string };
}

const NAMES = [
  ...['host', 'port', 'username', 'password', 'privateKey', 'passphrase', 'agent'],
  ...['hostFingerprint', 'hostVerifier', 'target'],
];

/** The host is asked this often if it is still there, in milliseconds, and is gone after three times. */
const KEEP_ALIVE = 30_000;

/**
 * Connects to a VNC server through an SSH host, by the package `ssh2`, which has to be installed. The
 * host's key is always checked. Throws a `TypeError` for what it cannot use.
 */
export function ssh(options: SshOptions): Connect {
  const { host, port = 22, hostFingerprint, hostVerifier, target, ...login } = check(options);
  const isTrusted = verifierOf(hostFingerprint, hostVerifier);
  const where = `the SSH host ${host}:${port}`;
  // Of all that it takes, reading an encrypted key is the slow part.
  let methods: Ssh2.AnyAuthMethod[] | undefined;
  return (signal) =>
    inStages(signal, async (own) => {
      const { Client, utils } = await optionalPackage('ssh2', loadSsh2);
      const socket = own(openTcp({ host, port }));
      await connected(socket);
      const connection = new Client();
      let distrust: string | null = null;
      try {
        methods ??= loginMethods(utils, login);
        const ready = readiness(connection);
        connection.connect({
          username: login.username,
          authHandler: methods,
          sock: socket,
          readyTimeout: 0, // the dial has a limit for all of it
          keepaliveInterval: KEEP_ALIVE,
          hostVerifier: (key: Buffer, verify: (isGood: boolean) => void) => {
            void judge(isTrusted, key).then((reason) => {
              if (socket.destroyed) return; // ssh2 is not there to be told any more
              distrust = reason;
              verify(reason === null);
            });
          },
        });
        await ready;
        return own(carry(connection, await forward(connection, target), socket));
      } catch (error) {
        // Without their causes: what the package's errors hold is not known.
        if (distrust) throw new ConsoleError('CERTIFICATE_UNTRUSTED', `${where}: ${distrust}`);
        throw new Error(`${where}: ${messageOf(error)}`);
      }
    });
}

/** CommonJS: Node finds some of its names, and not `utils`. */
async function loadSsh2() {
  return (await import('ssh2')).default;
}

function check(options: SshOptions): SshOptions {
  checkObject('ssh', options, NAMES);
  const { host, port = 22, username, password, privateKey, passphrase, agent } = options;
  checkEndpoint('ssh', { host, port });
  checkText('ssh.username', username);
  checkText('ssh.password', password, true);
  if (!Buffer.isBuffer(privateKey)) checkText('ssh.privateKey', privateKey, true);
  checkText('ssh.passphrase', passphrase, true);
  checkText('ssh.agent', agent, true);
  if (password === undefined && privateKey === undefined && agent === undefined) {
    fault('ssh', 'one of password, privateKey and agent');
  }
  return { ...options, target: checkTarget('ssh.target', options.target) };
}

function checkTarget(name: string, target: SshOptions['target']): SshOptions['target'] {
  checkObject(name, target, ['host', 'port', 'path']);
  if (!('path' in target)) checkEndpoint(name, target);
  else if ('host' in target || 'port' in target) fault(name, 'either host and port, or path');
  else checkText(`${name}.path`, target.path);
  return { ...target };
}

type HostVerifier = NonNullable<SshOptions['hostVerifier']>;

function verifierOf(
  fingerprint: SshOptions['hostFingerprint'],
  verifier: SshOptions['hostVerifier'],
): HostVerifier {
  if (verifier === undefined) {
    const trusted = copyFingerprints('ssh.hostFingerprint', fingerprint);
    return (key) => trusted.includes(fingerprintOf(key));
  }
  if (fingerprint !== undefined) fault('ssh.hostFingerprint', 'nothing beside a hostVerifier');
  return typeof verifier === 'function' ? verifier : fault('ssh.hostVerifier', 'a function');
}

/** Says why a host's key is not trusted, or null when it is. */
async function judge(isTrusted: HostVerifier, key: Buffer): Promise<string | null> {
  const shown = `the host's key is ${fingerprintOf(key)} (${kindOf(key)})`;
  try {
    return (await isTrusted(key)) === true ? null : `${shown}, which is not trusted`;
  } catch (error) {
    return `${shown}, and hostVerifier failed: ${messageOf(error)}`;
  }
}

/** From here on the connection has a listener for errors. */
function readiness(connection: Ssh2.Client): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.once('ready', resolve);
    connection.on('error', reject);
    connection.once('close', () => reject(new Error('it closed the connection')));
  });
}

function forward(
  connection: Ssh2.Client,
  target: SshOptions['target'],
): Promise<Ssh2.ClientChannel> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | undefined, channel: Ssh2.ClientChannel): void => {
      if (error) reject(error);
      else resolve(channel);
    };
    // A connection that goes now answers no request.
    connection.once('close', () => reject(new Error('it closed the connection')));
    if ('path' in target) connection.openssh_forwardOutStreamLocal(target.path, done);
    else connection.forwardOut('127.0.0.1', 0, target.host, target.port, done);
  });
}

/** The channel, and with it all that it is carried by. */
function carry(
  connection: Ssh2.Client,
  channel: Ssh2.ClientChannel,
  socket: Socket,
): ChannelStream {
  const stream = new ChannelStream(channel, () => {
    connection.end(); // says goodbye, and then waits for the host
    socket.destroy();
  });
  connection.on('error', (error) => stream.destroy(error));
  connection.on('close', () => stream.destroy(new Error('the SSH connection closed')));
  return stream;
}
