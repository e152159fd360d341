import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { type Connect, httpConnect, socks, ssh, tls, webSocket } from '../../lib/connect/index.ts';
import { ENDS } from '../../lib/errors.ts';
import type { ConsoleErrorCode, Target } from '../../lib/index.ts';
import type { Browser } from '../helpers/browser.ts';
import { CERTIFICATE, EXPIRED_CERTIFICATE, ISSUED_CERTIFICATE } from '../helpers/certificate.ts';
import { HOST_KINDS, openConsoles, relayPath } from '../helpers/hosts.ts';
import { lacking, type Program } from '../helpers/system.ts';
import { deadPort } from '../helpers/vnc-target.ts';
import { makeFolder, runProgram } from './program.ts';
import { freePort } from './x-server.ts';

const execute = promisify(execFile);
const [KIND] = HOST_KINDS;
const QEMU = 'qemu-system-x86_64';

interface QemuOptions {
  /** Demands TLS, of WebSockets and in VNC. */
  readonly secure?: boolean;
  readonly password?: string;
}

/** A virtual machine without a guest; its screen says so. */
async function startQemu(t: TestContext, { secure = false, password }: QemuOptions = {}) {
  const folder = await makeFolder(t);
  const [port, webSocketPort] = [await freePort(), await freePort()];
  const path = join(folder, 'vnc.sock');
  const args = ['-machine', 'none', '-nodefaults', '-display', 'none', '-name', 'vm-1'];
  let vnc = `127.0.0.1:${port - 5900},id=tcp,websocket=${webSocketPort}`;
  if (secure) {
    await writeFile(join(folder, 'server-cert.pem'), ISSUED_CERTIFICATE.cert);
    await writeFile(join(folder, 'server-key.pem'), ISSUED_CERTIFICATE.key);
    await writeFile(join(folder, 'ca-cert.pem'), CERTIFICATE.cert);
    args.push('-object', `tls-creds-x509,id=tls,dir=${folder},endpoint=server,verify-peer=no`);
    vnc += ',tls-creds=tls';
  }
  if (password !== undefined) {
    args.push('-object', `secret,id=password,data=${password}`);
    vnc += ',password-secret=password';
  }
  args.push('-vnc', vnc, '-vnc', `unix:${path},id=unix`);
  await runProgram(t, QEMU, args, webSocketPort);
  return { port, path, webSocketPort };
}

/** Opens a console for a target through a whole app. */
async function browse(t: TestContext, way: Connect | Target): Promise<Browser> {
  const target = typeof way === 'function' ? { connect: way } : way;
  const { host } = await openConsoles(t, KIND!, { resolve: () => target });
  return host.browse(t, relayPath('vm-1'));
}

