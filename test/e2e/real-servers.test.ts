import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import type { Target } from '../../lib/index.ts';
import type { Custody } from '../../lib/target/target.ts';
import { type Authority, makeAuthority } from '../helpers/authority.ts';
import { CERTIFICATE } from '../helpers/certificate.ts';
import { lackingDebian13 } from '../helpers/debian-13.ts';
import { lacking, type Program } from '../helpers/system.ts';
import { type Typed, Viewer } from '../helpers/viewer.ts';
import { type Host, startHost } from './host-app.ts';
import { NO_PAM, startTigerByPam } from './pam.ts';
import {
  LIBVNCSERVER_EXAMPLE,
  startLibVncServer,
  startQemu,
  startTightVnc,
  startWayVnc,
  type WayVncOptions,
} from './vnc-servers.ts';
import {
  makeFolder,
  startTigerVnc,
  startX11Vnc,
  type VncServer,
  writePassword,
} from './x-server.ts';

const PASSWORD = 'hunter2';
const USERNAME = 'alice';

/** Long enough for a server that answers, on a machine with much to do. */
const PATIENT = 15_000;
/** For a server that is known not to. */
const IMPATIENT = 300;

let folder: string;
let authority: Authority;
/** By what they do not wait long for. */
let hosts: Record<'nothing' | 'banner' | 'handshake', Host>;
const targets: Record<string, Target> = {};

before(async () => {
  folder = await makeFolder();
  if (!lacking('openssl')) authority = await makeAuthority(folder);
  const open = (timeouts: { banner: number; handshake: number }) =>
    startHost({ resolve: (name) => targets[name] ?? null, timeouts });
  hosts = {
    nothing: await open({ banner: PATIENT, handshake: PATIENT }),
    banner: await open({ banner: IMPATIENT, handshake: PATIENT }),
    handshake: await open({ banner: PATIENT, handshake: IMPATIENT }),
  };
});
after(async () => {
  const all = Object.values(hosts);
  await Promise.all(all.map((host) => host.close()));
  await rm(folder, { recursive: true, force: true });
  assert.deepEqual(
    all.flatMap(({ faults }) => faults),
    [],
  );
});

/** A server, and what it makes of each way to come. */
interface Trial {
  readonly needs: readonly Program[];
  readonly skip?: string | false;
  start(): Promise<VncServer>;
  /** What it lets in with. */
  custody(): Custody;
  /** The same with another password. */
  wrong?(): Custody;
  /** How that ends, where it is not 4407 for sure. */
  readonly wrongCodes?: readonly number[];
  /** Whose certificate is not trusted. */
  readonly isCertified?: boolean;
  /** The viewer's part, where no credentials are stored; and by which security type. */
  readonly asked?: readonly [type: number, typed: Typed];
  /** With which it has no way of signing in that the relay may use. */
  unusable?(): Custody;
}

const PIN = () => new X509Certificate(authority.server.cert).fingerprint256;
const OTHER_PIN = new X509Certificate(CERTIFICATE.cert).fingerprint256;
const byPassword = (password = PASSWORD): Custody => ({ credentials: { password } });
const byName = (password = PASSWORD): Custody => ({
  credentials: { username: USERNAME, password },
});
const trusted = () => ({ ca: authority.ca.cert });
const withCa = (custody: Custody): Custody => ({ ...custody, tls: trusted() });
const withPin = (custody: Custody): Custody => ({ ...custody, tls: { fingerprint256: PIN() } });
const anonymously = (custody: Custody): Custody => ({
  ...custody,
  tls: { allowAnonymous: true },
});
const withViewer = (custody: Custody): Custody => ({
  ...custody,
  tls: { ...trusted(), cert: authority.viewer.cert, key: authority.viewer.key },
});

const NONE = 1;
const VNC = [2, { password: PASSWORD }] as const;
const PLAIN = [256, { username: USERNAME, password: PASSWORD }] as const;

/** What carries x11vnc's TLS, for one, may be gone before it has passed the answer on. */
const RACE = [4407, 4500];

const TIGER: readonly Program[] = ['Xtigervnc', 'vncpasswd'];
const X11: readonly Program[] = ['x11vnc', 'Xvfb', 'vncpasswd'];
const LIB: readonly Program[] = ['gcc', LIBVNCSERVER_EXAMPLE];
const QEMU: readonly Program[] = ['qemu-system-x86_64'];
const TLS: readonly Program[] = ['openssl'];

const NO_DEBIAN_13 = lackingDebian13();

/** TigerVNC would soon block the relay, which comes with wrong passwords from one address. */
const PATIENCE = ['-BlacklistThreshold', '1000'];

async function tiger(securityTypes: string, isNew = false): Promise<VncServer> {
  return startTigerVnc({
    securityTypes,
    isNew,
    certificate: authority.server,
    signIn: [...PATIENCE, '-PasswordFile', await writePassword(folder, PASSWORD)],
  });
}

