import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Rights } from '../../lib/rfb/rights.ts';
import { ServerMessages } from '../../lib/rfb/server-messages.ts';
import { hex, toHex } from '../helpers/bytes.ts';
import { FORMATS, setPixelFormat } from './helpers/browser-says.ts';
import * as server from './helpers/server-says.ts';
import { rectangle, serverCutText, serverInit, update } from './helpers/server-says.ts';
import { ALL, assertFilters, begin, filterAll } from './helpers/sessions.ts';

const NO_COPY: Rights = { ...ALL, clipboard: 'to-server' };

/** JPEG: tables, a restart, stuffed bytes, and two scans, one right behind the other. */
const JPEG = hex(`
  ffd8 ffe0 0004 ffd9 ffdb 0003 01 ffc0 0002
  ffda 0004 ffd9 11ff0022ffd033ff00 ffda 0003 ff ff0044 ffd9
`);

const PIXEL = '01020304';

/** Rectangles of all encodings in 32 bits a pixel; what is in them looks like a ServerCutText. */
const RECTANGLES: readonly [name: string, bytes: Buffer][] = [
  ['Raw', rectangle(0, 3, 2, '03000000'.repeat(6))],
  ['Raw without pixels', rectangle(0, 0, 9)],
  ['CopyRect', rectangle(1, 9, 9, '00030000')],
  ['RRE', rectangle(2, 9, 9, `00000002 ${PIXEL} ${`${PIXEL} 0003000000030000`.repeat(2)}`)],
  ['RRE of its background only', rectangle(2, 9, 9, `00000000 ${PIXEL}`)],
  ['CoRRE', rectangle(4, 9, 9, `00000002 ${PIXEL} ${`${PIXEL} 03000000`.repeat(2)}`)],
  [
    'Hextile',
    rectangle(
      5,
      17,
      18,
      [
        `01 ${'03000000'.repeat(16 * 16)}`, // raw
        `0e ${PIXEL} ${PIXEL} 02 0303 0303`, // background, foreground, rectangles
        `1a ${PIXEL} 01 ${PIXEL} 0303`, // background, coloured rectangles
        '00', // the same background
      ].join(''),
    ),
  ],
  ['Hextile, raw at the edges', rectangle(5, 17, 17, tiles())],
  ['Hextile of no tile', rectangle(5, 0, 16)],
  ['Hextile with 0 rectangles', rectangle(5, 16, 16, '18 00')],
  ['Hextile that is raw whatever else it says', rectangle(5, 1, 1, `1f ${PIXEL}`)],
  ['Zlib', rectangle(6, 9, 9, '00000003 030303')],
  ['ZRLE', rectangle(16, 9, 9, '00000004 03030303')],
  ['H.264', rectangle(50, 9, 9, '00000002 00000001 0303')],
  ['JPEG', rectangle(21, 9, 9, JPEG)],
  ['Tight, filled', rectangle(7, 9, 9, '80 030303')],
  ['Tight, filled, with all streams reset', rectangle(7, 9, 9, '8f 030303')],
  ['Tight, JPEG', rectangle(7, 9, 9, '90 03 030303')],
  ['Tight, basic', rectangle(7, 2, 2, '00 04 03030303')],
  ['Tight, basic, a length of two bytes', rectangle(7, 9, 9, `30 8001 ${'03'.repeat(128)}`)],
  ['Tight, basic, a length of three bytes', rectangle(7, 9, 9, `30 808001 ${'03'.repeat(16384)}`)],
  ['Tight, basic, too little to compress', rectangle(7, 3, 1, `00 ${'03'.repeat(9)}`)],
  ['Tight, basic, with the filter that copies', rectangle(7, 2, 2, '40 00 03 030303')],
  ['Tight, gradient', rectangle(7, 2, 2, '70 02 03 030303')],
  ['Tight, gradient, too little to compress', rectangle(7, 1, 1, '40 02 030303')],
  ['Tight, two colours', rectangle(7, 8, 12, `40 01 01 ${'030303'.repeat(2)} 02 0303`)],
  [
    'Tight, two colours, little',
    rectangle(7, 9, 5, `40 01 01 ${'030303'.repeat(2)} ${'03'.repeat(10)}`),
  ],
  ['Tight, a palette', rectangle(7, 4, 3, `60 01 02 ${'030303'.repeat(3)} 02 0303`)],
  ['Tight, a palette of 256', rectangle(7, 4, 3, `60 01 ff ${'030303'.repeat(256)} 01 03`)],
  [
    'Tight, a palette, little',
    rectangle(7, 11, 1, `60 01 02 ${'030303'.repeat(3)} ${'03'.repeat(11)}`),
  ],
  ['Tight without pixels', rectangle(7, 0, 3, '00')],
  ['TightPNG', rectangle(-260, 9, 9, 'a0 03 030303')],
  ['TightPNG, JPEG', rectangle(-260, 9, 9, '90 03 030303')],
  ['TightPNG, filled', rectangle(-260, 9, 9, '80 030303')],
  ['Cursor', rectangle(-239, 9, 2, `${PIXEL.repeat(18)} 03000300`)],
  ['Cursor without pixels', rectangle(-239, 0, 0)],
  ['XCursor', rectangle(-240, 9, 2, '030303030303 03000300 03000300')],
  ['XCursor without pixels', rectangle(-240, 0, 0)],
  ['VMware cursor', rectangle(0x574d5664, 2, 1, `00 00 ${PIXEL.repeat(4)}`)],
  ['VMware cursor with alpha', rectangle(0x574d5664, 2, 1, `01 00 ${PIXEL.repeat(2)}`)],
  ['VMware LEDs', rectangle(0x574d5668, 0, 0, '03000000')],
  ['DesktopSize', rectangle(-223, 800, 600)],
  ['PointerPos', rectangle(-232, 0, 0)],
  ['DesktopName', rectangle(-307, 0, 0, '00000004 03000000')],
  ['ExtendedDesktopSize', rectangle(-308, 8, 8, `02 000000 ${'03000000'.repeat(8)}`)],
  ['xvp', rectangle(-309, 0, 0)],
  ['QEMU pointer motion', rectangle(-257, 0, 0)],
  ['QEMU keys', rectangle(-258, 0, 0)],
  ['QEMU LEDs', rectangle(-261, 0, 0, '03')],
  ['extended mouse buttons', rectangle(-316, 0, 0)],
];

