import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Rights } from '../../../lib/rfb/rights.ts';
import { ServerMessages } from '../../../lib/rfb/server/server-messages.ts';
import { hex, toHex } from '../../helpers/bytes.ts';
import { FORMATS, setPixelFormat } from '../helpers/browser-says.ts';
import { PIXEL, RECTANGLES } from '../helpers/rectangles.ts';
import * as server from '../helpers/server-says.ts';
import { rectangle, serverCutText, serverInit, update } from '../helpers/server-says.ts';
import { ALL, assertFilters, begin, filterAll } from '../helpers/sessions.ts';

const NO_COPY: Rights = { ...ALL, clipboard: 'to-server' };

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

/** What tells a browser that there is no extended clipboard (rfbproto). */
const WITHDRAWN = hex('03 000000 fffffffc 01000000');

function withClipboard(): ServerMessages {
  const messages = new ServerMessages(ALL);
  messages.filter(Buffer.concat([serverInit(), server.extendedCaps]));
  return messages;
}

test('a browser that may only paste from now on is told once to do so the plain way', () => {
  const messages = withClipboard();
  assert.equal(toHex(messages.restrict(NO_COPY)), toHex(WITHDRAWN));
  assert.equal(messages.restrict(NO_COPY).length, 0);
  assert.equal(messages.restrict(ALL).length, 0);
  assert.equal(toHex(messages.restrict(NO_COPY)), toHex(WITHDRAWN));
  assert.equal(toHex(messages.filter(Buffer.from(server.bell))), toHex(server.bell));
});

test('a browser is told nothing of a clipboard that it does not know, or may not use', () => {
  const plain = new ServerMessages(ALL);
  plain.filter(serverInit());
  assert.equal(plain.restrict(NO_COPY).length, 0);
  for (const clipboard of ['none', 'to-browser', 'both'] as const) {
    assert.equal(withClipboard().restrict({ ...ALL, clipboard }).length, 0);
  }
  assert.equal(withClipboard().restrict({ ...NO_COPY, viewOnly: true }).length, 0);
});

test('what a browser is told waits for the end of the message that is on its way', () => {
  const bytes = update([rectangle(0, 3, 2, PIXEL.repeat(6)), rectangle(-223, 8, 8)]);
  for (let at = 1; at < bytes.length; at++) {
    const messages = withClipboard();
    const out = [Buffer.from(messages.filter(Buffer.from(bytes.subarray(0, at))))];
    assert.equal(messages.restrict(NO_COPY).length, 0, `after ${at} bytes`);
    for (const byte of bytes.subarray(at)) out.push(Buffer.from(messages.filter(Buffer.of(byte))));
    assert.equal(toHex(Buffer.concat(out)), toHex(Buffer.concat([bytes, WITHDRAWN])));
  }
});

test('what a browser was not told yet is not told when it does not hold any more', () => {
  const messages = withClipboard();
  messages.filter(Buffer.from([0]));
  assert.equal(messages.restrict(NO_COPY).length, 0);
  assert.equal(messages.restrict(ALL).length, 0);
  assert.equal(toHex(messages.filter(hex('00 0000'))), '00 00 00');
});

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