/** Goes through a session's beginning up to a picture (RFC 6143 sections 7.1 to 7.3, 7.6.1). */
async function assertPicture(browser: Browser): Promise<void> {
  assert.match((await browser.read(12)).toString(), /^RFB 003\.008\n$/);
  browser.send(Buffer.from('RFB 003.008\n'));
  const [count = 0] = await browser.read(1);
  assert.ok((await browser.read(count)).includes(1), 'a session without a password');
  browser.send(Buffer.of(1));
  assert.equal((await browser.read(4)).readUInt32BE(), 0);
  browser.send(Buffer.of(1));
  const init = await browser.read(24);
  const [width, height] = [init.readUInt16BE(0), init.readUInt16BE(2)];
  assert.match((await browser.read(init.readUInt32BE(20))).toString(), /vm-1/);
  browser.send(Buffer.from([2, 0, 0, 1, 0, 0, 0, 0]));
  const request = Buffer.from([3, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  request.writeUInt16BE(width, 6);
  request.writeUInt16BE(height, 8);
  browser.send(request);
  const update = await browser.read(4 + 12);
  assert.deepEqual([update[0], update.readInt32BE(12)], [0, 0]);
  const pixel = init.readUInt8(4) / 8;
  await browser.read(update.readUInt16BE(8) * update.readUInt16BE(10) * pixel);
}

async function assertEnds(t: TestContext, way: Connect | Target, code: ConsoleErrorCode) {
  const { closeCode, words: reason } = ENDS[code];
  assert.deepEqual(await (await browse(t, way)).closed(), { code: closeCode, reason });
}

/** What a test needs beside Node. */
function using(...programs: Program[]) {
  return { skip: lacking(QEMU, ...programs) };
}

test('a WebSocket of QEMU shows a picture', using(), async (t) => {
  const { webSocketPort } = await startQemu(t);
  const browser = await browse(t, webSocket(`ws://127.0.0.1:${webSocketPort}`));
  await assertPicture(browser);
  await assertEnds(t, webSocket(`ws://127.0.0.1:${await deadPort()}`), 'CONNECT_REFUSED');
});

test(
  'a WebSocket of QEMU over TLS shows a picture to whom its certificate will do',
  using(),
  async (t) => {
    const { webSocketPort } = await startQemu(t, { secure: true });
    const url = `wss://localhost:${webSocketPort}`;
    const trusted = webSocket(url, { tls: { ca: CERTIFICATE.cert } });
    await assertPicture(await browse(t, trusted));
    await assertEnds(t, webSocket(url), 'CERTIFICATE_UNTRUSTED');
  },
);

test(
  'a VNC server behind stunnel shows a picture to whom its certificate will do',
  using('stunnel4'),
  async (t) => {
    const { port } = await startQemu(t);
    const folder = await makeFolder(t);
    const accept = await freePort();
    const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    await writeFile(cert, CERTIFICATE.cert);
    await writeFile(key, CERTIFICATE.key, { mode: 0o600 });
    const file = join(folder, 'stunnel.conf');
    await writeFile(
      file,
      `foreground = yes
pid =
[vnc]
accept = 127.0.0.1:${accept}
connect = 127.0.0.1:${port}
cert = ${cert}
key = ${key}
`,
    );
    await runProgram(t, 'stunnel4', [file], accept);
    const server = { host: '127.0.0.1', port: accept };
    const fingerprint256 = new X509Certificate(CERTIFICATE.cert).fingerprint256;
    await assertPicture(await browse(t, tls({ ...server, fingerprint256 })));
    await assertPicture(await browse(t, tls({ ...server, ca: CERTIFICATE.cert })));
    await assertEnds(t, tls(server), 'CERTIFICATE_UNTRUSTED');
    const other = new X509Certificate(EXPIRED_CERTIFICATE.cert).fingerprint256;
    await assertEnds(t, tls({ ...server, fingerprint256: other }), 'CERTIFICATE_UNTRUSTED');
  },
);

test(
  'OpenSSH leads to a port and to a Unix socket',
  using('sshd', 'ssh-keygen', 'ssh-agent'),
  async (t) => {
    const { port, path } = await startQemu(t);
    const folder = await makeFolder(t);
    const listen = await freePort();
    const [hostKey, userKey] = [join(folder, 'host'), join(folder, 'user')];
    for (const file of [hostKey, userKey]) {
      await execute('ssh-keygen', [
        '-q',
        '-t',
        'ed25519',
        '-N',
        file === userKey ? 'pass' : '',
        '-f',
        file,
      ]);
    }
    const config = join(folder, 'sshd_config');
    await writeFile(
      config,
      `ListenAddress 127.0.0.1:${listen}
HostKey ${hostKey}
PidFile none
AuthorizedKeysFile ${userKey}.pub
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
AllowStreamLocalForwarding yes
`,
    );
    // Where sshd locks a process of its own up, before anybody has logged in.
    if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true });
    await runProgram(t, 'sshd', ['-D', '-e', '-f', config], listen);
    const { stdout } = await execute('ssh-keygen', ['-l', '-f', `${hostKey}.pub`]);
    const [hostFingerprint] = /SHA256:\S+/.exec(stdout)!;
    const login = {
      host: '127.0.0.1',
      port: listen,
      username: userInfo().username,
      privateKey: await readFile(userKey),
      passphrase: 'pass',
      hostFingerprint,
    };
    const vnc = { host: '127.0.0.1', port };
    await assertPicture(await browse(t, ssh({ ...login, target: vnc })));
    await assertPicture(await browse(t, ssh({ ...login, target: { path } })));

    const agent = join(folder, 'agent');
    await runAgent(t, agent, userKey);
    const { privateKey: _, passphrase: __, ...rest } = login;
    await assertPicture(await browse(t, ssh({ ...rest, agent, target: vnc })));

    const other = `SHA256:${'A'.repeat(43)}`;
    await assertEnds(
      t,
      ssh({ ...login, hostFingerprint: other, target: vnc }),
      'CERTIFICATE_UNTRUSTED',
    );
    const nowhere = { host: '127.0.0.1', port: await deadPort() };
    await assertEnds(t, ssh({ ...login, target: nowhere }), 'CONNECT_REFUSED');
    await assertEnds(t, ssh({ ...rest, password: 'wrong', target: vnc }), 'CONNECT_REFUSED');
  },
);

