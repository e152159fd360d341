import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { tlsFault, tlsOptions } from '../../lib/target/certificate.ts';
import { CERTIFICATE, EXPIRED_CERTIFICATE } from '../helpers/certificate.ts';

const { cert, key } = CERTIFICATE;
const PIN = new X509Certificate(cert).fingerprint256;

const good: [string, object][] = [
  ['nothing', {}],
  ['a ca', { ca: cert }],
  ['a ca in bytes', { ca: Buffer.from(cert) }],
  ['several', { ca: [cert, EXPIRED_CERTIFICATE.cert] }],
  ['cert and key', { cert, key }],
  ['a servername', { servername: 'vm-1.example' }],
  ['an address for servername', { servername: 'fd00::1' }],
  ['a pin with colons', { fingerprint256: PIN }],
  ['a pin without colons, in small letters', { fingerprint256: plain(PIN) }],
  ['allowAnonymous', { ca: cert, allowAnonymous: true }],
  ['a pin and no anonymity', { fingerprint256: PIN, allowAnonymous: false }],
];
for (const [title, settings] of good) {
  test(`settings of TLS may have ${title}`, () => assert.equal(tlsFault(settings), null));
}

const bad: [string, unknown, RegExp][] = [
  ['null', null, /no object/],
  ['a text', 'tls', /no object/],
  ['a name that is not known', { rejectUnauthorized: false }, /rejectUnauthorized/],
  ['a ca that is no PEM', { ca: 'SECRET' }, /ca that is no PEM/],
  ['a ca one of which is no PEM', { ca: [cert, 'SECRET'] }, /ca that is no PEM/],
  ['a ca that is no text', { ca: 7 }, /ca that is no PEM/],
  ['a cert alone', { cert }, /cert and key together/],
  ['a key alone', { key }, /cert and key together/],
  [
    'a key of another cert',
    { cert, key: EXPIRED_CERTIFICATE.key },
    /cert and key that do not work/,
  ],
  ['a key that is none', { cert, key: 'SECRET' }, /cert and key that do not work/],
  ['an empty servername', { servername: '' }, /servername/],
  ['a servername with a line end', { servername: 'a\nb' }, /servername/],
  ['a short pin', { fingerprint256: PIN.slice(3) }, /64 hex digits/],
  ['a pin of other letters', { fingerprint256: PIN.replace(/^../, 'xy') }, /64 hex digits/],
  ['a pin that is no text', { fingerprint256: 7 }, /64 hex digits/],
  ['an anonymity that is no boolean', { allowAnonymous: 'yes' }, /allowAnonymous/],
  ['pin and anonymity', { fingerprint256: PIN, allowAnonymous: true }, /fingerprint256 and allow/],
];
for (const [title, settings, fault] of bad) {
  test(`settings of TLS may not have ${title}`, () => {
    assert.match(tlsFault(settings) ?? '', fault);
    assert.doesNotMatch(tlsFault(settings) ?? '', /SECRET/);
  });
}

test('an address is never asked for as a server name, and still is what is checked', () => {
  for (const host of ['10.0.0.7', 'fd00::7']) {
    const options = tlsOptions({}, host);
    assert.equal(options.servername, undefined);
    const subject = { subject: {}, subjectaltname: 'DNS:vm' } as never;
    assert.match(
      options.checkServerIdentity?.('ignored', subject)?.message ?? '',
      /10\.0\.0\.7|fd00/,
    );
  }
});

test('the options of a socket show no key', async () => {
  const { inspect } = await import('node:util');
  const shown = inspect(tlsOptions({ cert, key }, 'vm'), { depth: 9, showHidden: true });
  assert.doesNotMatch(shown, /PRIVATE KEY/);
});

function plain(pin: string): string {
  return pin.replaceAll(':', '').toLowerCase();
}