function wayVnc(how: Pick<WayVncOptions, 'certificate' | 'isNew'>): Promise<VncServer> {
  return startWayVnc({ ...how, username: USERNAME, password: PASSWORD });
}

async function x11vnc(...signIn: string[]): Promise<VncServer> {
  const env = { OPENSSL_CONF: await write('openssl.cnf', OLD_TLS) };
  const word = await writePassword(folder, PASSWORD);
  return startX11Vnc({ signIn: [...signIn, '-rfbauth', word], env });
}

/** Today's OpenSSL knows anonymous TLS, which x11vnc asks it for, and has to be told to speak it. */
const OLD_TLS = `openssl_conf = all
[all]
ssl_conf = ssl
[ssl]
system_default = old
[old]
CipherString = ALL:ADH:@SECLEVEL=0
`;

/** Writes a file that no other server reads, or writes anew meanwhile. */
async function write(name: string, text: string): Promise<string> {
  const file = join(await mkdtemp(join(folder, 'server-')), name);
  await writeFile(file, text, { mode: 0o700 });
  return file;
}

function both(): Promise<string> {
  return write('both.pem', authority.server.key + authority.server.cert);
}

/** What x11vnc asks of each who comes: to know the word. */
function check(): Promise<string> {
  const script = `read name; read word; [ "$name $word" = "${USERNAME} ${PASSWORD}" ]`;
  return write('check', `#!/bin/sh\n${script}\n`);
}

function tigerByPam(securityTypes: string): Promise<VncServer> {
  return startTigerByPam(USERNAME, PASSWORD, {
    securityTypes,
    certificate: authority.server,
    signIn: PATIENCE,
  });
}

