import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Rights } from '../../../lib/rfb/rights.ts';
import { hex, toHex } from '../../helpers/bytes.ts';
import * as says from '../helpers/browser-says.ts';
import { NOVNC_ENCODINGS, setEncodings } from '../helpers/browser-says.ts';
import { agreed, assertFilters, begin, startedBrowser, VIEW_ONLY } from '../helpers/sessions.ts';

const NO_PASTE: readonly Partial<Rights>[] = [{ clipboard: 'none' }, { clipboard: 'to-browser' }];
const NO_COPY: Partial<Rights> = { clipboard: 'to-server' };
const NO_RESIZE: Partial<Rights> = { resize: false };
const NO_POWER: Partial<Rights> = { power: false };
const RIGHTS: readonly Partial<Rights>[] = [
  {},
  VIEW_ONLY,
  ...NO_PASTE,
  NO_COPY,
  NO_RESIZE,
  NO_POWER,
];

/** Every message that has a known length, but for SetPixelFormat, and the rights that keep it from the server. */
const MESSAGES: readonly [name: string, bytes: Buffer, forbidding: readonly Partial<Rights>[]][] = [
  ['SetEncodings', setEncodings(7, 0, -223), []],
  ['an empty SetEncodings', setEncodings(), []],
  ['FramebufferUpdateRequest', says.updateRequest, []],
  ['KeyEvent', says.key(0x61, true), [VIEW_ONLY]],
  ['PointerEvent', says.pointer(1, 300, 200), [VIEW_ONLY]],
  ['the long PointerEvent', says.longPointer(0x100, 300, 200), [VIEW_ONLY]],
  ['ClientCutText', says.cutText('copied'), [VIEW_ONLY, ...NO_PASTE]],
  ['an empty ClientCutText', says.cutText(''), [VIEW_ONLY, ...NO_PASTE]],
  [
    'ClientCutText of the extended clipboard',
    says.extendedCutText(hex('01000001 00')),
    [VIEW_ONLY, ...NO_PASTE, NO_COPY],
  ],
  ['EnableContinuousUpdates', says.continuousUpdates, []],
  ['a fence', says.fence(Buffer.from('payload')), []],
  ['a fence of 64 bytes', says.fence(Buffer.alloc(64, 4)), []],
  ['a fence without a payload', says.fence(Buffer.alloc(0)), []],
  ['xvp', says.xvp, [VIEW_ONLY, NO_POWER]],
  ['SetDesktopSize', says.setDesktopSize(), [VIEW_ONLY, NO_RESIZE]],
  ['SetDesktopSize of 20 screens', says.setDesktopSize(20), [VIEW_ONLY, NO_RESIZE]],
  ['a key of QEMU', says.qemuKey(0x61, 0x1e, true), [VIEW_ONLY]],
];

for (const [name, bytes, forbidding] of MESSAGES) {
  test(`${name} goes on only with the rights for it, however it is cut`, () => {
    for (const rights of RIGHTS) {
      const expected = forbidding.includes(rights) ? Buffer.alloc(0) : bytes;
      assertFilters(() => agreed(rights).browser, bytes, expected);
      // Between two others that go on.
      const request = says.updateRequest;
      assertFilters(
        () => agreed(rights).browser,
        Buffer.concat([request, bytes, request]),
        Buffer.concat([request, expected, request]),
      );
    }
  });
}

test('SetPixelFormat goes on before encodings are asked for, whatever the rights, however it is cut', () => {
  for (const rights of RIGHTS) {
    assertFilters(() => startedBrowser(rights), says.setPixelFormat(), says.setPixelFormat());
    const rest = Buffer.concat([setEncodings(0), says.updateRequest]);
    const bytes = Buffer.concat([says.setPixelFormat(), rest]);
    assertFilters(() => startedBrowser(rights), bytes, bytes);
  }
});

test('all messages in a row go on as they are', () => {
  // But for the encodings, without which some of the others may not be.
  const others = MESSAGES.filter(([name]) => !name.includes('SetEncodings'));
  const bytes = Buffer.concat(others.map(([, each]) => each));
  assertFilters(() => agreed().browser, bytes, bytes);
});

