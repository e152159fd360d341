import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseAddress } from '../../lib/target/name.ts';
import { compilePolicy } from '../../lib/target/policy.ts';

/** The verdict on a name, before anything is looked up. */
function judge(rules: string[], name: string): string {
  return compilePolicy(rules).judge(parseAddress(name, 5901)!);
}

const verdicts: [string[], string, string][] = [
  [[], '10.0.0.7', 'no'],
  [[], 'host.example', 'no'],
  [['10.0.0.7'], '10.0.0.7', 'yes'],
  [['10.0.0.7'], '10.0.0.8', 'no'],
  [['10.0.0.7'], '10.0.0.7:5900', 'yes'],
  [['10.0.0.7'], '10.0.0.7:5999', 'yes'],
  [['10.0.0.7'], '10.0.0.7:6000', 'no'],
  [['10.0.0.7'], '10.0.0.7:5899', 'no'],
  [['10.0.0.7:22'], '10.0.0.7:22', 'yes'],
  [['10.0.0.7:22'], '10.0.0.7', 'no'],
  [['10.0.0.7:1-3'], '10.0.0.7:3', 'yes'],
  [['10.0.0.7:1-3'], '10.0.0.7:4', 'no'],
  [['10.0.0.0/8'], '10.255.255.255', 'yes'],
  [['10.0.0.0/8'], '11.0.0.0', 'no'],
  [['10.0.0.0/8'], 'host.example', 'ask'],
  [['10.0.0.0/8:22'], 'host.example', 'no'],
  [['0.0.0.0/0'], '127.0.0.1', 'yes'],
  [['0.0.0.0/0'], '[::1]', 'no'],
  [['0.0.0.0/0'], '[::ffff:a00:7]', 'no'],
  [['::/0'], '[::1]', 'yes'],
  [['::/0'], '10.0.0.7', 'no'],
  [['fd00::/8'], '[fd00::1]', 'yes'],
  [['[fd00::]/8:22'], '[fd00::1]:22', 'yes'],
  [['[fd00::]/8:22'], '[fd00::1]:5901', 'no'],
  [['::1'], '[::1]', 'yes'],
  [['[::1]'], '[0::1]:5950', 'yes'],
  [['[::1]:1-9'], '[::1]:9', 'yes'],
  [['host.example'], 'host.example', 'yes'],
  [['HOST.example.'], 'Host.Example', 'yes'],
  [['host.example'], 'a.host.example', 'no'],
  [['host.example'], '10.0.0.7', 'no'],
  [['*.example'], 'a.example', 'yes'],
  [['*.example'], 'a.b.example', 'yes'],
  [['*.example'], 'example', 'no'],
  [['*.example'], 'badexample', 'no'],
  [['*.example'], 'a.example.evil', 'no'],
  [['*'], 'host.example', 'yes'],
  [['*'], '10.0.0.7', 'yes'],
  [['*'], '10.0.0.7:22', 'no'],
  [['*:22'], '10.0.0.7:22', 'yes'],
  [['*'], 'localhost', 'yes'],
  [['localhost'], 'localhost', 'yes'],
  [['localhost'], '127.0.0.1', 'no'],
  [['10.0.0.7', 'host.example:22'], 'host.example:22', 'yes'],
  [['*'], 'unix:/run/x', 'no'],
  [['unix:/run/x'], 'unix:/run/x', 'yes'],
  [['unix:/run/x'], 'unix:/run/xy', 'no'],
  [['unix:/run/*.sock'], 'unix:/run/vm.sock', 'yes'],
  [['unix:/run/*.sock'], 'unix:/run/.sock', 'yes'],
  [['unix:/run/*.sock'], 'unix:/run/vm.sock2', 'no'],
  [['unix:/run/*.sock'], 'unix:/run/a/vm.sock', 'no'],
  [['unix:/run/vm-?'], 'unix:/run/vm-1', 'yes'],
  [['unix:/run/vm-?'], 'unix:/run/vm-12', 'no'],
  [['unix:/run/a+b(c)[d].$'], 'unix:/run/a+b(c)[d].$', 'yes'],
  [['unix:/run/a.b'], 'unix:/run/axb', 'no'],
  [['unix:/run/x'], '10.0.0.7', 'no'],
];

for (const [rules, name, verdict] of verdicts) {
  test(`[${rules}] says ${verdict} to ${name}`, () => assert.equal(judge(rules, name), verdict));
}

const HIDDEN = [
  '0.0.0.0',
  '0.1.2.3',
  '127.0.0.1',
  '127.255.255.254',
  '169.254.169.254',
  '224.0.0.1',
  '239.255.255.255',
  '255.255.255.255',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
  '::',
  '::1',
  '::7f00:1',
  '::ffff:a9fe:a9fe',
  '::ffff:0:7f00:1',
  '64:ff9b::7f00:1',
  '64:ff9b:1::1',
  '2001::1',
  '2002:7f00:1::',
  'fe80::1',
  'febf::1',
  'ff02::1',
  'fd00:ec2::254',
  'fd20:ce::254',
  'fd00:42::42',
];

