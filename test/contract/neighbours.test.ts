import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { duplexPair } from 'node:stream';
import { type TestContext, test } from 'node:test';
import type { RequestHandler } from 'express';
import session from 'express-session';
import expressWs from 'express-ws';
import helmet from 'helmet';
import { WebSocketServer } from 'ws';
import { novnc, type Options } from '../../lib/index.ts';
import { Browser } from '../helpers/browser.ts';
import {
  type HostKind,
  type Mount,
  onAttachedHosts,
  onEveryHost,
  openHost,
  recordLog,
  relayPath,
} from '../helpers/hosts.ts';
import { deferred, Inbox, turn, until, within } from '../helpers/inbox.ts';
import { KEY } from '../helpers/raw-browser.ts';
import { VncTarget } from '../helpers/vnc-target.ts';

/** Consoles at /console for any port of 127.0.0.1, with the app's own middleware in front. */
function openBehind(t: TestContext, kind: HostKind, front: RequestHandler[], options?: Options) {
  return openHost(t, kind, ({ app }: Mount) => {
    const { logger } = recordLog();
    const consoles = novnc({ allow: ['127.0.0.1:1-65535'], logger, ...options });
    app.use(...front);
    app.use('/console', consoles);
    return consoles;
  });
}

onEveryHost((kind) => {
  test('a session of express-session guards the page and the socket', async (t) => {
    const target = await VncTarget.open(t);
    const sessions = session({ secret: 'test', resave: false, saveUninitialized: false });
    const viewers: unknown[] = [];
    const host = await openBehind(
      t,
      kind,
      [
        sessions,
        (req, res, next) => {
          const own = req.session as { user?: string };
          if (req.path === '/login') own.user = 'ann';
          if (req.path === '/login') res.send('welcome');
          else if (own.user) next();
          else res.status(401).send('log in first');
        },
      ],
      {
        authorize: (req) => {
          viewers.push((req.session as { user?: string }).user);
          return true;
        },
      },
    );
    const page = `/console/${target.name}`;
    assert.equal((await host.request(page)).status, 401);
    const stranger = host.browse(t, relayPath(target.name));
    if (kind.door === 'attach') assert.equal((await stranger.refused()).status, 401);
    else assert.equal((await stranger.closed()).code, 1005);
    assert.equal(target.count, 0);
    const login = await host.request('/login');
    const Cookie = login.headers['set-cookie']![0]!.split(';')[0]!;
    assert.equal((await host.request(page, { headers: { Cookie } })).status, 200);
    await host.browse(t, relayPath(target.name), { headers: { Cookie } }).read(12);
    assert.deepEqual(viewers, ['ann', 'ann']);
  });

  test('helmet in front changes nothing for the socket, and its nonce reaches the page', async (t) => {
    const target = await VncTarget.open(t);
    const host = await openBehind(t, kind, [
      (_req, res, next) => {
        res.locals.cspNonce = 'bm9uY2U=';
        next();
      },
      helmet(),
    ]);
    await host.browse(t, relayPath(target.name)).read(12);
    const { status, headers, body } = await host.request(`/console/${target.name}`);
    assert.equal(status, 200);
    assert.match(
      headers['content-security-policy'] as string,
      /script-src 'self' 'nonce-bm9uY2U='/,
    );
    assert.match(body, /<script [^>]*nonce="bm9uY2U="/);
    assert.ok(headers['strict-transport-security'], 'what helmet sets besides stays');
  });

  test('a slow middleware in front delays the socket, and loses nothing', async (t) => {
    const target = await VncTarget.open(t);
    const host = await openBehind(t, kind, [
      (_req, _res, next) => {
        setImmediate(() => setImmediate(next));
      },
    ]);
    await host.browse(t, relayPath(target.name)).read(12);
  });

  test('a browser that leaves while a hook thinks harms nobody', async (t) => {
    const asked = deferred<void>();
    const answer = deferred<boolean>();
    const target = await VncTarget.open(t);
    const ended = deferred<string>();
    const host = await openBehind(t, kind, [(_req, _res, next) => next()], {
      authorize: () => {
        asked.resolve();
        return answer.promise;
      },
      on: { close: (_session, end) => ended.resolve(end.error.code) },
      limits: { sessions: 1 },
      timeouts: { ping: 100, close: 100 },
    });
    const raw = await host.raw(t);
    raw.handshake(relayPath(target.name));
    await asked.promise;
    raw.reset();
    for (let turns = 0; turns < 20; turns++) await turn();
    answer.resolve(true);
    let status = 429;
    const freed = (async () => {
      while (status === 429) status = (await host.request(relayPath(target.name))).status;
    })();
    await within(freed, 'the place of a browser that has left');
    assert.equal(status, 426);
  });

  test('a refusal that comes late cuts nothing off of what the app has answered', async (t) => {
    const answer = Buffer.alloc(20_000_000, 'answered').toString();
    const front: RequestHandler = (_req, res, next) => {
      next();
      res.end(answer);
    };
    const host = await openBehind(t, kind, [front], {
      authorize: async () => {
        await turn();
        return false;
      },
    });
    assert.ok((await host.request('/console/127.0.0.1')).body === answer);
  });

  test('a socket that was answered before it came here rejects nothing', async (t) => {
    const host = await openBehind(t, kind, [
      (_req, res, next) => {
        res.status(202).end('answered');
        next();
      },
    ]);
    for (const path of ['/console/127.0.0.1', '/console/assets/x.js', relayPath('127.0.0.1')]) {
      assert.equal((await host.request(path)).body, 'answered', path);
      host.browse(t, path);
    }
    await turn();
  });
});

