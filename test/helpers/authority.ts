import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** A certificate and its key, in PEM, and the files that hold them. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
  readonly files: { readonly cert: string; readonly key: string };
}

/** An authority with a server and a viewer that it vouches for, as QEMU wants them kept apart. */
export interface Authority {
  readonly ca: Identity;
  readonly server: Identity;
  readonly viewer: Identity;
}

/** Makes one in a folder, by openssl, good for two days. */
export async function makeAuthority(folder: string): Promise<Authority> {
  const ca = await make(folder, 'ca', 'ec', [
    'basicConstraints=critical,CA:TRUE',
    'keyUsage=keyCertSign',
  ]);
  const leaf = ['basicConstraints=critical,CA:FALSE', 'keyUsage=digitalSignature,keyEncipherment'];
  const names = 'subjectAltName=DNS:localhost,IP:127.0.0.1';
  // x11vnc takes no key but one of RSA.
  const server = make(folder, 'server', 'rsa', [...leaf, 'extendedKeyUsage=serverAuth', names], ca);
  const viewer = make(folder, 'viewer', 'ec', [...leaf, 'extendedKeyUsage=clientAuth'], ca);
  return { ca, server: await server, viewer: await viewer };
}

async function make(
  folder: string,
  name: string,
  kind: 'ec' | 'rsa',
  extensions: readonly string[],
  issuer?: Identity,
): Promise<Identity> {
  const files = { cert: join(folder, `${name}-cert.pem`), key: join(folder, `${name}-key.pem`) };
  const config = join(folder, `${name}.cnf`);
  await writeFile(config, `[req]\ndistinguished_name=dn\n[dn]\n[v3]\n${extensions.join('\n')}\n`);
  await execute('openssl', [
    ...['req', '-x509', '-nodes', '-days', '2', '-subj', `/CN=${name}`],
    ...['-config', config, '-extensions', 'v3', '-keyout', files.key, '-out', files.cert],
    ...(kind === 'rsa'
      ? ['-newkey', 'rsa:2048']
      : ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']),
    ...(issuer ? ['-CA', issuer.files.cert, '-CAkey', issuer.files.key] : []),
  ]);
  const [cert, key] = await Promise.all([
    readFile(files.cert, 'utf8'),
    readFile(files.key, 'utf8'),
  ]);
  return { cert, key, files };
}