const TRIALS: Record<string, Trial> = {
  'TigerVNC by None': {
    needs: TIGER,
    start: () => tiger('None'),
    custody: () => ({ viewOnly: false }),
    unusable: () => withCa({}),
    asked: [NONE, {}],
  },
  'TigerVNC by VncAuth': {
    needs: TIGER,
    start: () => tiger('VncAuth'),
    custody: byPassword,
    wrong: () => byPassword('wrong'),
    unusable: () => withCa(byPassword()),
    asked: VNC,
  },
  'TigerVNC by TLSNone': {
    needs: [...TIGER, ...TLS],
    start: () => tiger('TLSNone'),
    custody: () => anonymously({}),
    unusable: () => withCa({}),
    asked: [NONE, {}],
  },
  'TigerVNC by TLSVnc': {
    needs: [...TIGER, ...TLS],
    start: () => tiger('TLSVnc'),
    custody: () => anonymously(byPassword()),
    wrong: () => anonymously(byPassword('wrong')),
    unusable: () => withCa(byPassword()),
    asked: VNC,
  },
  'TigerVNC by X509None': {
    needs: [...TIGER, ...TLS],
    start: () => tiger('X509None'),
    custody: () => withPin({}),
    isCertified: true,
    asked: [NONE, {}],
  },
  'TigerVNC by X509Vnc': {
    needs: [...TIGER, ...TLS],
    start: () => tiger('X509Vnc'),
    custody: () => withCa(byPassword()),
    wrong: () => withPin(byPassword('wrong')),
    isCertified: true,
    asked: VNC,
  },
  'TigerVNC by X509Plain, through PAM': {
    needs: [...TIGER, ...TLS],
    skip: NO_PAM,
    start: () => tigerByPam('X509Plain'),
    custody: () => withCa(byName()),
    wrong: () => withCa(byName('wrong')),
    unusable: () => withCa(byPassword()),
    isCertified: true,
    asked: PLAIN,
  },
  'TigerVNC by TLSPlain, through PAM': {
    needs: [...TIGER, ...TLS],
    skip: NO_PAM,
    start: () => tigerByPam('TLSPlain'),
    custody: () => anonymously(byName()),
    wrong: () => anonymously(byName('wrong')),
    unusable: () => withCa(byName()),
    asked: PLAIN,
  },
  'x11vnc by None': {
    needs: X11,
    start: () => startX11Vnc(),
    custody: () => ({ viewOnly: false }),
    unusable: () => withCa({}),
    asked: [NONE, {}],
  },
  'x11vnc by VncAuth': {
    needs: X11,
    start: () => x11vnc(),
    custody: byPassword,
    wrong: () => byPassword('wrong'),
    asked: VNC,
  },
  'x11vnc by X509Vnc': {
    needs: [...X11, ...TLS],
    start: async () => x11vnc('-ssl', await both(), '-vencrypt', 'force', '-anontls', 'never'),
    custody: () => withCa(byPassword()),
    wrong: () => withCa(byPassword('wrong')),
    wrongCodes: RACE,
    isCertified: true,
    asked: VNC,
  },
  'x11vnc by TLSVnc': {
    needs: [...X11, ...TLS],
    start: () => x11vnc('-ssl', 'ANON', '-vencrypt', 'nox509:force', '-anontls', 'never'),
    custody: () => anonymously(byPassword()),
    wrong: () => anonymously(byPassword('wrong')),
    wrongCodes: RACE,
    unusable: () => withCa(byPassword()),
    asked: VNC,
  },
  'x11vnc by X509Plain, with -unixpw_cmd': {
    needs: [...X11, ...TLS],
    start: async () =>
      startX11Vnc({
        signIn: [
          ...['-ssl', await both(), '-vencrypt', 'plain:force', '-anontls', 'never'],
          ...['-unixpw_cmd', await check()],
        ],
      }),
    custody: () => withCa(byName()),
    wrong: () => withCa(byName('wrong')),
    wrongCodes: RACE,
    asked: PLAIN,
  },
  'QEMU by None, on a Unix socket': {
    needs: QEMU,
    start: () => startQemu({ unix: true }),
    custody: () => ({ viewOnly: false }),
    unusable: () => withCa({}),
    asked: [NONE, {}],
  },
  'QEMU by VncAuth, on a Unix socket': {
    needs: QEMU,
    start: () => startQemu({ unix: true, password: PASSWORD }),
    custody: byPassword,
    wrong: () => byPassword('wrong'),
    asked: VNC,
  },
  'QEMU by VncAuth, with a password of its monitor': {
    needs: QEMU,
    start: () => startQemu({ password: PASSWORD, passwordBy: 'monitor' }),
    custody: byPassword,
    wrong: () => byPassword('wrong'),
    asked: VNC,
  },
  'QEMU by TLSVnc': {
    needs: QEMU,
    start: () => startQemu({ password: PASSWORD, tls: 'anonymous' }),
    custody: () => anonymously(byPassword()),
    wrong: () => anonymously(byPassword('wrong')),
    asked: VNC,
  },
  'QEMU by X509None, for viewers with a certificate': {
    needs: [...QEMU, ...TLS],
    start: () => startQemu({ tls: authority.server, ca: authority.ca }),
    custody: () => withViewer({}),
    isCertified: true,
    asked: [NONE, {}],
  },
  'QEMU by X509Vnc, for viewers with a certificate': {
    needs: [...QEMU, ...TLS],
    start: () => startQemu({ password: PASSWORD, tls: authority.server, ca: authority.ca }),
    custody: () => withViewer(byPassword()),
    wrong: () => withViewer(byPassword('wrong')),
    isCertified: true,
    asked: VNC,
  },
  'TightVNC by None': {
    needs: ['Xtightvnc'],
    start: () => startTightVnc({}),
    custody: () => ({ viewOnly: false }),
    unusable: () => withCa({}),
    asked: [NONE, {}],
  },
  'TightVNC by VncAuth': {
    needs: ['Xtightvnc', 'vncpasswd'],
    start: () => startTightVnc({ password: PASSWORD }),
    custody: byPassword,
    wrong: () => byPassword('wrong'),
    asked: VNC,
  },
  'libvncserver’s example by None': {
    needs: LIB,
    start: () => startLibVncServer({}),
    custody: () => ({ viewOnly: false }),
    unusable: () => withCa({}),
    asked: [NONE, {}],
  },
  'libvncserver’s example by VncAuth': {
    needs: LIB,
    start: () => startLibVncServer({ password: PASSWORD }),
    custody: byPassword,
    wrong: () => byPassword('wrong'),
    asked: VNC,
  },
  'wayvnc by X509Plain': {
    needs: ['wayvnc', 'sway', ...TLS],
    start: () => wayVnc({ certificate: authority.server }),
    custody: () => withCa(byName()),
    wrong: () => withCa(byName('wrong')),
    // It answers that it will do, with a piece of its memory, and hangs up: either may be seen first.
    wrongCodes: [4500, 4502],
    unusable: () => withCa(byPassword()),
    isCertified: true,
    asked: PLAIN,
  },
  'TigerVNC 1.15 by VncAuth': {
    needs: TIGER,
    skip: NO_DEBIAN_13,
    start: () => tiger('VncAuth', true),
    custody: byPassword,
    wrong: () => byPassword('wrong'),
    // Seen once, on a machine with much to do: it was gone, and its answer nowhere.
    wrongCodes: RACE,
    unusable: () => withCa(byPassword()),
    asked: VNC,
  },
  'TigerVNC 1.15 by X509Vnc': {
    needs: [...TIGER, ...TLS],
    skip: NO_DEBIAN_13,
    start: () => tiger('X509Vnc', true),
    custody: () => withCa(byPassword()),
    wrong: () => withPin(byPassword('wrong')),
    wrongCodes: RACE,
    isCertified: true,
    asked: VNC,
  },
  'wayvnc 0.9 by X509Plain': {
    needs: ['sway', ...TLS],
    skip: NO_DEBIAN_13,
    start: () => wayVnc({ isNew: true, certificate: authority.server }),
    custody: () => withCa(byName()),
    wrong: () => withCa(byName('wrong')),
    unusable: () => withCa(byPassword()),
    isCertified: true,
    asked: PLAIN,
  },
  'wayvnc 0.9 by the way of Apple’s': {
    needs: ['sway'],
    skip: NO_DEBIAN_13,
    start: () => wayVnc({ isNew: true }),
    custody: byName,
    wrong: () => byName('wrong'),
    unusable: () => withCa(byName()),
  },
};