test('a hidden address is reached by no * and no name, only by a rule that covers it', () => {
  for (const ip of HIDDEN) {
    const literal = { host: ip, port: 5901 };
    assert.equal(compilePolicy(['*']).mayDial(ip, literal), false, ip);
    assert.equal(compilePolicy(['*']).judge(literal), 'no', ip);
    const named = { host: 'a.example', port: 5901 };
    assert.equal(compilePolicy(['*', '*.example']).mayDial(ip, named), false, ip);
    assert.equal(compilePolicy([ip]).mayDial(ip, literal), true, ip);
    assert.equal(compilePolicy([ip]).mayDial(ip, named), true, ip);
    assert.equal(compilePolicy(['a.example']).mayDial(ip, named), true, `the name itself, ${ip}`);
    assert.equal(compilePolicy(['b.example']).mayDial(ip, named), false, ip);
  }
});

test('a name that no rule names is dialled only at addresses in a rule, on its ports', () => {
  const { mayDial } = compilePolicy(['10.0.0.0/8:5900', 'fd00::/8', 'other.example']);
  const asked = (port: number) => ({ host: 'host.example', port });
  assert.equal(mayDial('10.0.0.7', asked(5900)), true);
  assert.equal(mayDial('10.0.0.7', asked(5901)), false);
  assert.equal(mayDial('11.0.0.7', asked(5900)), false);
  assert.equal(mayDial('fd00::1', asked(5901)), true);
  assert.equal(mayDial('::ffff:a00:7', asked(5900)), false);
});

test('an ordinary address of a name under a suffix or * is dialled', () => {
  for (const rules of [['*'], ['*.example'], ['a.example']]) {
    const { mayDial } = compilePolicy(rules);
    assert.equal(mayDial('93.184.216.34', { host: 'a.example', port: 5901 }), true);
    assert.equal(mayDial('2606:2800::1', { host: 'a.example', port: 5901 }), true);
    assert.equal(mayDial('93.184.216.34', { host: 'a.example', port: 80 }), false);
  }
});

test('an address with a zone is never let through by * or a name that is no rule', () => {
  const { mayDial } = compilePolicy(['*']);
  for (const ip of ['fe80::1%lo', 'fe80::1%eth0']) {
    assert.equal(mayDial(ip, { host: 'a.example', port: 5901 }), false, ip);
  }
});

const wrongRules = [
  '',
  ':5900',
  '10.0.0.0/33',
  '10.0.0/8',
  '10.0.0.0/',
  '10.0.0.0/08',
  '10.0.0.0/-1',
  '10.0.0.256',
  '127.1',
  '0x7f000001',
  'host.example/8',
  '::1/129',
  '[::1',
  '[10.0.0.1]',
  '[fe80::1%lo]',
  ':::',
  '*.',
  '*.*',
  '*.10.0.0.1',
  'a*b',
  '*a',
  '**',
  'a b',
  'host:',
  'host:0',
  'host:65536',
  'host:2-1',
  'host:1-2-3',
  'host:1-',
  'host:-1',
  'host:a',
  'http://host',
  'unix:',
  'unix:x',
  'unix:/',
  'unix:/run/',
  'unix:/*/x',
  'unix:/run/../x',
  'unix:/run//x',
];

for (const rule of wrongRules) {
  test(`${JSON.stringify(rule)} is no rule, and the error quotes it`, () => {
    assert.throws(
      () => compilePolicy(['10.0.0.1', rule]),
      (error: Error) =>
        error instanceof TypeError &&
        error.message.includes(`${JSON.stringify(rule)} is not a rule: expected`),
    );
  });
}

test('a rule that is no text is refused', () => {
  assert.throws(() => compilePolicy([7 as never]), TypeError);
});

test('a hostile pattern takes no time', () => {
  const { judge } = compilePolicy(['unix:/run/*a*a*a*b']);
  const start = performance.now();
  judge({ path: `/run/${'a'.repeat(95)}` });
  assert.ok(performance.now() - start < 100);
});

test('any text is a rule or a TypeError, and never lets a hidden literal through by a name', () => {
  const piece = fc.constantFrom(
    ...[
      '1',
      '0',
      '.',
      ':',
      '[',
      ']',
      '/',
      '-',
      'a',
      '*',
      '::',
      'unix:',
      '10.0.0.0',
      '/8',
      ':5900',
      '?',
    ],
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.array(piece, { maxLength: 10 }).map((pieces) => pieces.join('')),
    fc.tuple(fc.ipV4(), fc.nat(40)).map(([ip, bits]) => `${ip}/${bits}`),
    fc.tuple(fc.ipV6(), fc.nat(140)).map(([ip, bits]) => `[${ip}]/${bits}:5900`),
  );
  fc.assert(
    fc.property(text, fc.ipV4(), (rule, ip) => {
      try {
        compilePolicy([rule]).judge({ host: ip, port: 5900 });
      } catch (error) {
        assert.ok(error instanceof TypeError, `${rule}: ${error}`);
      }
    }),
    { numRuns: 20_000 },
  );
});

test('an IPv4 network lets through exactly its addresses', () => {
  const bits = (ip: string) => ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  fc.assert(
    fc.property(fc.ipV4(), fc.ipV4(), fc.integer({ min: 0, max: 32 }), (base, ip, length) => {
      const inside =
        Math.floor(bits(base) / 2 ** (32 - length)) === Math.floor(bits(ip) / 2 ** (32 - length));
      const { judge } = compilePolicy([`${base}/${length}`]);
      assert.equal(judge({ host: ip, port: 5900 }), inside ? 'yes' : 'no');
    }),
    { numRuns: 3_000 },
  );
});