test('a chunk in which all is allowed comes back as it is, and what is dropped leaves a view', () => {
  const { browser } = agreed();
  const all = Buffer.concat([says.updateRequest, says.key(1, true), says.pointer(0)]);
  assert.equal(browser.filter(all), all);
  browser.restrict(VIEW_ONLY);
  const left = browser.filter(
    Buffer.concat([says.pointer(0), says.updateRequest, says.pointer(0), says.continuousUpdates]),
  );
  assert.equal(toHex(left), toHex(Buffer.concat([says.updateRequest, says.continuousUpdates])));
  const some = Buffer.concat([says.pointer(0), says.updateRequest, says.pointer(0)]);
  assert.equal(browser.filter(some).buffer, some.buffer);
});

test('a long paste streams through in the chunks that it came in', () => {
  const { browser } = agreed();
  const size = 8 * 1024 * 1024;
  const head = hex('06 000000 00000000');
  head.writeUInt32BE(size, 4);
  assert.equal(browser.filter(head), head);
  const chunk = Buffer.alloc(64 * 1024, 0x61);
  for (let sent = 0; sent < size; sent += chunk.length) assert.equal(browser.filter(chunk), chunk);
  assert.equal(toHex(browser.filter(says.pointer(0))), toHex(says.pointer(0)));
});

test('a long paste that is forbidden is skipped in the chunks that it came in', () => {
  const { browser } = agreed(VIEW_ONLY);
  const chunks = [says.cutText(Buffer.alloc(1_000_000, 3)), says.updateRequest];
  const bytes = Buffer.concat(chunks);
  for (let at = 0; at < bytes.length; at += 65_536) {
    const out = browser.filter(bytes.subarray(at, at + 65_536));
    assert.equal(toHex(out), at + 65_536 > bytes.length ? toHex(says.updateRequest) : '');
  }
});

test('ClientInit asks for a shared session where it must be one', () => {
  const cases: [Partial<Rights>, number, number][] = [
    [{}, 0, 0],
    [{}, 1, 1],
    [{ shared: true }, 0, 1],
    [{ shared: true }, 1, 1],
    [VIEW_ONLY, 0, 1],
  ];
  for (const [rights, sent, expected] of cases) {
    assertFilters(() => begin(rights).browser, Buffer.of(sent), Buffer.of(expected));
    const bytes = Buffer.concat([Buffer.of(sent), says.updateRequest]);
    const passed = Buffer.concat([Buffer.of(expected), says.updateRequest]);
    assertFilters(() => begin(rights).browser, bytes, passed);
  }
});

test('an empty chunk is nothing', () => {
  const { browser } = begin();
  assert.equal(browser.filter(Buffer.alloc(0)).length, 0);
  assert.equal(toHex(browser.filter(hex('00'))), '00');
  assert.equal(browser.filter(Buffer.alloc(0)).length, 0);
});

test('SetEncodings loses what the rights forbid, and nothing else', () => {
  const clipboard = 0xc0a1e5ce | 0;
  const without = (...gone: number[]) =>
    setEncodings(...NOVNC_ENCODINGS.filter((each) => !gone.includes(each)));
  const cases: [Partial<Rights>, Buffer][] = [
    [{}, without()],
    [VIEW_ONLY, without(-316, -258, -309, -308, clipboard)],
    [{ clipboard: 'none' }, without(clipboard)],
    [{ clipboard: 'to-server' }, without(clipboard)],
    [{ clipboard: 'to-browser' }, without(clipboard)],
    [{ resize: false }, without(-308)],
    [{ power: false }, without(-309)],
  ];
  for (const [rights, expected] of cases) {
    assertFilters(() => agreed(rights).browser, setEncodings(...NOVNC_ENCODINGS), expected);
  }
});

test('SetEncodings keeps hints, and loses what no framing is known for', () => {
  const hints = [-23, -32, -247, -256, -412, -512, -763, -768];
  // TRLE, ZlibHex, Ultra, cursor with alpha, Tight without zlib, audio, general input, neighbours.
  const unknown = [15, 8, 9, -314, -317, -259, -305, -22, -33, -246, -411, -513, 3, 0x574d5665];
  const sent = setEncodings(...unknown, ...hints, 0, ...unknown);
  assertFilters(() => agreed().browser, sent, setEncodings(...hints, 0));
});
