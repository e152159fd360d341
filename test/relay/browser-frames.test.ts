import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BrowserFrames } from '../../lib/relay/browser-frames.ts';
import { hex, noise, toHex } from '../helpers/bytes.ts';
import { header, maskedFrame } from '../helpers/frames.ts';
import { turn } from '../helpers/inbox.ts';

const MASK = hex('12 34 56 78');

/** A parser, and what it said: bytes joined, all else in order. */
function open(maxPayload = 1_000_000) {
  const said: string[] = [];
  let bytes: Buffer = Buffer.alloc(0);
  const settle = () => {
    if (bytes.length > 0) said.push(`bytes ${toHex(bytes)}`);
    bytes = Buffer.alloc(0);
  };
  const frames = new BrowserFrames(
    {
      onBytes(each) {
        assert.ok(each.length > 0);
        bytes = Buffer.concat([bytes, each]);
      },
      onControl(frame) {
        settle();
        said.push(`control ${toHex(frame)}`);
      },
      onFault(fault) {
        settle();
        said.push(fault);
      },
    },
    maxPayload,
  );
  return {
    push: (each: Uint8Array) => frames.push(Buffer.from(each)),
    said: () => {
      settle();
      return said;
    },
  };
}

/** A stream of frames, and what is said of it. */
const streams: [string, Buffer[], string[]][] = [
  ['one message', [maskedFrame(0x82, hex('01 02 03 04 05'))], ['bytes 01 02 03 04 05']],
  ['an empty message', [maskedFrame(0x82)], []],
  [
    'three messages',
    [maskedFrame(0x82, hex('01')), maskedFrame(0x82), maskedFrame(0x82, hex('02 03'))],
    ['bytes 01 02 03'],
  ],
  [
    'a message in fragments, with a ping between them',
    [
      maskedFrame(0x02, hex('01 02')),
      maskedFrame(0x89, hex('aa bb')),
      maskedFrame(0x00, hex('03')),
      maskedFrame(0x00),
      maskedFrame(0x80, hex('04')),
      maskedFrame(0x82, hex('05')),
    ],
    ['bytes 01 02', `control ${toHex(maskedFrame(0x89, hex('aa bb')))}`, 'bytes 03 04 05'],
  ],
  [
    'a close frame behind a message',
    [maskedFrame(0x82, hex('01')), maskedFrame(0x88, hex('03 e8'))],
    ['bytes 01', `control ${toHex(maskedFrame(0x88, hex('03 e8')))}`],
  ],
  ['a text message', [maskedFrame(0x81, hex('61')), maskedFrame(0x82, hex('01'))], ['TEXT_FRAME']],
  ['text in fragments', [maskedFrame(0x01, hex('61'))], ['TEXT_FRAME']],
  [
    'bytes, then text',
    [maskedFrame(0x82, hex('01')), maskedFrame(0x81)],
    ['bytes 01', 'TEXT_FRAME'],
  ],
  ['an unmasked frame', [hex('82 01 00')], ['BROWSER_PROTOCOL']],
  ['a reserved bit', [maskedFrame(0xc2, hex('01'))], ['BROWSER_PROTOCOL']],
  ['another reserved bit', [maskedFrame(0x92)], ['BROWSER_PROTOCOL']],
  ['an unknown opcode', [maskedFrame(0x83)], ['BROWSER_PROTOCOL']],
  ['a stray continuation', [maskedFrame(0x80, hex('01'))], ['BROWSER_PROTOCOL']],
  [
    'a message within a message',
    [maskedFrame(0x02, hex('01')), maskedFrame(0x82, hex('02'))],
    ['bytes 01', 'BROWSER_PROTOCOL'],
  ],
  [
    'text within a message',
    [maskedFrame(0x02, hex('01')), maskedFrame(0x81, hex('61'))],
    ['bytes 01', 'BROWSER_PROTOCOL'],
  ],
  ['a huge length', [hex('82 ff 7f ff ff ff ff ff ff ff 00 00 00 00')], ['MESSAGE_TOO_LARGE']],
  ['a length of 2^32', [hex('82 ff 00 00 00 01 00 00 00 00 00 00 00 00')], ['MESSAGE_TOO_LARGE']],
];

for (const [title, frames, said] of streams) {
  const bytes = Buffer.concat(frames);

  test(`${title}, whole`, () => {
    const parser = open();
    parser.push(bytes);
    assert.deepEqual(parser.said(), said);
  });

  test(`${title}, byte by byte`, async () => {
    const parser = open();
    for (const byte of bytes) {
      parser.push(Uint8Array.of(byte));
      await turn();
    }
    assert.deepEqual(parser.said(), said);
  });

  test(`${title}, in two parts, wherever it is cut`, () => {
    for (let cut = 0; cut <= bytes.length; cut++) {
      const parser = open();
      parser.push(bytes.subarray(0, cut));
      parser.push(bytes.subarray(cut));
      assert.deepEqual(parser.said(), said, `cut at ${cut}`);
    }
  });
}