function tiles(): string {
  const raw = (pixels: number) => `01 ${'03000000'.repeat(pixels)}`;
  return raw(16 * 16) + raw(1 * 16) + raw(16 * 1) + raw(1);
}

const MESSAGES: readonly [name: string, bytes: Buffer][] = [
  ['an update without rectangles', update([])],
  ['a bell', server.bell],
  ['a colour map', server.colourMap],
  ['EndOfContinuousUpdates', server.endOfContinuousUpdates],
  ['a fence', server.serverFence('\x03\x00\x00')],
  ['xvp', server.xvpInit],
  [
    'an update that LastRect ends',
    update([rectangle(0, 1, 1, PIXEL), rectangle(-224, 0, 0)], 0xffff),
  ],
  [
    'an update of all that is not long',
    update(RECTANGLES.map(([, bytes]) => bytes).filter(({ length }) => length < 200)),
  ],
];

const texts = [serverCutText('what was copied'), serverCutText(''), server.extendedCaps];

for (const [name, bytes] of [
  ...MESSAGES,
  ...RECTANGLES.map(([name, bytes]) => [name, update([bytes])] as const),
]) {
  test(`${name} passes, and text behind it is found`, () => {
    const stream = Buffer.concat([serverInit(), bytes, texts[0]!, bytes, texts[1]!, texts[2]!]);
    const chunks = [stream];
    const all = new ServerMessages(ALL);
    assert.deepEqual(filterAll(all, chunks), stream);
    assert.equal(all.isFramed, true);
    const expected = Buffer.concat([serverInit(), bytes, bytes]);
    if (stream.length < 1_500) assertFilters(() => new ServerMessages(NO_COPY), stream, expected);
    else assert.deepEqual(filterAll(new ServerMessages(NO_COPY), chunks), expected);
  });
}

