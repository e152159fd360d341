import assert from 'node:assert/strict';
import { isIP, isIPv6 } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { ConsoleError } from '../../lib/errors.ts';
import { novnc, type Options } from '../../lib/index.ts';
import { BrowserFrames } from '../../lib/relay/browser-frames.ts';
import { isBanner } from '../../lib/rfb/banner.ts';
import { formatAddress, isName, parseAddress } from '../../lib/target/name.ts';
import { compilePolicy } from '../../lib/target/policy.ts';
import { hostnameOf, originFault, parseOrigin } from '../../lib/web/origin.ts';
import { decodeName, routeOf, targetOf } from '../../lib/web/route.ts';

import { frame } from './helpers/raw-browser.ts';

const silent = { info() {}, warn() {}, error() {} };

test('T032 a wrong option throws with its name', () => {
  const rows: [string, unknown][] = [
    ...[
      'abc',
      Number.NaN,
      -1,
      0,
      Number.POSITIVE_INFINITY,
      '1mb',
      1.5,
      2 ** 31,
      '1',
      true,
      {},
    ].flatMap((value): [string, unknown][] => [
      ['limits.maxPayload', { limits: { maxPayload: value } }],
      ['limits.sessions', { limits: { sessions: value } }],
      ['limits.dials', { limits: { dials: value } }],
    ]),
    ...['dns', 'connect', 'banner', 'authorize', 'ping', 'stall', 'close'].flatMap((name) =>
      [0, -1, Number.NaN, Number.POSITIVE_INFINITY, '1s', 2 ** 31, '5000'].map(
        (value): [string, unknown] => [`timeouts.${name}`, { timeouts: { [name]: value } }],
      ),
    ),
    ...['idle', 'session'].flatMap((name) =>
      [-1, Number.NaN, Number.POSITIVE_INFINITY, '0', 2 ** 31].map((value): [string, unknown] => [
        `timeouts.${name}`,
        { timeouts: { [name]: value } },
      ]),
    ),
    ...[
      ...[
        '10.0.0.0/33',
        '10.0.0/8',
        '*.',
        'a*b',
        '',
        ' ',
        '10.0.0.0/-1',
        '10.0.0.0/8/8',
        '10.0.0.0/',
      ],
      ...[
        '[::1',
        '::1/129',
        '[::]/0/0',
        'host:0',
        'host:65536',
        'host:5999-5900',
        'host:1-2-3',
        'host:',
      ],
      ...[
        '127.1',
        '0x7f.1',
        '2130706433',
        '*.*',
        '*example.com',
        'ex ample',
        '10.0.0.0/8:',
        'user@host',
      ],
      ...[
        'http://host',
        'host/8',
        '[::1%lo]',
        'unix:',
        'unix:run',
        'unix:/a/../b',
        'unix:/*/b',
        '*.127.0.0.1',
      ],
      ...['10.0.0.0/08', '10.0.0.0/8 ', '1.2.3.4:5900,6000', '**', '?', 'unix:/run/', '::/', '*.1'],
    ].map((rule): [string, unknown] => ['allow', { allow: [rule] }]),
    ...['*', 1, {}, true, [1], [null], [['*']], new Set(['*'])].map((value): [string, unknown] => [
      'allow',
      { allow: value },
    ]),
    ...[
      '*',
      'panel.example',
      'https://a/b',
      'null',
      'ftp://a',
      'https://a@b',
      '',
      'https://*.a',
    ].map((value): [string, unknown] => ['origins', { origins: [value] }]),
    ['origins', { origins: 'https://panel.example' }],
    ...['*', 'a:80', '', 'a b', '127.1', '*.a', 'http://a'].map((value): [string, unknown] => [
      'allowedHosts',
      { allowedHosts: [value] },
    ]),
    ...['', false, 0, 'a', {}].map((value): [string, unknown] => [
      'allowedHosts',
      { allowedHosts: value },
    ]),
    ...['yes', 1, 0, '', 'false', {}].map((value): [string, unknown] => [
      'requireOrigin',
      { requireOrigin: value },
    ]),
    ...[0, -1, 65536, '5901', Number.NaN, 1.5].map((value): [string, unknown] => [
      'defaultPort',
      { defaultPort: value },
    ]),
    ...[true, null, 'yes', {}].flatMap((value): [string, unknown][] => [
      ['authorize', { authorize: value }],
      ['resolve', { resolve: value }],
      ['on.open', { on: { open: value } }],
    ]),
    ['allows', { allows: ['*'] }],
    ['Allow', { Allow: ['*'] }],
    ['maxPayload', { maxPayload: 1 }],
    ['timeouts.conect', { timeouts: { conect: 1 } }],
    ['limits.session', { limits: { session: 1 } }],
    ['page.header', { page: { header: {} } }],
    ['on.end', { on: { end() {} } }],
    ['page.title', { page: { title: 1 } }],
    ['page.view', { page: { view: {} } }],
    ['page.headers.X', { page: { headers: { X: 1 } } }],
    ['__proto__', JSON.parse('{"__proto__":{"allow":["*"]}}')],
    ['timeouts.__proto__', JSON.parse('{"timeouts":{"__proto__":{"idle":1}}}')],
    ['constructor', { constructor: 1 }],
    ['logger', { logger: {} }],
    ['logger', { logger: { info() {}, warn() {} } }],
    ['timeouts', { timeouts: 5 }],
    ['limits', { limits: [] }],
  ];
  const accepted = rows.filter(([name, options]) => {
    try {
      novnc({ logger: silent, ...(options as Options) });
      return true;
    } catch (error) {
      assert.ok(error instanceof TypeError && error.message.includes(name), `${name}: ${error}`);
      return false;
    }
  });
  assert.deepEqual(accepted, []);
  for (const options of [[], 'allow', 5, null]) {
    assert.throws(() => novnc(options as Options), TypeError, JSON.stringify(options));
  }
});

