import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Handshake, hostnameOf, originFault, parseOrigin } from '../../lib/web/origin.ts';

const RULES = { origins: ['https://panel.example'], requireOrigin: false };

/** Why an origin is refused for a host, or null. */
function fault(
  origin: string | undefined,
  host: string | undefined,
  rest: Partial<Handshake> = {},
) {
  return originFault({ origin, host, secure: false, fetchSite: undefined, ...rest }, RULES);
}

const allowed: [string | undefined, string | undefined, Partial<Handshake>?][] = [
  [undefined, 'a.example'],
  [undefined, undefined],
  ['http://a.example', 'a.example'],
  ['https://a.example', 'a.example'],
  ['https://a.example', 'a.example', { secure: true }],
  ['http://a.example', 'a.example:80'],
  ['http://a.example:80', 'a.example'],
  ['https://a.example', 'a.example:443'],
  ['https://a.example:8443', 'a.example:8443'],
  ['HTTP://A.example', 'a.EXAMPLE'],
  ['http://[::1]:3000', '[::1]:3000'],
  ['http://127.0.0.1:3000', '127.0.0.1:3000'],
  ['https://panel.example', 'other.example'],
  ['https://panel.example:443', undefined],
  ['https://panel.example', 'other.example', { fetchSite: 'cross-site' }],
  ['http://a.example', 'a.example', { fetchSite: 'same-origin' }],
  ['http://a.example', 'a.example', { fetchSite: 'same-site' }],
];
for (const [origin, host, rest] of allowed) {
  test(`a page of ${origin} opens ${host} ${JSON.stringify(rest ?? {})}`, () => {
    assert.equal(fault(origin, host, rest), null);
  });
}

const refused: [string, string | undefined, Partial<Handshake>?][] = [
  ['http://evil.example', 'a.example'],
  ['http://a.example.evil', 'a.example'],
  ['http://sub.a.example', 'a.example'],
  ['http://example', 'a.example'],
  ['http://a.example:81', 'a.example'],
  ['http://a.example', 'a.example:81'],
  ['http://a.example', 'a.example', { secure: true }],
  ['http://a.example', 'a.example', { fetchSite: 'cross-site' }],
  ['http://panel.example', 'a.example'],
  ['http://good@a.example', 'a.example'],
  ['http://a.example/', 'a.example'],
  ['http://a.example?', 'a.example'],
  ['http://a.example#', 'a.example'],
  ['http://a.example, http://a.example', 'a.example'],
  ['http://a.example,', 'a.example'],
  ['ftp://a.example', 'a.example'],
  ['a.example', 'a.example'],
  ['null', 'a.example'],
  ['null', 'null'],
  ['', 'a.example'],
  ['', ''],
  [' ', 'a.example'],
  ['http://', ''],
  ['http://127.1', '127.0.0.1'],
  ['http://a.example', undefined],
  ['http://a.example', ''],
  ['http://a.example', 'a.example, a.example'],
  ['http://a.example', 'x@a.example'],
  ['http://a.example', 'a.example/x'],
  ['chrome-extension://abcdef', 'abcdef'],
];
for (const [origin, host, rest] of refused) {
  test(`a page of ${JSON.stringify(origin)} does not open ${host} ${JSON.stringify(rest ?? {})}`, () => {
    assert.equal(typeof fault(origin, host, rest), 'string');
  });
}

test('requireOrigin refuses what has no Origin', () => {
  const handshake = { origin: undefined, host: 'a', secure: false, fetchSite: undefined };
  const rules = { origins: [], requireOrigin: true };
  assert.match(originFault(handshake, rules) ?? '', /requireOrigin/);
  assert.equal(originFault({ ...handshake, origin: 'http://a' }, rules), null);
});

test('the fault of a proxy that hides the host says what to set', () => {
  assert.match(fault('https://a.example', 'inner:3000') ?? '', /origins.*Host.*trust proxy/);
});

test('an origin has one spelling, and no text makes it throw', () => {
  assert.equal(parseOrigin('HTTPS://Panel.Example:443'), 'https://panel.example');
  assert.equal(parseOrigin('https://panel.example:8443'), 'https://panel.example:8443');
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.webUrl(), (text, url) => {
      for (const each of [text, `http://${text}`, url, new URL(url).origin]) {
        const origin = parseOrigin(each);
        if (origin !== null) assert.equal(parseOrigin(origin), origin);
      }
      fault(text, text);
    }),
    { numRuns: 3_000 },
  );
});

test('the host name of a Host header is without port and brackets, or null', () => {
  assert.equal(hostnameOf('A.Example:3000'), 'a.example');
  assert.equal(hostnameOf('[::1]:3000'), '::1');
  assert.equal(hostnameOf('127.0.0.1'), '127.0.0.1');
  for (const host of [
    undefined,
    '',
    'a b',
    'x@a',
    'a/b',
    'a,b',
    '127.1',
    'evil"><script>',
    ':80',
  ]) {
    assert.equal(hostnameOf(host), null, host);
  }
});