test('pixels have the length that the browser has asked for', () => {
  const cases: [keyof typeof FORMATS, Buffer][] = [
    [8, rectangle(0, 2, 2, '03000000')],
    [16, rectangle(0, 1, 2, '03000000')],
    [8, rectangle(5, 1, 1, '1e 03 03 01 03 0303')],
    [16, rectangle(2, 1, 1, `00000001 0303 0303 ${'00'.repeat(8)}`)],
    [8, rectangle(7, 3, 3, `00 ${'03'.repeat(9)}`)],
    [16, rectangle(7, 3, 1, '00 030303030303')],
    [16, rectangle(7, 3, 2, '00 02 0303')],
    [8, rectangle(7, 3, 3, `40 01 03 03030303 ${'03'.repeat(9)}`)],
    [16, rectangle(7, 3, 3, '80 0303')],
    [8, rectangle(-239, 8, 1, '0303030303030303 03')],
    [16, rectangle(0x574d5664, 1, 1, '00 00 03030303')],
  ];
  for (const [bits, bytes] of cases) {
    const make = () => {
      const { browser, server } = begin(NO_COPY);
      browser.filter(Buffer.concat([Buffer.of(1), setPixelFormat(FORMATS[bits])]));
      return server;
    };
    const sent = Buffer.concat([serverInit(), update([bytes])]);
    assertFilters(
      make,
      Buffer.concat([sent, texts[0]!, server.bell]),
      Buffer.concat([sent, server.bell]),
    );
    // The server's own, if the browser asks for none.
    const own = Buffer.concat([serverInit(FORMATS[bits]), update([bytes])]);
    assertFilters(() => new ServerMessages(NO_COPY), Buffer.concat([own, texts[0]!]), own);
  }
});

test('a chunk without text comes back as it is, and one with text as a view', () => {
  const messages = new ServerMessages(NO_COPY);
  const plain = Buffer.concat([serverInit(), update([RECTANGLES[0]![1]])]);
  assert.equal(messages.filter(plain), plain);
  const mixed = Buffer.concat([server.bell, texts[0]!, server.colourMap, texts[0]!, server.bell]);
  const out = messages.filter(mixed);
  assert.equal(out.buffer, mixed.buffer);
  assert.equal(toHex(out), toHex(Buffer.concat([server.bell, server.colourMap, server.bell])));
});

test('a text of 2 GiB is left out without being held', () => {
  const messages = new ServerMessages(NO_COPY);
  messages.filter(serverInit());
  assert.equal(messages.filter(hex('03 000000 7fffffff')).length, 0);
  const chunk = Buffer.alloc(2 ** 24);
  for (let i = 0; i < 127; i++) assert.equal(messages.filter(chunk).length, 0);
  const last = Buffer.concat([Buffer.alloc(2 ** 24 - 1), server.bell]);
  assert.equal(toHex(messages.filter(last)), '02');
});

test('what the server has agreed to is seen, wherever it is cut', () => {
  const bytes = Buffer.concat([serverInit(), server.agreement]);
  for (let at = 0; at <= bytes.length; at++) {
    const messages = new ServerMessages(NO_COPY);
    assert.ok(Object.values(messages.agreed).every((each) => !each));
    messages.filter(Buffer.from(bytes.subarray(0, at)));
    messages.filter(Buffer.from(bytes.subarray(at)));
    assert.ok(Object.values(messages.agreed).every((each) => each));
  }
});