test('an option named like a method of Object reaches no prototype', () => {
  const options = JSON.parse(
    '{"page":{"headers":{"__proto__":"x","constructor":"y","X-A":"1"}},"allow":["*"]}',
  );
  novnc({ ...options, logger: silent });
  assert.equal(({} as Record<string, unknown>).polluted, undefined);
  assert.deepEqual(Object.keys(Object.prototype), []);
});

const pieces = fc.constantFrom(
  ...[
    '127.0.0.1',
    '[::1]',
    '[',
    ']',
    ':',
    '::',
    '5900',
    '0x7f',
    '.',
    '..',
    '%',
    '%00',
    '%2f',
    '/',
    '\\',
  ],
  ...[
    '@',
    '?',
    '#',
    'unix:',
    'unix:/run/x',
    'localhost',
    'a',
    'A',
    '-',
    '\0',
    '\n',
    '\u00ad',
    '①',
    'ﬁ',
  ],
  ...[
    'proxy',
    'assets',
    '__proto__',
    'constructor',
    'target=',
    '&',
    'https://',
    'xn--',
    '\ud800',
    ' ',
  ],
  ...['::ffff:127.0.0.1', 'fe80::1%lo', '65535', '65536', '0', '1e3', '+1', '255', 'é', '．', '。'],
);
const texts = fc.oneof(
  { weight: 6, arbitrary: fc.array(pieces, { maxLength: 8 }).map((parts) => parts.join('')) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary-ascii', maxLength: 500 }) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.ipV4Extended(), fc.nat(70000)).map(([ip, port]) => `${ip}:${port}`),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.ipV6(), fc.nat(70000)).map(([ip, port]) => `[${ip}]:${port}`),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.domain(), fc.nat(70000)).map(([name, port]) => `${name}:${port}`),
  },
);

