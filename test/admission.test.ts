import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Request } from 'express';
import { admit, checkHost, checkOrigin, mayHandshake } from '../lib/admission.ts';
import { ConsoleError } from '../lib/errors.ts';
import type { Options } from '../lib/options.ts';
import { settle } from '../lib/settle.ts';

const logger = { info() {}, warn() {}, error() {} };
const LATE = { authorize: 20 };

function settings(options: Options = {}) {
  return settle({ allow: ['10.0.0.0/8', '*.example', 'unix:/run/*.sock'], logger, ...options });
}

interface Asked {
  readonly headers?: Record<string, string | string[]>;
  readonly protocol?: string;
  /** Whether the app trusts the one who connected. */
  readonly trusts?: boolean;
}

/** A request as far as admission looks at it. */
function request({ headers = {}, protocol = 'http', trusts = false }: Asked = {}): Request {
  return {
    headers,
    protocol,
    socket: { remoteAddress: '192.0.2.7' },
    app: { get: (name: string) => name === 'trust proxy fn' && (() => trusts) },
  } as unknown as Request;
}

test('an address under a rule is admitted, with what viewer and log read', async () => {
  assert.deepEqual(await admit(request(), '10.0.0.7', settings()), {
    target: { host: '10.0.0.7', port: 5901 },
    label: '10.0.0.7',
    address: '10.0.0.7:5901',
    byPolicy: true,
  });
  assert.deepEqual(await admit(request(), 'unix:/run/a.sock', settings()), {
    target: { path: '/run/a.sock' },
    label: 'unix:/run/a.sock',
    address: 'unix:%2Frun%2Fa.sock',
    byPolicy: true,
  });
  const { target } = await admit(request(), '10.0.0.7', settings({ defaultPort: 5950 }));
  assert.deepEqual(target, { host: '10.0.0.7', port: 5950 });
});

test('a target of resolve is admitted as it is, whatever allow says', async () => {
  const connect = () => {
    throw new Error('not now');
  };
  const targets = {
    a: { host: '127.0.0.1', port: 22 },
    b: { path: '/anywhere' },
    c: { connect, label: 'Agent' },
  };
  const given = settings({ resolve: (name) => targets[name as 'a'] });
  const a = await admit(request(), 'a', given);
  assert.deepEqual(a, { target: targets.a, label: 'a', address: '127.0.0.1:22', byPolicy: false });
  assert.equal((await admit(request(), 'b', given)).address, 'unix:%2Fanywhere');
  const c = await admit(request(), 'c', given);
  assert.deepEqual([c.target, c.label, c.address], [targets.c, 'Agent', 'Agent']);
});

test('a name that is none is refused before any hook is asked', async () => {
  const asked: string[] = [];
  const given = settings({
    resolve: (name) => void asked.push(name) as undefined,
    authorize: () => asked.push('authorize') > 0,
  });
  for (const name of ['', 'proxy', 'a\nb', 'x'.repeat(401)]) {
    await assert.rejects(admit(request(), name, given), { code: 'NAME_INVALID' });
  }
  assert.deepEqual(asked, []);
  await assert.rejects(admit(request(), 'not an address', given), { code: 'NAME_INVALID' });
  assert.deepEqual(asked, ['not an address']);
});

test('a password in a name is not in the error, nor megabytes of a name', async () => {
  await assert.rejects(admit(request(), 'user:secret@host', settings()), (error: Error) => {
    assert.ok(error instanceof ConsoleError);
    return !error.message.includes('secret');
  });
  await assert.rejects(admit(request(), 'x'.repeat(100_000), settings()), (error: Error) => {
    return error.message.length < 200;
  });
});

test('a hook that fails after its time is not heard any more', async () => {
  let fail: (error: Error) => void = () => {};
  const late = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const slow = settings({ authorize: () => late, timeouts: LATE });
  await assert.rejects(admit(request(), '10.0.0.7', slow), {
    code: 'INTERNAL',
    message: 'authorize: no answer within 20 ms',
  });
  fail(new Error('too late'));
});

test('what a hook throws is our log only, and its cause', async () => {
  const cause = new Error('database down');
  const given = settings({ resolve: () => Promise.reject(cause) });
  await assert.rejects(admit(request(), 'vm-1', given), {
    code: 'INTERNAL',
    message: 'resolve: database down',
    cause,
  });
});

test('the host a request calls this server by is checked where it shall be', () => {
  const given = settings({ allowedHosts: ['panel.example'] });
  const check =
    (headers: Record<string, string>, trusts = false) =>
    () =>
      checkHost(request({ headers, trusts }), given);
  check({ host: 'panel.example:3000' })();
  check({ host: 'inner', 'x-forwarded-host': 'panel.example, inner' }, true)();
  const refused = { code: 'TARGET_REFUSED', message: /allowedHosts/ };
  assert.throws(check({ host: 'evil.example' }), refused);
  assert.throws(check({}), refused);
  assert.throws(check({ host: 'inner', 'x-forwarded-host': 'panel.example' }), refused);
  assert.throws(
    check({ host: 'panel.example', 'x-forwarded-host': 'evil.example' }, true),
    refused,
  );
  checkHost(request(), settings());
});

test('the Origin is held against the host that the app trusts', () => {
  const check = (asked: Asked) => () => checkOrigin(request(asked), settings());
  const own = { origin: 'https://panel.example', host: 'panel.example' };
  check({ headers: own })();
  check({ headers: own, protocol: 'https' })();
  check({
    headers: { ...own, host: 'inner', 'x-forwarded-host': 'panel.example' },
    trusts: true,
  })();
  check({ headers: {} })();
  const refused = { code: 'ORIGIN_REFUSED' };
  assert.throws(check({ headers: { ...own, host: 'other' } }), refused);
  assert.throws(check({ headers: { ...own, 'x-forwarded-host': 'other' }, trusts: true }), refused);
  assert.throws(
    check({ headers: { ...own, host: 'x', 'x-forwarded-host': 'panel.example' } }),
    refused,
  );
  assert.throws(check({ headers: { ...own, 'sec-fetch-site': 'cross-site' } }), refused);
  const http = { origin: 'http://panel.example', host: 'panel.example' };
  assert.throws(check({ headers: http, protocol: 'https' }), refused);
});

test('before the handshake, a Host that any proxy may have forwarded is good enough', () => {
  const may = (url: string, headers: Record<string, string | string[]>, secure = false) =>
    mayHandshake({ url, headers } as never, secure, { origins: [], requireOrigin: false });
  const origin = 'https://panel.example';
  const relay = '/console/proxy?target=a';
  assert.equal(may(relay, { origin, host: 'panel.example' }), true);
  assert.equal(may(relay, { origin, host: 'x', 'x-forwarded-host': ['panel.example', 'x'] }), true);
  assert.equal(may(relay, { origin, host: 'x' }), false);
  assert.equal(may(relay, { origin: 'http://panel.example', host: 'panel.example' }, true), false);
  assert.equal(may('/proxy?target=a', { origin, host: 'x' }), false);
  assert.equal(may('/chat', { origin, host: 'x' }), true);
  assert.equal(may('/proxy', { origin, host: 'x' }), true);
});