onAttachedHosts((kind) => {
  test('an app that does not wait for a hook takes no place, and hears no more of it', async (t) => {
    const target = await VncTarget.open(t);
    const answer = deferred<void>();
    let isLate = true;
    const host = await openBehind(
      t,
      kind,
      [
        (_req, res, next) => {
          next();
          if (isLate) res.status(503).end('It takes too long.');
        },
      ],
      {
        authorize: async () => {
          await answer.promise;
          return true;
        },
        limits: { sessions: 1 },
      },
    );
    for (let times = 0; times < 3; times++) {
      assert.equal((await host.browse(t, relayPath(target.name)).refused()).status, 503);
    }
    isLate = false;
    answer.resolve();
    for (let turns = 0; turns < 20; turns++) await turn();
    await host.browse(t, relayPath(target.name)).read(12);
  });

  const fronts: [string, RequestHandler, number][] = [
    ['answers 401', (_req, res) => void res.status(401).json({ error: 'who are you?' }), 401],
    ['answers 200', (_req, res) => void res.send('please log in'), 200],
    ['redirects', (_req, res) => res.redirect('/login'), 302],
    ['calls next with an error', (_req, _res, next) => next(new Error('broken')), 500],
    [
      'throws',
      () => {
        throw new Error('broken');
      },
      500,
    ],
    [
      'answers late',
      (_req, res) => {
        setTimeout(() => res.status(403).end(), 20);
      },
      403,
    ],
  ];
  for (const [title, front, status] of fronts) {
    test(`a middleware in front that ${title} refuses the upgrade as plain HTTP`, async (t) => {
      const target = await VncTarget.open(t);
      const host = await openBehind(t, kind, [front]);
      const refusal = await host.browse(t, relayPath(target.name)).refused();
      assert.equal(refusal.status, status);
      if (status === 302) assert.equal(refusal.headers.location, '/login');
      assert.equal(target.count, 0);
    });
  }

  test('a middleware in front that drops the connection drops it', async (t) => {
    const host = await openBehind(t, kind, [(req) => void req.socket.destroy()]);
    const raw = await host.raw(t);
    raw.handshake(relayPath('127.0.0.1'));
    await raw.closed();
    assert.equal(raw.bytes.length, 0);
  });

  test('a path with no consoles behind it is the 404 of the app', async (t) => {
    const host = await openBehind(t, kind, [(_req, _res, next) => next()]);
    assert.equal((await host.browse(t, '/nowhere/proxy?target=a').refused()).status, 404);
  });

  test('an upgrade that is for nobody is answered as the plain request it is', async (t) => {
    const host = await openBehind(t, kind, [(_req, _res, next) => next()]);
    assert.equal((await host.browse(t, '/nowhere').refused()).status, 404);
    assert.equal((await host.browse(t, '/console/127.0.0.1').refused()).status, 200);
    assert.equal((await host.browse(t, '/console/proxy').refused()).status, 400);
  });

  test('a WebSocket server of somebody else on another path is left alone', async (t) => {
    const target = await VncTarget.open(t);
    const host = await openBehind(t, kind, [(_req, _res, next) => next()]);
    const chat = new WebSocketServer({ noServer: true });
    t.after(() => chat.close());
    host.server.on('upgrade', (req, socket, head) => {
      if (req.url !== '/chat' && !req.url?.startsWith('/chat/')) return;
      chat.handleUpgrade(req, socket, head, (peer) =>
        peer.on('message', (data) => peer.send(data)),
      );
    });
    for (const path of ['/chat', '/chat/proxy']) {
      const other = host.browse(t, path);
      await other.opened();
      other.send(Buffer.from('hello'));
      assert.equal((await other.read(5)).toString(), 'hello');
    }
    await host.browse(t, relayPath(target.name)).read(12);
  });

  test('streams that the host gives its server are consoles, or are refused, as sockets are', async (t) => {
    const target = await VncTarget.open(t);
    const app = kind.express();
    const { logger } = recordLog();
    const consoles = novnc({ allow: [target.name], logger });
    app.use('/console', consoles);
    const server = createServer(app);
    consoles.attach(server);
    for (const [name, status] of [
      [target.name, 101],
      ['127.0.0.1:1', 403],
    ] as const) {
      const [near, far] = duplexPair();
      server.emit('connection', near);
      const inbox = new Inbox('the server');
      far.on('data', (bytes) => inbox.push(bytes));
      const fields = `Host: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n`;
      const key = `Sec-WebSocket-Key: ${KEY}\r\nSec-WebSocket-Version: 13\r\n`;
      far.write(`GET ${relayPath(name)} HTTP/1.1\r\n${fields}${key}\r\n`);
      assert.equal((await inbox.read(12)).toString(), `HTTP/1.1 ${status}`);
      if (status === 101) await until(() => inbox.peek().includes('RFB 003.008'), 'the greeting');
      else await within(once(far, 'end'), 'the end');
      far.destroy();
    }
  });

  test('a path given to attach leaves the same words elsewhere to others', async (t) => {
    const target = await VncTarget.open(t);
    const { logger } = recordLog();
    const app = kind.express();
    const consoles = novnc({ allow: ['127.0.0.1:1-65535'], logger });
    app.use('/console', consoles);
    const server = createServer(app);
    consoles.attach(server, { path: '/console/' });
    const other = new WebSocketServer({ noServer: true });
    server.on('upgrade', (req, socket, head) => {
      if (!req.url?.startsWith('/other/')) return;
      other.handleUpgrade(req, socket, head, (peer) => peer.send(Buffer.from('mine')));
    });
    const origin = await listen(t, server);
    const mine = Browser.open(t, `${origin}/other/proxy?target=x`);
    assert.equal((await mine.read(4)).toString(), 'mine');
    await Browser.open(t, origin + relayPath(target.name)).read(12);
    await consoles.close();
  });

  test('two instances may be attached, each under a path of its own', async (t) => {
    const target = await VncTarget.open(t);
    const { logger } = recordLog();
    const app = kind.express();
    const server = createServer(app);
    const instances = ['/a', '/b'].map((path) => {
      const consoles = novnc({ allow: ['127.0.0.1:1-65535'], logger });
      app.use(path, consoles);
      consoles.attach(server, { path });
      return consoles;
    });
    const origin = await listen(t, server);
    for (const path of ['/a', '/b']) {
      await Browser.open(t, `${origin}${path}/proxy?target=${target.name}`).read(12);
    }
    for (const consoles of instances) await consoles.close();
  });

  test('what attach returns undoes it', async (t) => {
    const { lines, logger } = recordLog();
    const consoles = novnc({ allow: ['127.0.0.1'], logger });
    const app = kind.express();
    app.use('/console', consoles);
    const server = createServer(app);
    for (let times = 0; times < 20; times++) consoles.attach(server)();
    assert.equal(server.listenerCount('upgrade'), 0);
    const origin = await listen(t, server);
    const refusal = await Browser.open(t, origin + relayPath('127.0.0.1')).refused();
    assert.equal(refusal.status, 426);
    assert.match(refusal.body, /consoles\.attach\(server\).*express-ws/);
    assert.ok(lines.some(({ level, message }) => level === 'error' && /attach/.test(message)));
  });

  test('attach throws for what is no server, and for a path that is none', () => {
    const consoles = novnc({ allow: ['127.0.0.1'] });
    for (const server of [undefined, null, {}, kind.express, 3000]) {
      assert.throws(() => consoles.attach(server as never), /attach: expected an HTTP server/);
    }
    for (const path of ['console', '', 7, null]) {
      const attach = () => consoles.attach(createServer(), { path } as never);
      assert.throws(attach, /attach: path is .*: expected a path/);
    }
  });

  test('attach throws on a server that express-ws serves', () => {
    const app = kind.express();
    const server = createServer(app);
    expressWs(app as never, server, { leaveRouterUntouched: true });
    const consoles = novnc({ allow: ['127.0.0.1'] });
    assert.throws(() => consoles.attach(server), /express-ws serves this server/);
  });

  test('express-ws on a server after attach takes over, and no connection is corrupted', async (t) => {
    const target = await VncTarget.open(t);
    const { lines, logger } = recordLog();
    const consoles = novnc({ allow: ['127.0.0.1:1-65535'], logger });
    const app = kind.express();
    app.use('/console', consoles);
    const server = createServer(app);
    consoles.attach(server);
    expressWs(app as never, server, { leaveRouterUntouched: true });
    const origin = await listen(t, server);
    const browser = Browser.open(t, origin + relayPath(target.name));
    await browser.read(12);
    browser.send(Buffer.from('abc'));
    assert.equal((await (await target.next()).read(3)).toString(), 'abc');
    assert.ok(lines.some(({ level, message }) => level === 'error' && /express-ws/.test(message)));
    await consoles.close();
  });
});

async function listen(t: TestContext, server: ReturnType<typeof createServer>): Promise<string> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => server.close().closeAllConnections());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
