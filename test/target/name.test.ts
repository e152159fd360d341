import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type Address,
  formatAddress,
  isName,
  parseAddress,
  parseHost,
  parseIPv6,
  parsePort,
} from '../../lib/target/name.ts';

const RUNS = 20_000;

const addresses: [string, Address][] = [
  ['10.0.0.7', { host: '10.0.0.7', port: 5901 }],
  ['10.0.0.7:5900', { host: '10.0.0.7', port: 5900 }],
  ['host.example:1', { host: 'host.example', port: 1 }],
  ['HOST.Example.:65535', { host: 'host.example', port: 65535 }],
  ['localhost', { host: 'localhost', port: 5901 }],
  ['a-b.1c', { host: 'a-b.1c', port: 5901 }],
  ['xn--bcher-kva.example', { host: 'xn--bcher-kva.example', port: 5901 }],
  ['[::1]', { host: '::1', port: 5901 }],
  ['[::1]:5902', { host: '::1', port: 5902 }],
  ['[0:0:0:0:0:0:0:1]', { host: '::1', port: 5901 }],
  ['[FD00::A]', { host: 'fd00::a', port: 5901 }],
  ['[::ffff:127.0.0.1]', { host: '::ffff:7f00:1', port: 5901 }],
  [`${'a'.repeat(63)}.b`, { host: `${'a'.repeat(63)}.b`, port: 5901 }],
  ['unix:/run/vm.sock', { path: '/run/vm.sock' }],
  ['unix:%2Frun%2Fvm%201.sock', { path: '/run/vm 1.sock' }],
  ['unix:/run/...', { path: '/run/...' }],
  [`unix:/${'a'.repeat(106)}`, { path: `/${'a'.repeat(106)}` }],
];

for (const [name, address] of addresses) {
  test(`${name.slice(0, 40)} is an address, and comes back from its one spelling`, () => {
    assert.deepEqual(parseAddress(name, 5901), address);
    assert.deepEqual(parseAddress(formatAddress(address), 1), address);
  });
}

const wrong = [
  '',
  '.',
  '..',
  'assets',
  'proxy',
  'sessions',
  'link',
  'recordings',
  'screenshot',
  '127.1',
  '2130706433',
  '0x7f000001',
  '0x7f.1',
  '0177.0.0.1',
  '017700000001',
  '0',
  '0x0',
  '0x',
  'example.0x7f',
  'example.1',
  '256.1.1.1',
  '1.2.3',
  '1.2.3.4.',
  '1.2.3.4.5',
  '01.2.3.4',
  '①②⑦.⓪.⓪.①',
  '１２７.０.０.１',
  '127。0。0。1',
  'ﬁ.example',
  'bücher.example',
  'soft\u00adhyphen',
  'zero\u200djoiner',
  '\u202eevil',
  'line\u2028end',
  '\ud800',
  'a\0b',
  'a\nb',
  'a b',
  'a_b',
  '-a',
  'a-',
  'a..b',
  'a..',
  '.a',
  'a/b',
  'a\\b',
  'a?b',
  'a#b',
  'a;b',
  'user@host',
  'user:secret@host:5900',
  'host:',
  'host:0',
  'host:00',
  'host:05900',
  'host:65536',
  'host:100000',
  'host:-1',
  'host:+5900',
  'host: 5900',
  'host:5900 ',
  'host:0x170c',
  'host:5.9e3',
  'host:５９００',
  'host:5900:1',
  ':5900',
  '::1',
  '::1:5900',
  '[::1',
  '::1]',
  '[]',
  '[]:5900',
  '[[::1]]',
  '[::1]5900',
  '[::1]:',
  '[127.0.0.1]',
  '[example.com]',
  '[fe80::1%25lo]',
  '[fe80::1%lo]',
  '[::1%251]',
  '[1:2:3:4:5:6:7]',
  'x[::1]',
  'a'.repeat(64),
  `${'a.'.repeat(127)}a`,
  `0x${'0'.repeat(240)}7f000001`,
  'a'.repeat(401),
  'unix:',
  'unix:run/x',
  'unix:/',
  'unix:/run/',
  'unix:/run//x',
  'unix:/run/./x',
  'unix:/run/../x',
  'unix:/run/..',
  'unix:%2Frun%2F..%2Fx',
  'unix:/%00',
  'unix:/a%0ab',
  'unix:/%zz',
  'unix:/%ff',
  `unix:/${'a'.repeat(107)}`,
  `unix:/${'%C3%BC'.repeat(54)}`,
  'UNIX:/run/x',
];

for (const name of wrong) {
  test(`${JSON.stringify(name.slice(0, 40))} is no address`, () => {
    assert.equal(parseAddress(name, 5901), null);
  });
}

test('any text is null or an address with one spelling, and never throws', () => {
  const piece = fc.constantFrom(
    ...[
      '1',
      '0',
      'x',
      '.',
      ':',
      '[',
      ']',
      '%',
      '/',
      '-',
      'a',
      'F',
      '::',
      'unix:',
      '127',
      '5900',
      '@',
    ],
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join('')),
    fc.tuple(fc.ipV4(), fc.nat(70_000)).map(([host, port]) => `${host}:${port}`),
    fc.tuple(fc.ipV6(), fc.nat(70_000)).map(([host, port]) => `[${host}]:${port}`),
    fc.tuple(fc.domain(), fc.nat(70_000)).map(([host, port]) => `${host}:${port}`),
    fc.string({ unit: 'grapheme', maxLength: 60 }).map((path) => `unix:/${path}`),
    fc
      .string({ unit: 'grapheme', maxLength: 20 })
      .map((path) => `unix:${encodeURIComponent(`/${path}`)}`),
  );
  let found = 0;
  fc.assert(
    fc.property(text, (name) => {
      const address = parseAddress(name, 5901);
      if (address === null) return;
      found++;
      const spelling = formatAddress(address);
      assert.deepEqual(parseAddress(spelling, 1), address);
      assert.equal(formatAddress(parseAddress(spelling, 1)!), spelling);
      assert.ok(isName(name) && isName(spelling));
    }),
    { numRuns: RUNS },
  );
  assert.ok(found > RUNS / 20, `${found} addresses among ${RUNS} texts`);
});

test('what is parsed holds nothing that DNS or a socket reads another way', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
      const host = parseHost(text);
      if (host !== null) {
        assert.match(host, /^[a-z0-9.-]{1,253}$/);
        assert.equal(parseHost(host), host);
      }
      const port = parsePort(text);
      if (port !== null) assert.equal(String(port), text);
      const ip = parseIPv6(text);
      if (ip !== null) assert.equal(parseIPv6(ip), ip);
    }),
    { numRuns: RUNS },
  );
});

test('a hostile name of any length takes no time', () => {
  for (const name of [
    'a.'.repeat(1e6),
    '['.repeat(1e6),
    ':'.repeat(1e6),
    `unix:${'/.'.repeat(1e6)}`,
  ]) {
    const start = performance.now();
    assert.equal(parseAddress(name, 5901), null);
    assert.ok(performance.now() - start < 100);
  }
});

test('a name for resolve may be anything that can be shown and is no route', () => {
  for (const name of [
    'vm 42',
    'a/b',
    'ü',
    '日本語',
    'a@b',
    '%',
    'x'.repeat(400),
    'Proxy',
    'proxy2',
  ]) {
    assert.equal(isName(name), true, name);
  }
  for (const name of ['', '.', '..', 'proxy', 'x'.repeat(401), 'a\tb', '\u200b', '\udfff']) {
    assert.equal(isName(name), false, JSON.stringify(name));
  }
});
