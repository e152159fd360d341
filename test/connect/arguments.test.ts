import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { httpConnect, socks, ssh, tls, webSocket } from '../../lib/connect/index.ts';
import { assertNoSecret, SECRET } from './peer.ts';

const FINGERPRINT = `SHA256:${'a'.repeat(43)}`;
const proxy = { host: 'proxy', port: 1080, username: 'me', password: SECRET };
const target = { host: 'vm', port: 5900 };
const login = {
  host: 'vm',
  username: 'me',
  password: SECRET,
  hostFingerprint: FINGERPRINT,
  target,
};

const bad: [string, () => unknown, RegExp][] = [
  ['a URL that is none', () => webSocket(SECRET), /^webSocket\(url\): /],
  ['a URL of http', () => webSocket(`http://a/${SECRET}`), /^webSocket\(url\): .*ws:\/\//],
  ['a URL with a fragment', () => webSocket(`ws://a/#${SECRET}`), /^webSocket\(url\): .*#/],
  ['no URL', () => webSocket(undefined as never), /^webSocket\(url\): /],
  [
    'an unknown name',
    () => webSocket('ws://a', { password: SECRET } as never),
    /webSocket\.password/,
  ],
  ['no options', () => webSocket('ws://a', null as never), /^webSocket: /],
  [
    'a header with a line end',
    () => webSocket('ws://a', { headers: { Cookie: `${SECRET}\r\nX: 1` } }),
    /^webSocket\.headers\.Cookie: /,
  ],
  [
    'a header that is no text',
    () => webSocket('ws://a', { headers: { Cookie: [SECRET] } as never }),
    /^webSocket\.headers\.Cookie: /,
  ],
  ['headers that are none', () => webSocket('ws://a', { headers: SECRET as never }), /\.headers: /],
  ['a protocol twice', () => webSocket('ws://a', { protocols: ['a', 'a'] }), /\.protocols: /],
  ['a protocol with a comma', () => webSocket('ws://a', { protocols: ['a,b'] }), /\.protocols: /],
  [
    'protocols in a text',
    () => webSocket('ws://a', { protocols: 'binary' as never }),
    /\.protocols/,
  ],
  ['a size of 0', () => webSocket('ws://a', { maxPayload: 0 }), /^webSocket\.maxPayload: /],
  [
    'a ca that is none',
    () => webSocket('wss://a', { tls: { ca: SECRET } }),
    /^webSocket\.tls .*ca/,
  ],
  ['tls that is none', () => webSocket('wss://a', { tls: true as never }), /^webSocket\.tls /],
  [
    'anonymity',
    () => webSocket('wss://a', { tls: { allowAnonymous: true } as never }),
    /^webSocket\.tls\.allowAnonymous/,
  ],

  ['no host', () => tls({ port: 5900 } as never), /^tls\.host: /],
  ['a host with its port', () => tls({ host: 'vm:5900', port: 5900 }), /^tls\.host: /],
  ['a port as text', () => tls({ host: 'vm', port: '5900' as never }), /^tls\.port: /],
  ['a port of 65536', () => tls({ host: 'vm', port: 65536 }), /^tls\.port: /],
  [
    'a short pin',
    () => tls({ host: 'vm', port: 1, fingerprint256: 'ab' }),
    /^tls .*fingerprint256/,
  ],
  [
    'a foreign name',
    () => tls({ host: 'vm', port: 1, rejectUnauthorized: false } as never),
    /^tls\.rej/,
  ],

  [
    'no fingerprint',
    () => ssh({ ...login, hostFingerprint: undefined } as never),
    /^ssh\.hostFing/,
  ],
  ['no fingerprints', () => ssh({ ...login, hostFingerprint: [] }), /^ssh\.hostFingerprint: /],
  [
    'a fingerprint of MD5',
    () => ssh({ ...login, hostFingerprint: `MD5:${'aa:'.repeat(15)}aa` }),
    /^ssh\.hostFingerprint: .*SHA256/,
  ],
  [
    'fingerprint and verifier',
    () => ssh({ ...login, hostVerifier: () => true }),
    /^ssh\.hostFingerprint: /,
  ],
  [
    'a verifier that is none',
    () => ssh({ ...login, hostFingerprint: undefined, hostVerifier: true } as never),
    /^ssh\.hostVerifier: /,
  ],
  ['no way to log in', () => ssh({ ...login, password: undefined } as never), /^ssh: .*password/],
  ['a password that is no text', () => ssh({ ...login, password: 7 as never }), /^ssh\.password: /],
  ['no user', () => ssh({ ...login, username: '' }), /^ssh\.username: /],
  [
    'a key that is none',
    () => ssh({ ...login, privateKey: { SECRET } as never }),
    /^ssh\.privateKey/,
  ],
  ['a port of 0', () => ssh({ ...login, port: 0 }), /^ssh\.port: /],
  ['no target', () => ssh({ ...login, target: undefined } as never), /^ssh\.target: /],
  [
    'a target of both kinds',
    () => ssh({ ...login, target: { ...target, path: '/x' } }),
    /^ssh\.target/,
  ],
  ['an empty path', () => ssh({ ...login, target: { path: '' } }), /^ssh\.target\.path: /],

  ['no proxy', () => socks({ target } as never), /^socks\.proxy: /],
  [
    'a target without port',
    () => socks({ proxy, target: { host: 'vm' } as never }),
    /target\.port/,
  ],
  [
    'a version of 6',
    () => socks({ proxy: { ...proxy, version: 6 as never }, target }),
    /\.version: /,
  ],
  [
    'a password alone',
    () => socks({ proxy: { ...proxy, username: undefined } as never, target }),
    /word/,
  ],
  [
    'a password of 256 letters',
    () => socks({ proxy: { ...proxy, password: SECRET.padEnd(256) }, target }),
    /^socks\.proxy\.password: /,
  ],
  [
    'a password in version 4',
    () => socks({ proxy: { ...proxy, version: 4 }, target }),
    /^socks\.proxy\.password: /,
  ],

  ['a URL of ws', () => httpConnect('ws://proxy', { target }), /^httpConnect\(url\): /],
  ['no target', () => httpConnect('http://proxy', {} as never), /^httpConnect\.target: /],
  ['no options', () => httpConnect('http://proxy', undefined as never), /^httpConnect: /],
  ['a target with a space', () => httpConnect('http://proxy', { target: '/a b' }), /\.target: /],
  [
    'a target with a line end',
    () => httpConnect('http://proxy', { target: `/a\r\n${SECRET}` }),
    /\.target: /,
  ],
];
for (const [title, make, message] of bad) {
  test(`${message.source.match(/\w+/)?.[0]} does not take ${title}`, () => {
    assert.throws(make, (error: Error) => {
      assert.ok(error instanceof TypeError, String(error));
      assert.match(error.message, message);
      assertNoSecret(error);
      return true;
    });
  });
}

test('what is made shows no secret, and nothing is opened yet', () => {
  const made = [
    webSocket(`ws://me:${SECRET}@a/?ticket=${SECRET}`, { headers: { Cookie: SECRET } }),
    ssh(login),
    socks({ proxy, target }),
    httpConnect(`http://me:${SECRET}@a/`, { target, headers: { Cookie: SECRET } }),
  ];
  for (const each of made) {
    assertNoSecret(each);
    assert.match(inspect(each), /Function/);
  }
});

test('a signal that has aborted before opens nothing', async () => {
  const reason = new Error('gone');
  for (const connect of [
    tls({ host: 'localhost', port: 1 }),
    ssh(login),
    socks({ proxy, target }),
  ]) {
    await assert.rejects(connect(AbortSignal.abort(reason)), reason);
  }
});