function examine(name: string, trial: Trial): void {
  let server: VncServer;
  before(async () => {
    server = await trial.start();
  });
  after(() => server.stop());

  /** A viewer on the way to the server, who knows no more than the address of the relay. */
  function view(t: TestContext, custody: Custody, hasty: keyof typeof hosts = 'nothing'): Viewer {
    targets[name] = { ...server.address, ...custody };
    const { origin } = hosts[hasty];
    return new Viewer(t, `${origin}/console/proxy?target=${encodeURIComponent(name)}`);
  }

  /** How the last session of these ended, for who looks for a fault. */
  function lastEnd(): string {
    const own = hosts.nothing.ends.filter(({ error }) => error.closeCode >= 4000);
    return own.at(-1)?.error.message ?? 'none';
  }

  /** With the same TLS, and no credentials: the viewer is asked. */
  function unarmed(): Custody {
    const { tls } = trial.custody();
    return { shared: true, ...(tls && { tls }) };
  }

  test('lets the relay in, and shows its screen', async (t) => {
    const viewer = view(t, trial.custody());
    await viewer.enter();
    assert.equal(viewer.security, NONE, 'the viewer is asked for nothing');
    assert.ok((await viewer.screen()).length >= viewer.width * viewer.height * 4);
  });

  if (trial.asked) {
    const [security, typed] = trial.asked;
    test('lets in a viewer who knows the password, and nothing of TLS', async (t) => {
      const viewer = view(t, unarmed());
      await viewer.enter(typed);
      assert.equal(viewer.security, security);
      await viewer.screen();
    });
  }

  if (trial.wrong) {
    const { wrong, asked, wrongCodes = [4407] } = trial;
    test(`ends a session with a wrong password by ${wrongCodes.join(' or ')}`, async (t) => {
      const stored = (await view(t, wrong()).refused()).code;
      assert.ok(wrongCodes.includes(stored), `stored: ${stored}, ${lastEnd()}`);
      if (!asked) return;
      const typed = { ...asked[1], password: 'wrong' };
      const mistyped = (await view(t, unarmed()).refused(typed)).code;
      assert.ok(wrongCodes.includes(mistyped), `mistyped: ${mistyped}, ${lastEnd()}`);
    });
  }

  if (trial.isCertified) {
    test('ends a session that does not trust its certificate by 4526', async (t) => {
      const { tls, ...rest } = trial.custody();
      // A pin takes the place of all else that was trusted.
      const { fingerprint256: _, ...others } = tls!;
      for (const trust of [
        { ca: CERTIFICATE.cert },
        { servername: 'elsewhere.example' },
        { fingerprint256: OTHER_PIN },
      ]) {
        const custody = { ...rest, tls: { ...trusted(), ...others, ...trust } };
        assert.equal((await view(t, custody).refused()).code, 4526, Object.keys(trust)[0]);
      }
    });
  }

  if (trial.unusable) {
    const { unusable } = trial;
    test('ends a session that has no way to sign in by 4502', async (t) => {
      assert.equal((await view(t, unusable()).refused()).code, 4502);
    });
  }

  test('ends a session in which it falls silent by 4504', async (t) => {
    const { credentials, ...rest } = trial.custody();
    try {
      // A vault is asked once the server has greeted.
      const vault = () => {
        server.freeze();
        return { ...credentials };
      };
      const inHandshake = view(t, { ...rest, credentials: vault }, 'handshake');
      assert.equal((await inHandshake.refused()).code, 4504);
      assert.equal((await view(t, trial.custody(), 'banner').refused()).code, 4504);
    } finally {
      server.thaw();
    }
  });
}

// Most of their time they wait.
describe('the gateway on real servers', { concurrency: 4 }, () => {
  for (const [name, trial] of Object.entries(TRIALS)) {
    const skip = lacking(...trial.needs, 'openssl') || trial.skip;
    describe(name, { skip, concurrency: 1 }, () => examine(name, trial));
  }
});