const UNKNOWN: readonly [name: string, bytes: Buffer][] = [
  ['a message of an unknown type', hex('04 00 0000')],
  ['an unknown encoding', update([rectangle(15, 9, 9)])],
  ['a cursor with alpha', update([rectangle(-314, 1, 1)])],
  ['ZlibHex in Hextile', update([rectangle(5, 1, 1, '20')])],
  ['an unknown kind of Tight', update([rectangle(7, 1, 1, 'b0')])],
  ['PNG in Tight', update([rectangle(7, 1, 1, 'a0')])],
  ['basic Tight in TightPNG', update([rectangle(-260, 1, 1, '00')])],
  ['an unknown filter of Tight', update([rectangle(7, 1, 1, '40 03')])],
  ['JPEG without a marker', update([rectangle(21, 1, 1, '00d8')])],
  ['JPEG with a fill byte', update([rectangle(21, 1, 1, 'ffff')])],
  ['JPEG with a short part', update([rectangle(21, 1, 1, 'ffd8 ffdb 0001')])],
  ['an unknown VMware cursor', update([rectangle(0x574d5664, 1, 1, '0200')])],
];

for (const [name, bytes] of UNKNOWN) {
  test(`${name} ends a session with a rule, and is passed on without`, () => {
    for (const size of [1, 1_000]) {
      const make = (rights: Rights) => {
        const messages = new ServerMessages(rights);
        messages.filter(serverInit());
        return messages;
      };
      const chunks: Buffer[] = [];
      for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
      const strict = make(NO_COPY);
      assert.throws(() => filterAll(strict, chunks), { code: 'SERVER_PROTOCOL' });
      const lax = make(ALL);
      assert.deepEqual(filterAll(lax, chunks), bytes);
      assert.equal(lax.isFramed, false);
      const more = Buffer.concat(texts);
      assert.equal(lax.filter(more), more);
      lax.restrict({ ...ALL, viewOnly: true });
      assert.throws(() => lax.restrict(NO_COPY), { code: 'SERVER_PROTOCOL' });
    }
  });
}

test('what comes before something unknown has lost its text', () => {
  const messages = new ServerMessages(NO_COPY);
  messages.filter(Buffer.concat([serverInit(), texts[0]!.subarray(0, 10)]));
  messages.restrict(ALL);
  const rest = Buffer.concat([texts[0]!.subarray(10), hex('0400'), texts[0]!]);
  assert.equal(toHex(messages.filter(rest)), toHex(rest.subarray(texts[0]!.length - 10)));
});

test('pixels of a format that nobody uses, or that Tight is not clear on, end a session', () => {
  const odd = '0c 0c 00 01 000f 000f 000f 00 04 08 000000';
  const unclear = [
    '20 20 00 01 00ff 00ff 00ff 00 08 10 000000',
    '20 18 00 00 00ff 00ff 00ff 00 08 10 000000',
    '18 18 00 01 00ff 00ff 00ff 00 08 10 000000',
  ];
  const raw = update([rectangle(0, 1, 1, PIXEL)]);
  const strict = new ServerMessages(NO_COPY);
  strict.filter(serverInit(odd));
  assert.throws(() => strict.filter(raw), { code: 'SERVER_PROTOCOL' });
  for (const format of unclear) {
    for (const body of ['80', '00', '40 00', '40 01 01']) {
      const messages = new ServerMessages(NO_COPY);
      messages.filter(serverInit(format));
      assert.deepEqual(messages.filter(update([])), update([]));
      const bytes = update([rectangle(7, 9, 9, body)]);
      assert.throws(() => messages.filter(bytes), { code: 'SERVER_PROTOCOL' });
    }
    const messages = new ServerMessages(NO_COPY);
    messages.filter(serverInit(format));
    const jpeg = update([rectangle(7, 9, 9, '90 01 03')]);
    assert.equal(messages.filter(jpeg), jpeg);
  }
});

test('30 bits of colour are four bytes in Tight as well', () => {
  const format = '20 1e 00 01 03ff 03ff 03ff 14 0a 00 000000';
  const bytes = Buffer.concat([serverInit(format), update([rectangle(7, 9, 9, '80 03030303')])]);
  const stream = Buffer.concat([bytes, texts[0]!]);
  assertFilters(() => new ServerMessages(NO_COPY), stream, bytes);
});
