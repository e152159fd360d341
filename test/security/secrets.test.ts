import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { TLSSocket } from 'node:tls';
import { inspect } from 'node:util';
import express from 'express';
import { WebSocket } from 'ws';
import { startVncServer } from '../../demo/vnc-server/vnc-server.ts';
import { novnc, type Target } from '../../lib/index.ts';
import { CERTIFICATE } from '../helpers/certificate.ts';

const PASSWORD = 'Tr0ub4dor&3';
/** What VNC looks at of it. */
const PASSWORD_HEAD = PASSWORD.slice(0, 8);
const USER = 'administrator-7f3a';
/** A line of the body of a key. */
const KEY = CERTIFICATE.key.split('\n')[1]!;

/** The ways in which a secret may stand in bytes, each as a text of Latin-1. */
function disguises(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const wide = Buffer.from(secret, 'utf16le');
  // What stands in front of it shifts its base64 by up to two bytes; its ends hang on the neighbours.
  const shifted = [0, 1, 2].map((by) => {
    const whole = Buffer.concat([Buffer.alloc(by), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    return whole.slice(by === 0 ? 0 : by + 1, -2);
  });
  const mirrored = Buffer.from(
    bytes.map((byte) =>
      Number.parseInt([...byte.toString(2).padStart(8, '0')].reverse().join(''), 2),
    ),
  );
  return [
    ...[secret, encodeURIComponent(secret), wide.toString('latin1'), mirrored.toString('latin1')],
    ...shifted,
    ...[bytes, mirrored].flatMap((each) => [
      each.toString('hex'),
      each.toString('hex').toUpperCase(),
      inspect(each).replace(/^<Buffer |>$/g, ''),
    ]),
  ];
}

const SECRETS = [PASSWORD, PASSWORD_HEAD, USER, KEY].flatMap(disguises);

function hitsIn(text: string): string[] {
  return SECRETS.filter((each) => text.includes(each));
}

test('the scan finds a secret in each of its disguises, whatever is around it', () => {
  for (const secret of [PASSWORD, USER, KEY]) {
    const bytes = Buffer.from(secret);
    const around = (text: string) => `xx ${text} yy`;
    for (const by of [0, 1, 2, 3]) {
      const padded = Buffer.concat([Buffer.alloc(by, 65), bytes, Buffer.from('zz')]);
      assert.notDeepEqual(hitsIn(around(padded.toString('base64'))), [], `base64, ${by} off`);
      assert.notDeepEqual(hitsIn(around(padded.toString('hex'))), []);
    }
    assert.notDeepEqual(hitsIn(around(inspect({ secret }))), []);
    assert.notDeepEqual(hitsIn(around(encodeURIComponent(secret))), []);
    assert.notDeepEqual(hitsIn(Buffer.from(secret, 'utf16le').toString('latin1')), []);
  }
  assert.deepEqual(hitsIn('nothing of it'), []);
});

/** A server that speaks VeNCrypt with a certificate, takes user and password, and refuses them. */
async function startVenCrypt(t: TestContext): Promise<{ port: number; taken: () => string }> {
  let taken = '';
  const server = createServer((socket) => {
    socket.on('error', () => {});
    void talk(socket).catch(() => {});
  });
  async function talk(socket: Socket): Promise<void> {
    const says = async (text: string | Buffer, wants: number, on: Socket = socket) => {
      on.write(text);
      for (let got = 0; got < wants; ) got += ((await once(on, 'data')) as [Buffer])[0].length;
    };
    await says('RFB 003.008\n', 12);
    await says(Buffer.of(1, 19), 1);
    await says(Buffer.of(0, 2), 2);
    // It takes the version, and offers X509Plain.
    await says(Buffer.of(0, 1, 0, 0, 1, 6), 4);
    socket.write(Buffer.of(1));
    const inside = new TLSSocket(socket, { isServer: true, ...CERTIFICATE });
    inside.on('error', () => {});
    inside.on('data', (bytes: Buffer) => {
      taken += bytes.toString('latin1');
      // And quotes them, as a careless one may.
      const reason = Buffer.from(`no such user ${taken}`);
      const head = Buffer.alloc(8);
      head.writeUInt32BE(1, 0);
      head.writeUInt32BE(reason.length, 4);
      if (taken.includes(PASSWORD)) inside.write(Buffer.concat([head, reason]));
    });
  }
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return { port: (server.address() as { port: number }).port, taken: () => taken };
}

test('nothing that anybody gets to see holds credentials or a key', async (t) => {
  const seen: string[] = [];
  const see = (what: string, thing: unknown) => {
    const text = Buffer.isBuffer(thing) ? thing.toString('latin1') : look(thing);
    seen.push(`${what}: ${text}`);
  };
  const locked = await startVncServer({
    port: 0,
    host: '127.0.0.1',
    password: PASSWORD,
    still: true,
  });
  const venCrypt = await startVenCrypt(t);
  t.after(() => locked.close());
  const vnc = { host: '127.0.0.1', port: locked.port };
  const known = { username: USER, password: PASSWORD };
  const tls = { ca: CERTIFICATE.cert, cert: CERTIFICATE.cert, key: CERTIFICATE.key };
  const targets: Record<string, Target> = {
    stored: { ...vnc, credentials: known, tls: undefined as never },
    fetched: { ...vnc, credentials: async () => known },
    wrong: { ...vnc, credentials: { ...known, password: `x${PASSWORD}` } },
    throwing: { ...vnc, credentials: () => Promise.reject(new Error(`${USER}/${PASSWORD}`)) },
    nonsense: { ...vnc, credentials: (() => `${USER}:${PASSWORD}`) as never },
    kind: { ...vnc, credentials: { password: Buffer.from(PASSWORD) } as never },
    quoting: { host: '127.0.0.1', port: venCrypt.port, credentials: known, tls },
    stranger: {
      ...{ host: '127.0.0.1', port: venCrypt.port, credentials: known },
      tls: { ...tls, servername: 'other.example' },
    },
    unencrypted: { ...vnc, credentials: known, tls },
    broken: { ...vnc, credentials: known, tls: { ...tls, key: tls.key.replace('END', '') } },
    nowhere: { path: '/nonexistent/vnc.sock', credentials: known, tls },
    badly: { ...vnc, credentials: known, viewOnly: PASSWORD as never },
  };
  const told = (level: string) => (fields: unknown, message?: unknown) =>
    see(level, [fields, message]);
  const consoles = novnc({
    resolve: (name) => targets[name] ?? null,
    authorize: (_req, target) => target !== targets.refused,
    timeouts: { authorize: 500, handshake: 2_000 },
    logger: Object.assign(
      { info: told('info'), warn: told('warn'), error: told('error') },
      { debug: told('debug'), trace: told('trace'), fatal: told('fatal') },
    ),
    on: {
      open: (session) => see('open', session),
      close: (session, end) => see('close', [session, end]),
      refuse: (error) => see('refuse', error),
    },
  });
  const app = express();
  app.use('/console', consoles);
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  consoles.attach(server);
  t.after(async () => {
    await consoles.close();
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as { port: number };
  const origin = `http://127.0.0.1:${port}`;

  const codes: Record<string, number> = {};
  for (const name of Object.keys(targets)) {
    for (const path of [name, `proxy?target=${name}`, `${name}/`]) {
      const res = await fetch(`${origin}/console/${path}`, { redirect: 'manual' });
      see(`page ${name}`, [...res.headers]);
      see(`page ${name}`, Buffer.from(await res.arrayBuffer()));
    }
    codes[name] = await watch(`${origin}/console/proxy?target=${name}`, (bytes) =>
      see('wire', bytes),
    );
    see(`consoles after ${name}`, consoles);
  }
  assert.ok(venCrypt.taken().includes(PASSWORD), 'the credentials did reach the VNC server');
  assert.deepEqual(codes, {
    ...{ stored: 1000, fetched: 1000, wrong: 4407, throwing: 1011, nonsense: 1011, kind: 1011 },
    ...{ quoting: 4407, stranger: 4526, unencrypted: 4502, broken: 0, nowhere: 4502, badly: 0 },
  });
  assert.ok(seen.length > 100);
  for (const text of seen) assert.deepEqual(hitsIn(text), [], text.slice(0, 500));
});

/** All that can be seen of a thing from outside. */
function look(thing: unknown): string {
  const shown = inspect(thing, {
    depth: 12,
    showHidden: true,
    getters: true,
    maxStringLength: null,
  });
  let json = '';
  try {
    json = JSON.stringify(thing) ?? '';
  } catch {
    // What has no JSON shows nothing in it.
  }
  const stack = thing instanceof Error ? `${thing.stack} ${look(thing.cause)}` : '';
  return `${shown} ${json} ${stack}`;
}

/** Plays a browser that is let in by None, and leaves then; tells the close code, or 0 for a refusal. */
function watch(url: string, see: (bytes: Buffer) => void): Promise<number> {
  const socket = new WebSocket(url.replace('http', 'ws'), { origin: new URL(url).origin });
  let heard = Buffer.alloc(0);
  let step = 0;
  const SAYS = [Buffer.from('RFB 003.008\n'), Buffer.of(1), Buffer.of(1)];
  const WANTS = [12, 14, 18];
  socket.on('message', (data: Buffer) => {
    see(data);
    heard = Buffer.concat([heard, data]);
    while (step < SAYS.length && heard.length >= WANTS[step]!) socket.send(SAYS[step++]!);
    // ServerInit has come.
    if (heard.length > 18 + 24) socket.close(1000);
  });
  socket.on('upgrade', (res) => see(Buffer.from(res.rawHeaders.join('\n'))));
  return new Promise((resolve) => {
    socket.on('close', (code, reason) => {
      see(reason);
      resolve(code === 1006 ? 0 : code);
    });
    socket.on('unexpected-response', (_req, res) => {
      res.on('data', see);
      res.on('end', () => resolve(0));
    });
    socket.on('error', () => {});
  });
}
