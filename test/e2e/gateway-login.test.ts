import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { after, before, describe, type TestContext, test } from 'node:test';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { ConsoleError } from '../../lib/errors.ts';
import type { SecurityPolicy } from '../../lib/rfb/login/authenticator.ts';
import { Doorkeeper } from '../../lib/rfb/login/doorkeeper.ts';
import { FieldReader } from '../../lib/rfb/login/field-reader.ts';
import { logIn } from '../../lib/rfb/login/log-in.ts';
import type { ServerPeer, TlsMode } from '../../lib/rfb/login/peer.ts';
import { storedCredentials } from '../../lib/rfb/login/stored-credentials.ts';
import { answerVncAuth } from '../../lib/rfb/login/vnc-auth.ts';
import { CERTIFICATE } from '../helpers/certificate.ts';
import { lacking } from '../helpers/system.ts';
import { failureOf, Wire } from '../rfb/helpers/wire.ts';
import { startTigerVnc, type XServer } from './x-server.ts';

const PASSWORD = 'hunter2';

/** A connection to a real server, as the least that can carry a handshake. */
class Connection implements ServerPeer {
  readonly #raw: Socket;
  #socket: Socket | TLSSocket;
  #reader = new FieldReader();
  readonly #ca: string | undefined;
  mode: TlsMode | null = null;

  constructor(t: TestContext, port: number, ca?: string) {
    this.#ca = ca;
    this.#raw = this.#socket = connect(port, '127.0.0.1');
    this.#listen();
    t.after(() => this.#raw.destroy());
  }

  read(size: number): Promise<Buffer> {
    return this.#reader.read(size);
  }

  write(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  async startTls(mode: TlsMode): Promise<void> {
    assert.equal(this.#reader.buffered, 0);
    this.mode = mode;
    this.#raw.removeAllListeners('data').removeAllListeners('end');
    const socket = connectTls({
      socket: this.#raw,
      host: 'localhost',
      ...(mode === 'x509'
        ? { ca: this.#ca }
        : {
            ciphers: 'ADH:AECDH:@SECLEVEL=0',
            maxVersion: 'TLSv1.2' as const,
            rejectUnauthorized: false,
          }),
    });
    this.#socket = socket;
    try {
      await once(socket, 'secureConnect');
    } catch (error) {
      throw new ConsoleError('CERTIFICATE_UNTRUSTED', undefined, error);
    }
    this.#listen();
  }

  #listen(): void {
    const lost = () => this.#reader.fail(new ConsoleError('SERVER_LOST'));
    this.#socket.on('data', (bytes) => this.#reader.push(bytes));
    this.#socket.on('end', lost).on('error', lost);
  }
}

interface Terms extends Partial<SecurityPolicy> {
  readonly password?: string;
  readonly ca?: string;
}

/** Logs in, and goes on as a viewer would: to the width and height of the screen. */
async function enter(t: TestContext, port: number, terms: Terms): Promise<Connection> {
  const { password = PASSWORD, ca = CERTIFICATE.cert, ...rest } = terms;
  const server = new Connection(t, port, ca);
  await logIn(server, await server.read(12), {
    tls: false,
    allowAnonymous: false,
    authenticator: storedCredentials({ password }),
    ...rest,
  });
  server.write(Buffer.of(1));
  const init = await server.read(24);
  assert.deepEqual([init.readUInt16BE(0), init.readUInt16BE(2)], [800, 600]);
  return server;
}

describe('logIn on TigerVNC', { skip: lacking('Xtigervnc', 'vncpasswd') }, () => {
  let server: XServer;
  const serve = (securityTypes: string) => {
    before(async () => {
      server = await startTigerVnc({ password: PASSWORD, securityTypes, certificate: CERTIFICATE });
    });
    after(() => server.stop());
  };

  for (const [securityTypes, terms, mode] of [
    ['None', {}, null],
    ['VncAuth', {}, null],
    ['TLSNone', { tls: true, allowAnonymous: true }, 'anonymous'],
    ['TLSVnc', { tls: true, allowAnonymous: true }, 'anonymous'],
    ['X509None', { tls: true }, 'x509'],
    ['X509Vnc', { tls: true }, 'x509'],
    ['X509Vnc', { tls: false }, 'x509'],
    ['None,VncAuth,TLSNone,TLSVnc,X509None,X509Vnc', { tls: true, allowAnonymous: true }, 'x509'],
    ['None,VncAuth,TLSNone,TLSVnc,X509None,X509Vnc', { tls: false }, null],
  ] as [string, Terms, TlsMode | null][]) {
    describe(`that offers ${securityTypes}`, () => {
      serve(securityTypes);
      test(`${terms.tls ? 'with TLS asked for' : 'with nothing asked for'}`, async (t) => {
        const connection = await enter(t, server.port, terms);
        assert.equal(connection.mode, mode);
      });
    });
  }

  describe('that asks for a password', () => {
    serve('VncAuth,X509Vnc');

    test('a wrong one is told, in and out of TLS', async (t) => {
      for (const tls of [false, true]) {
        const error = await failureOf(enter(t, server.port, { password: 'wrong', tls }));
        assert.equal(error.code, 'LOGIN_FAILED');
        assert.match(error.message, /: "[A-Z][a-z ]+"$/);
      }
    });

    test('none at all is told before anything is tried', async (t) => {
      const authenticator = storedCredentials({});
      const error = await failureOf(enter(t, server.port, { authenticator }));
      assert.equal(error.code, 'SECURITY_UNSUPPORTED');
    });

    test('the viewer is asked, through TLS that the browser knows nothing of', async (t) => {
      for (const password of [PASSWORD, 'wrong']) {
        const browser = new Wire();
        const door = new Doorkeeper(browser);
        const authenticator = door.viewerCredentials();
        browser.reader.push(Buffer.from('RFB 003.008\n\x02'));
        // A browser's part, once it has heard the banner, one type and a challenge.
        browser.onSaid = () => {
          if (browser.bytes.length !== 12 + 2 + 16) return;
          browser.reader.push(answerVncAuth(password, browser.bytes.subarray(-16)));
        };
        const entered = enter(t, server.port, { tls: true, authenticator });
        if (password === PASSWORD) {
          await entered;
          await door.letIn();
        } else {
          assert.equal((await failureOf(entered)).code, 'LOGIN_FAILED');
          door.refuse();
        }
        assert.equal(browser.bytes.readUInt32BE(30), password === PASSWORD ? 0 : 1);
      }
    });

    test('a certificate that nobody vouches for ends it before the password', async (t) => {
      const error = await failureOf(enter(t, server.port, { tls: true, ca: '' }));
      assert.equal(error.code, 'CERTIFICATE_UNTRUSTED');
    });
  });

  describe('that blocks whoever tries too often', () => {
    serve('VncAuth');

    test('too many wrong passwords are told as a refusal', async (t) => {
      const codes = new Set<string>();
      for (let tries = 0; tries < 12 && !codes.has('SERVER_REFUSED'); tries++) {
        const error = await failureOf(enter(t, server.port, { password: 'wrong' }));
        codes.add(error.code);
      }
      assert.deepEqual([...codes], ['LOGIN_FAILED', 'SERVER_REFUSED']);
    });
  });
});
