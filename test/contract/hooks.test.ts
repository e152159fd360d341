import assert from 'node:assert/strict';
import { test } from 'node:test';
import type {
  ConsoleErrorCode,
  LiveSession,
  Options,
  SessionEnd,
  SessionInfo,
  Target,
} from '../../lib/index.ts';
import { onEveryHost, openConsoles, refusalFor, refusalOf, relayPath } from '../helpers/hosts.ts';
import { Queue, until } from '../helpers/inbox.ts';
import { deadPort, VncTarget } from '../helpers/vnc-target.ts';

const never = new Promise<never>(() => {});

onEveryHost((kind) => {
  test('resolve turns a name into a target that allow does not judge', async (t) => {
    const target = await VncTarget.open(t);
    const asked: string[] = [];
    const { host } = await openConsoles(t, kind, {
      allow: [],
      resolve: async (name, req) => {
        asked.push(`${name} for ${req.ip}`);
        return { host: '127.0.0.1', port: target.port, label: 'Build machine' };
      },
    });
    await host.browse(t, relayPath('vm 42/ü')).read(12);
    const page = await host.request(`/console/${encodeURIComponent('vm 42/ü')}`);
    assert.match(page.body, /<title>Build machine/);
    assert.deepEqual(asked, ['vm 42/ü for 127.0.0.1', 'vm 42/ü for 127.0.0.1']);
  });

  test('undefined from resolve lets the name be tried under allow', async (t) => {
    const target = await VncTarget.open(t);
    const { host } = await openConsoles(t, kind, { resolve: () => undefined });
    await host.browse(t, relayPath(target.name)).read(12);
    const browser = host.browse(t, relayPath('10.0.0.7'));
    assert.equal(await refusalOf(host, browser), refusalFor(host, 'TARGET_REFUSED'));
  });

  const connectless = { host: '127.0.0.1', port: 5901, path: '/run/x' };
  const unresolved: [string, unknown, ConsoleErrorCode][] = [
    ['null', () => null, 'TARGET_UNKNOWN'],
    ['a promise of null', async () => null, 'TARGET_UNKNOWN'],
    [
      'a throw',
      () => {
        throw new Error('database down');
      },
      'INTERNAL',
    ],
    [
      'a thrown string',
      () => {
        throw 'database down';
      },
      'INTERNAL',
    ],
    ['a rejection', () => Promise.reject(new Error('database down')), 'INTERNAL'],
    ['no answer in time', () => never, 'INTERNAL'],
    ['a string', () => '127.0.0.1:5901', 'INTERNAL'],
    ['true', () => true, 'INTERNAL'],
    ['an empty object', () => ({}), 'INTERNAL'],
    ['a host without port', () => ({ host: '127.0.0.1' }), 'INTERNAL'],
    ['a port as text', () => ({ host: '127.0.0.1', port: '5901' }), 'INTERNAL'],
    ['a port out of range', () => ({ host: '127.0.0.1', port: 65536 }), 'INTERNAL'],
    ['an empty host', () => ({ host: '', port: 5901 }), 'INTERNAL'],
    ['a host with NUL', () => ({ host: 'a\0b', port: 5901 }), 'INTERNAL'],
    ['an empty path', () => ({ path: '' }), 'INTERNAL'],
    ['host and path', () => connectless, 'INTERNAL'],
    ['a connect that is no function', () => ({ connect: 1 }), 'INTERNAL'],
    ['a label that is no string', () => ({ path: '/x', label: 1 }), 'INTERNAL'],
  ];
  for (const [title, resolve, code] of unresolved) {
    test(`${title} from resolve refuses with ${code}`, async (t) => {
      const { host } = await openConsoles(t, kind, {
        resolve: resolve as NonNullable<Options['resolve']>,
        timeouts: { authorize: 30 },
      });
      const browser = host.browse(t, relayPath('vm-1'));
      assert.equal(await refusalOf(host, browser), refusalFor(host, code));
      const page = await host.request('/console/vm-1');
      assert.equal(page.status, code === 'INTERNAL' ? 500 : 404);
      assert.ok(!page.body.includes('database'));
    });
  }

  const verdicts: [string, unknown, ConsoleErrorCode | null][] = [
    ['true', () => true, null],
    ['a promise of true', async () => true, null],
    ['false', () => false, 'TARGET_REFUSED'],
    ['undefined', () => {}, 'TARGET_REFUSED'],
    ['1', () => 1, 'TARGET_REFUSED'],
    ["'true'", async () => 'true', 'TARGET_REFUSED'],
    ['an object', () => ({}), 'TARGET_REFUSED'],
    [
      'a throw',
      () => {
        throw new Error('no');
      },
      'INTERNAL',
    ],
    [
      'a rejection',
      async () => {
        throw new Error('no');
      },
      'INTERNAL',
    ],
    ['no answer in time', () => never, 'INTERNAL'],
  ];
  for (const [title, authorize, code] of verdicts) {
    test(`${title} from authorize ${code ? `refuses with ${code}` : 'lets in'}`, async (t) => {
      const target = await VncTarget.open(t);
      const { host } = await openConsoles(t, kind, {
        authorize: authorize as NonNullable<Options['authorize']>,
        timeouts: { authorize: 30 },
      });
      const browser = host.browse(t, relayPath(target.name));
      const page = await host.request(`/console/${target.name}`);
      if (code === null) {
        await browser.read(12);
        assert.equal(page.status, 200);
      } else {
        assert.equal(await refusalOf(host, browser), refusalFor(host, code));
        assert.equal(page.status, code === 'INTERNAL' ? 500 : 403);
        assert.equal(target.count, 0);
      }
    });
  }

  test('authorize is asked with the target, and only about one that may be opened', async (t) => {
    const asked: Target[] = [];
    const { host } = await openConsoles(t, kind, {
      resolve: (name) => (name === 'vm-1' ? { path: '/run/vm-1.sock' } : undefined),
      authorize: (_req, target) => {
        asked.push(target);
        return false;
      },
    });
    for (const name of ['vm-1', '127.0.0.1:5905', '10.0.0.7', 'not an address']) {
      await refusalOf(host, host.browse(t, relayPath(name)));
    }
    assert.deepEqual(asked, [{ path: '/run/vm-1.sock' }, { host: '127.0.0.1', port: 5905 }]);
  });

  test('open, close and refuse tell who watched what, and how it went', async (t) => {
    const target = await VncTarget.open(t);
    const told = new Queue<[string, SessionInfo | null, SessionEnd | null]>('an event');
    const { host, log } = await openConsoles(t, kind, {
      on: {
        open: (session) => told.push(['open', session, null]),
        close: (session, end) => told.push(['close', session, end]),
        refuse: (error) => told.push([error.code, null, null]),
      },
    });
    const browser = host.browse(t, relayPath(target.name));
    await browser.read(12);
    const [opened, session] = await told.next();
    assert.equal(opened, 'open');
    assert.ok(session);
    const { startedAt, update, ...info } = session as LiveSession;
    const { name } = target;
    assert.deepEqual(info, { id: '1', name, target: name, viewer: '127.0.0.1' });
    assert.ok(Math.abs(startedAt.getTime() - Date.now()) < 10_000);
    browser.send(Buffer.from('abc'));
    const server = await target.next();
    await server.read(3);
    browser.socket.close();
    const [closed, same, end] = await told.next();
    assert.equal(closed, 'close');
    assert.deepEqual(same, { ...info, startedAt });
    // Nothing was asked of the target, so the relay has not looked.
    assert.throws(() => update({ viewOnly: true }), /passes this session on without looking/);
    assert.equal(end?.error.code, 'BROWSER_CLOSED');
    assert.deepEqual([end?.toBrowser, end?.toServer], [12, 3]);
    assert.ok(end.duration > 0 && end.duration < 10_000);
    await refusalOf(host, host.browse(t, relayPath('10.0.0.7')));
    assert.equal((await told.next())[0], 'TARGET_REFUSED');
    const messages = log.map(({ level, message }) => `${level} ${message}`);
    assert.deepEqual(messages, [
      'info console opened',
      'info console closed',
      'info console refused',
    ]);
    assert.equal(told.size, 0);
  });

  test('a session that never went live is closed, but was not opened', async (t) => {
    const told = new Queue<string>('an event');
    const { host } = await openConsoles(t, kind, {
      on: { open: () => told.push('open'), close: (_session, end) => told.push(end.error.code) },
    });
    host.browse(t, relayPath(`127.0.0.1:${await deadPort()}`));
    assert.equal(await told.next(), 'CONNECT_REFUSED');
  });

  test('what a listener of the app throws, or rejects with, ends nothing and is logged', async (t) => {
    const target = await VncTarget.open(t);
    for (const fail of [
      () => {
        throw new Error('listener broke');
      },
      async () => {
        throw new Error('listener broke');
      },
    ]) {
      const on = { open: fail, close: fail, refuse: fail };
      const { host, log } = await openConsoles(t, kind, { on });
      const browser = host.browse(t, relayPath(target.name));
      await browser.read(12);
      browser.socket.close();
      await refusalOf(host, host.browse(t, relayPath('10.0.0.7')));
      const broken = () => log.filter(({ fields }) => /listener broke/.test(String(fields.detail)));
      await until(() => broken().length === 3, 'three lines of the log');
      assert.ok(broken().every(({ level }) => level === 'error'));
    }
  });

  test('a logger that throws ends nothing', async (t) => {
    const target = await VncTarget.open(t);
    const fail = () => {
      throw new Error('disk full');
    };
    const logger = { info: fail, warn: fail, error: fail };
    const { host } = await openConsoles(t, kind, { logger });
    await host.browse(t, relayPath(target.name)).read(12);
    assert.equal((await host.request('/console/10.0.0.7')).status, 403);
  });

  test('a socket has an error listener while a hook is still thinking', async (t) => {
    const thinking = new Queue<number>('a question to resolve');
    const { host } = await openConsoles(t, kind, {
      resolve: (_name, req) => {
        const { ws = req.socket } = req as { ws?: { listenerCount(name: string): number } };
        thinking.push(ws.listenerCount('error'));
        return null;
      },
    });
    host.browse(t, relayPath('vm-1'));
    assert.ok((await thinking.next()) > 0);
  });
});