/** An agent that holds a key, which is encrypted with `pass`. */
async function runAgent(t: TestContext, socket: string, key: string): Promise<void> {
  const { stdout } = await execute('ssh-agent', ['-a', socket]);
  const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(stdout)?.[1]);
  t.after(() => process.kill(pid));
  const plain = `${key}-plain`;
  await writeFile(plain, await readFile(key), { mode: 0o600 });
  await execute('ssh-keygen', ['-q', '-p', '-P', 'pass', '-N', '', '-f', plain]);
  await execute('ssh-add', ['-q', plain], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
}

test('microsocks leads to a VNC server, by address and by name', using('microsocks'), async (t) => {
  const { port } = await startQemu(t);
  const listen = await freePort();
  const args = ['-i', '127.0.0.1', '-p', `${listen}`, '-u', 'me', '-P', 'secret'];
  await runProgram(t, 'microsocks', args, listen);
  const proxy = { host: '127.0.0.1', port: listen, username: 'me', password: 'secret' };
  for (const host of ['127.0.0.1', 'localhost']) {
    await assertPicture(await browse(t, socks({ proxy, target: { host, port } })));
  }
  const target = { host: '127.0.0.1', port };
  await assertEnds(t, socks({ proxy: { ...proxy, password: 'x' }, target }), 'CONNECT_REFUSED');
  const nowhere = { ...target, port: await deadPort() };
  await assertEnds(t, socks({ proxy, target: nowhere }), 'CONNECT_REFUSED');
});

test('tinyproxy leads to a VNC server', using('tinyproxy'), async (t) => {
  const { port } = await startQemu(t);
  const listen = await freePort();
  const file = join(await makeFolder(t), 'tinyproxy.conf');
  await writeFile(
    file,
    `Port ${listen}
Listen 127.0.0.1
Allow 127.0.0.1
ConnectPort ${port}
BasicAuth me secret
`,
  );
  await runProgram(t, 'tinyproxy', ['-d', '-c', file], listen);
  const target = { host: '127.0.0.1', port };
  await assertPicture(
    await browse(t, httpConnect(`http://me:secret@127.0.0.1:${listen}`, { target })),
  );
  await assertEnds(t, httpConnect(`http://127.0.0.1:${listen}`, { target }), 'CONNECT_REFUSED');
  const foreign = { ...target, port: await deadPort() };
  const url = `http://me:secret@127.0.0.1:${listen}`;
  await assertEnds(t, httpConnect(url, { target: foreign }), 'CONNECT_REFUSED');
});

test(
  'a password stays here for a WebSocket of QEMU, which has no TLS but its own',
  using(),
  async (t) => {
    const { webSocketPort } = await startQemu(t, { secure: true, password: 'secret' });
    const { cert: ca } = CERTIFICATE;
    const connect = webSocket(`wss://localhost:${webSocketPort}`, { tls: { ca } });
    await assertPicture(await browse(t, { connect, credentials: { password: 'secret' } }));
    await assertEnds(t, { connect, credentials: { password: 'wrong' } }, 'LOGIN_FAILED');
    const tls = { ca, servername: 'localhost' };
    await assertEnds(t, { connect, tls }, 'SECURITY_UNSUPPORTED');
  },
);