test('T033 any text is no address or a canonical one, which is read back as the same', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const address = parseAddress(text, 5901);
      if (address === null) return;
      assert.ok(isName(text));
      const canonical = formatAddress(address);
      assert.deepEqual(parseAddress(canonical, 1), address);
      assert.equal(formatAddress(parseAddress(canonical, 1)!), canonical);
      if ('path' in address) {
        assert.match(address.path, /^\//);
        assert.ok(Buffer.byteLength(address.path) <= 107);
        assert.ok(!address.path.split('/').includes('..'));
      } else {
        assert.ok(Number.isInteger(address.port) && address.port >= 1 && address.port <= 65535);
        assert.match(address.host, isIPv6(address.host) ? /^[0-9a-f:]+$/ : /^[a-z0-9.-]+$/);
        // What looks like a number to inet_aton is an address in its one spelling, or no host at all.
        if (/^(0x[0-9a-f]*|[0-9]+)$/.test(address.host.split('.').at(-1)!)) {
          assert.ok(isIP(address.host) !== 0);
        }
      }
    }),
    { numRuns: 60_000 },
  );
});

test('T033 no address is read in more than a moment', () => {
  for (const text of [
    'a.'.repeat(200),
    '['.repeat(400),
    ':'.repeat(400),
    '-'.repeat(400),
    '%'.repeat(400),
  ]) {
    for (const form of [text, `[${text}]`, `${text}:5900`, `unix:/${text}`, text.repeat(10_000)]) {
      const started = performance.now();
      parseAddress(form, 5901);
      assert.ok(performance.now() - started < 250);
    }
  }
});

test('T033 routes and queries of any bytes give a result or NAME_INVALID', () => {
  fc.assert(
    fc.property(texts, (text) => {
      for (const url of [text, `/${text}`, `/proxy?${text}`, `/proxy?target=${text}`]) {
        const route = routeOf(url);
        for (const read of [
          () => targetOf(url),
          () => route?.kind === 'page' && decodeName(route.segment),
        ]) {
          try {
            read();
          } catch (error) {
            assert.ok(error instanceof ConsoleError && error.code === 'NAME_INVALID');
          }
        }
      }
    }),
    { numRuns: 20_000 },
  );
});

test('T033 a policy judges every address it is given, and lets nothing special through `*`', () => {
  const policy = compilePolicy(['*']);
  fc.assert(
    fc.property(texts, (text) => {
      const address = parseAddress(text, 5901);
      if (address === null) return;
      const verdict = policy.judge(address);
      assert.ok(['yes', 'no', 'ask'].includes(verdict));
      if ('path' in address) assert.equal(verdict, 'no');
      else if (address.port < 5900 || address.port > 5999) assert.equal(verdict, 'no');
      else if (/^(127|0|22[4-9]|23\d)\.[\d.]+$|^::(1|ffff:.*)?$/.test(address.host))
        assert.equal(verdict, 'no');
    }),
    { numRuns: 20_000 },
  );
});

test('T040 an Origin of any bytes is judged without a throw, and only its own host passes', () => {
  const rules = { origins: [], requireOrigin: true };
  fc.assert(
    fc.property(texts, fc.boolean(), (text, secure) => {
      for (const origin of [text, `https://${text}`, `http://good.example${text}`]) {
        const host = 'good.example';
        const fault = originFault({ origin, host, secure, fetchSite: undefined }, rules);
        if (fault !== null) continue;
        const canonical = parseOrigin(origin)!;
        assert.equal(new URL(canonical).host, host, origin);
      }
      hostnameOf(text);
    }),
    { numRuns: 20_000 },
  );
});

