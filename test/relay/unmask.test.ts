import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { native, unmask } from '../../lib/relay/unmask.ts';

/** RFC 6455 section 5.3, as it is written. */
function byTheBook(bytes: Uint8Array, key: number): Buffer {
  return Buffer.from(bytes.map((byte, at) => byte ^ ((key >>> ((at % 4) * 8)) & 0xff)));
}

const ways = [
  { name: 'our own loop', by: null },
  { name: 'bufferutil', by: native },
];

test('bufferutil is there to be tested', () => {
  assert.equal(typeof native?.unmask, 'function');
});

for (const { name, by } of ways) {
  test(`${name} unmasks any bytes at any offset, in any two parts`, () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 1200 }),
        fc.integer(),
        fc.nat(7),
        fc.nat(1200),
        (payload, key, offset, cut) => {
          const bytes = Buffer.concat([Buffer.alloc(offset, 1), payload, Buffer.alloc(3, 2)]);
          const end = offset + payload.length;
          const middle = Math.min(offset + cut, end);
          const turned = unmask(bytes, offset, middle, key, by);
          unmask(bytes, middle, end, turned, by);
          assert.deepEqual(bytes.subarray(offset, end), byTheBook(payload, key));
          assert.ok(
            bytes.subarray(0, offset).every((byte) => byte === 1),
            'what is in front stays',
          );
          assert.ok(
            bytes.subarray(end).every((byte) => byte === 2),
            'and what is behind',
          );
        },
      ),
      { numRuns: 500 },
    );
  });
}