test('a control frame that breaks the protocol is left to ws as soon as it is seen', () => {
  const heads = ['89 fe', '88 ff', '09 80', '8f 80', 'c9 80'];
  for (const head of heads) {
    const parser = open();
    const isLong = (hex(head)[1]! & 0x7f) > 125;
    parser.push(hex(isLong ? head : `${head} 00 00 00 00`));
    assert.deepEqual(parser.said(), [`control ${isLong ? head : `${head} 00 00 00 00`}`]);
  }
});

test('a message may be as long as maxPayload, whole or in fragments, and no longer', () => {
  const whole = open(10);
  whole.push(maskedFrame(0x82, noise(10)));
  whole.push(maskedFrame(0x82, noise(10)));
  assert.deepEqual(whole.said(), [`bytes ${toHex(Buffer.concat([noise(10), noise(10)]))}`]);
  whole.push(Buffer.concat([header(0x82, 11, 0x80), MASK]));
  assert.equal(whole.said().at(-1), 'MESSAGE_TOO_LARGE', 'at the head, before its bytes');
  const fragments = open(10);
  fragments.push(maskedFrame(0x02, noise(6)));
  fragments.push(maskedFrame(0x00, noise(4)));
  fragments.push(maskedFrame(0x00, noise(1)));
  const both = Buffer.concat([noise(6), noise(4)]);
  assert.deepEqual(fragments.said(), [`bytes ${toHex(both)}`, 'MESSAGE_TOO_LARGE']);
});

test('nothing is read after a fault', () => {
  const parser = open();
  parser.push(maskedFrame(0x81));
  parser.push(maskedFrame(0x82, hex('01')));
  parser.push(maskedFrame(0x88));
  assert.deepEqual(parser.said(), ['TEXT_FRAME']);
});

test('a length in more bytes than it needs is a length', () => {
  const parser = open();
  parser.push(Buffer.concat([hex('82 fe 00 01'), MASK, Uint8Array.of(0xaa ^ 0x12)]));
  parser.push(
    Buffer.concat([hex('82 ff 00 00 00 00 00 00 00 01'), MASK, Uint8Array.of(0xbb ^ 0x12)]),
  );
  assert.deepEqual(parser.said(), ['bytes aa bb']);
});

test('any messages in any fragments come out as their bytes, however they are cut', () => {
  const size = fc.oneof(
    fc.nat(8),
    fc.integer({ min: 50, max: 200 }),
    fc.constantFrom(125, 126, 1_000, 65_535, 65_536),
  );
  const message = fc.array(size, { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(message, fc.boolean()), { maxLength: 6 }),
      fc.array(fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 70_000 })), {
        minLength: 1,
      }),
      (messages, cuts) => {
        const frames: Buffer[] = [];
        const expected: Buffer[] = [];
        let pings = 0;
        for (const [sizes, hasPing] of messages) {
          for (const [at, length] of sizes.entries()) {
            const fin = at === sizes.length - 1 ? 0x80 : 0;
            const payload = noise(length, length + at);
            frames.push(maskedFrame(fin | (at === 0 ? 2 : 0), payload));
            expected.push(payload);
          }
          if (hasPing) frames.push(maskedFrame(0x89, noise(7)));
          if (hasPing) pings++;
        }
        const stream = Buffer.concat(frames);
        const found: Buffer[] = [];
        let controls = 0;
        const parser = new BrowserFrames(
          {
            onBytes: (bytes) => found.push(Buffer.from(bytes)),
            onControl: () => controls++,
            onFault: (fault) => assert.fail(fault),
          },
          2 ** 20,
        );
        for (let at = 0, cut = 0; at < stream.length; cut++) {
          const length = cuts[cut % cuts.length]!;
          parser.push(Buffer.from(stream.subarray(at, at + length)));
          at += length;
        }
        assert.equal(controls, pings);
        assert.ok(Buffer.concat(found).equals(Buffer.concat(expected)));
      },
    ),
    { numRuns: 300 },
  );
});

test('any bytes at all are read without a throw, and cutting changes nothing', () => {
  const opening = fc.constantFrom('82 81', '82 fe', '02 80', '80 80', '89 82', '88 80', '');
  fc.assert(
    fc.property(opening, fc.uint8Array({ maxLength: 60 }), fc.nat(60), (start, rest, cut) => {
      const stream = Buffer.concat([hex(start), rest]);
      const whole = open(50);
      whole.push(stream);
      const parts = open(50);
      parts.push(stream.subarray(0, cut));
      parts.push(stream.subarray(cut));
      assert.deepEqual(parts.said(), whole.said());
    }),
    { numRuns: 20_000 },
  );
});