test('T079 the gate judges a banner the same whatever the chunks, and never throws', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc
      .tuple(fc.nat(11), fc.nat(255))
      .map(([at, byte]) => Buffer.from('RFB 003.008\n').fill(byte, at, at + 1)),
    fc
      .constantFrom(
        'RFB ',
        'RFB 003.008\n',
        'RFB 003.889\nx',
        'rfb 003.008\n',
        'HTTP/1.1 400 ',
        'SSH-2.0-x',
      )
      .map((text) => Buffer.from(text)),
  );
  fc.assert(
    fc.property(bytes, (all) => {
      const whole = isBanner(all);
      let dripped = true;
      for (let length = 1; length <= all.length && dripped; length++) {
        dripped = isBanner(all.subarray(0, length));
      }
      assert.equal(dripped, whole);
      const known = /^RFB \d{3}\.\d{3}\n/.test(Buffer.from(all).toString('latin1'));
      if (all.length >= 12) assert.equal(whole, known);
    }),
    { numRuns: 20_000 },
  );
});

/** What came of a browser's bytes, cut into chunks at these lengths. */
function readFrames(bytes: Buffer, cuts: readonly number[], maxPayload: number) {
  const outcome = { payload: [] as Buffer[], controls: [] as string[], fault: '' };
  const frames = new BrowserFrames(
    {
      onBytes: (part) => outcome.payload.push(Buffer.from(part)),
      onControl: (control) => outcome.controls.push(control.toString('hex')),
      onFault: (fault) => {
        outcome.fault = fault;
      },
    },
    maxPayload,
  );
  let at = 0;
  for (const cut of [...cuts, bytes.length]) {
    // A copy each, as a socket gives it: the reader writes into what it is given.
    if (at < bytes.length) frames.push(Buffer.from(bytes.subarray(at, at + Math.max(1, cut))));
    at += Math.max(1, cut);
  }
  const { controls, fault } = outcome;
  return { payload: Buffer.concat(outcome.payload).toString('hex'), controls, fault };
}

const anyFrame = fc.record({
  payload: fc.oneof(
    { weight: 4, arbitrary: fc.uint8Array({ maxLength: 20 }) },
    { weight: 1, arbitrary: fc.uint8Array({ minLength: 100, maxLength: 300 }) },
  ),
  opcode: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(0, 2) },
    { weight: 2, arbitrary: fc.constantFrom(9, 10) },
    { weight: 1, arbitrary: fc.nat(15) },
  ),
  fin: fc.boolean(),
  rsv: fc.oneof({ weight: 20, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(7) }),
  masked: fc.oneof(
    { weight: 20, arbitrary: fc.constant(true) },
    { weight: 1, arbitrary: fc.constant(false) },
  ),
  bits: fc.constantFrom(undefined, undefined, 16, 64),
});

test('T079 frames of any kind are read the same, however they are cut', () => {
  fc.assert(
    fc.property(
      fc.array(anyFrame, { maxLength: 12 }),
      fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 60 }),
      (all, cuts) => {
        const bytes = Buffer.concat(
          all.map(({ payload, bits, ...rest }) =>
            frame(payload, { ...rest, ...(bits !== undefined && { bits: bits as 16 | 64 }) }),
          ),
        );
        const whole = readFrames(bytes, [], 400);
        const dripped = readFrames(
          bytes,
          Array.from({ length: bytes.length }, () => 1),
          400,
        );
        assert.deepEqual(readFrames(bytes, cuts, 400), whole);
        assert.deepEqual(dripped, whole);
      },
    ),
    { numRuns: 3_000 },
  );
});

test('T079 messages that keep the rules arrive as they were sent', () => {
  const message = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(
      fc.array(message, { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 100 }), { maxLength: 60 }),
      (messages, cuts) => {
        const bytes = Buffer.concat(
          messages.flatMap((parts) =>
            parts.flatMap((part, at) => [
              frame(part, { opcode: at === 0 ? 2 : 0, fin: at === parts.length - 1 }),
              frame('ping', { opcode: 9 }),
            ]),
          ),
        );
        const { payload, controls, fault } = readFrames(bytes, cuts, 4_096);
        assert.equal(fault, '');
        assert.equal(payload, Buffer.concat(messages.flat()).toString('hex'));
        assert.equal(controls.length, messages.flat().length);
      },
    ),
    { numRuns: 3_000 },
  );
});
