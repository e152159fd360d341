import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BrowserMessages } from '../../../lib/rfb/browser/browser-messages.ts';
import { hex, toHex } from '../../helpers/bytes.ts';
import * as says from '../helpers/browser-says.ts';
import { FORMATS, NOVNC_ENCODINGS, setEncodings } from '../helpers/browser-says.ts';
import * as server from '../helpers/server-says.ts';
import { rectangle, serverInit, update } from '../helpers/server-says.ts';
import {
  ALL,
  agreed,
  assertFilters,
  begin,
  filterAll,
  startedBrowser,
  VIEW_ONLY,
} from '../helpers/sessions.ts';

// Ways to make a server cut the browser's bytes in other places than the relay does, so that a
// forbidden message goes by as a part of an allowed one.

/** Says that bytes end the session, however they are cut, and that nothing of them goes on. */
function assertBreach(make: () => BrowserMessages, bytes: Buffer, code = 'BROWSER_PROTOCOL'): void {
  const drip = [...bytes].map((byte) => Buffer.of(byte));
  const cuts = drip.map((_, at) => halves(bytes, at));
  for (const chunks of [[bytes], drip, ...cuts]) {
    const browser = make();
    let out = '';
    assert.throws(
      () => {
        for (const chunk of chunks) out += toHex(browser.filter(Buffer.from(chunk)));
      },
      { name: 'ConsoleError', code },
    );
    assert.equal(out, '');
  }
}

function halves(bytes: Buffer, at: number): Buffer[] {
  return [bytes.subarray(0, at), bytes.subarray(at)];
}

const KNOWN = [0, 2, 3, 4, 5, 6, 150, 248, 250, 251, 255];

test('a message of an unknown type ends the session', () => {
  for (let type = 0; type < 256; type++) {
    if (KNOWN.includes(type)) continue;
    for (const rights of [ALL, VIEW_ONLY]) {
      assert.throws(() => agreed(rights).browser.filter(Buffer.of(type)), {
        code: 'BROWSER_PROTOCOL',
        message: `the browser sent a message of type ${type}`,
      });
    }
  }
});

test('a message of QEMU’s other than a key ends the session', () => {
  for (let type = 1; type < 256; type++) {
    const bytes = hex('ff 00 0000 00000000 00000000');
    bytes[1] = type;
    assert.throws(() => agreed().browser.filter(bytes), { code: 'BROWSER_PROTOCOL' });
  }
  assertBreach(() => agreed().browser, hex('ff 01 0001 00000000 00000000'));
  assertBreach(() => agreed(VIEW_ONLY).browser, hex('ff 01'));
});

test('a pointer event with the marker ends the session before the server has agreed', () => {
  const bytes = says.longPointer(1);
  assertBreach(() => startedBrowser(), bytes);
  assertBreach(() => startedBrowser(VIEW_ONLY), bytes);
  // TigerVNC reads seven bytes as soon as it is asked to, which others do not.
  const asking = () => {
    const browser = startedBrowser();
    browser.filter(setEncodings(-316));
    return browser;
  };
  assertBreach(asking, bytes);
  assertBreach(asking, Buffer.concat([says.pointer(0x80), says.key(1, true)]).subarray(0, 7));
});

test('a pointer event with the marker is six or seven bytes to nobody once it is not asked for', () => {
  const without = () => {
    const { browser } = agreed();
    browser.filter(setEncodings(0));
    return browser;
  };
  assertBreach(without, says.longPointer(1));
  assertFilters(without, says.pointer(0x7f), says.pointer(0x7f));
});

test('what hides in the seventh byte of a pointer event is never a message', () => {
  // To a server that reads six: 04, the beginning of a key event.
  const hidden = Buffer.concat([says.longPointer(4 << 7), says.key(0x61, true).subarray(1)]);
  assert.throws(() => startedBrowser().filter(hidden), { code: 'BROWSER_PROTOCOL' });
  assert.throws(() => agreed().browser.filter(hidden), { code: 'BROWSER_PROTOCOL' });
});

test('text of a length below 0 ends the session before the server has sent one', () => {
  const bytes = says.extendedCutText(hex('01000001'));
  assertBreach(() => startedBrowser(), bytes);
  const asking = () => {
    const { browser, server } = begin();
    browser.filter(Buffer.concat([Buffer.of(1), setEncodings(...NOVNC_ENCODINGS)]));
    server.filter(serverInit());
    return browser;
  };
  assertBreach(asking, bytes);
});

test('text of a length below 0 is dropped once it is not asked for', () => {
  const { browser } = agreed();
  browser.filter(setEncodings(0));
  const bytes = Buffer.concat([says.extendedCutText(hex('01000001')), says.pointer(0)]);
  assert.equal(toHex(browser.filter(bytes)), toHex(says.pointer(0)));
});

test('a message of the extended clipboard too short for its flags ends the session', () => {
  for (let length = 1; length < 4; length++) {
    assertBreach(() => agreed().browser, says.extendedCutText(Buffer.alloc(length)).subarray(0, 8));
  }
});

test('text of more than 64 MiB ends the session, whichever way its length is read', () => {
  for (const length of ['04000001', '7fffffff', '80000000', '80000001', 'fbffffff']) {
    for (const rights of [ALL, VIEW_ONLY]) {
      assertBreach(() => agreed(rights).browser, hex(`06 000000 ${length}`), 'MESSAGE_TOO_LARGE');
    }
  }
  for (const length of ['04000000', 'fc000000']) {
    const head = hex(`06 000000 ${length}`);
    assert.equal(agreed().browser.filter(head), head);
  }
});

test('a fence of more than 64 bytes ends the session', () => {
  for (const length of [65, 128, 255]) {
    const bytes = says.fence(Buffer.alloc(length));
    assertBreach(() => agreed().browser, bytes.subarray(0, 9));
    assertBreach(() => agreed(VIEW_ONLY).browser, bytes.subarray(0, 9));
  }
});

test('SetEncodings of more than 512 ends the session before they come', () => {
  for (const count of ['0201', '8000', 'ffff']) {
    assertBreach(() => agreed().browser, hex(`02 00 ${count}`));
  }
  const most = setEncodings(...Array(512).fill(7));
  assert.deepEqual(filterAll(agreed().browser, halves(most, 2_000)), most);
});

test('a ClientInit that means more than shared or not is made to mean that', () => {
  // UltraVNC would take 2 and 4 for the promise of a message behind it.
  for (const sent of [2, 3, 4, 6, 0x80, 0xff]) {
    assertFilters(() => begin().browser, Buffer.of(sent), Buffer.of(1));
  }
});

test('an extension’s message is dropped until the server has shown that it knows it', () => {
  const cases: [Buffer, Buffer][] = [
    [says.continuousUpdates, server.endOfContinuousUpdates],
    [says.fence(Buffer.from('abc')), server.serverFence()],
    [says.xvp, server.xvpInit],
    [says.setDesktopSize(), update([rectangle(-308, 8, 8, '00 000000')])],
    [says.qemuKey(0x61, 0x1e, true), update([rectangle(-258, 0, 0)])],
  ];
  for (const [message, consent] of cases) {
    const { browser, server } = begin();
    server.filter(serverInit());
    browser.filter(Buffer.concat([Buffer.of(1), setEncodings(...NOVNC_ENCODINGS)]));
    const bytes = Buffer.concat([message, says.updateRequest]);
    assert.equal(toHex(browser.filter(Buffer.from(bytes))), toHex(says.updateRequest));
    server.filter(consent);
    assert.equal(toHex(browser.filter(Buffer.from(bytes))), toHex(bytes));
  }
});

test('the pixel format stays once pixels may be on their way', () => {
  const requests: [() => BrowserMessages, Buffer][] = [
    [() => startedBrowser(), says.updateRequest],
    // QEMU sends what has pixels once it has been told of encodings.
    [() => startedBrowser(), setEncodings(0)],
    [() => startedBrowser(VIEW_ONLY), setEncodings(0)],
    // Of a server that shows unasked that it knows them.
    [() => startedBrowser({}, server.agreement), says.continuousUpdates],
  ];
  for (const [make, request] of requests) {
    const before = Buffer.concat([says.setPixelFormat(FORMATS[8]), says.setPixelFormat(), request]);
    const bytes = Buffer.concat([before, says.setPixelFormat(FORMATS[8]), request]);
    assertFilters(make, bytes, Buffer.concat([before, request]));
  }
});

test('continuous updates that are dropped ask for no pixels', () => {
  const bytes = Buffer.concat([says.continuousUpdates, says.setPixelFormat(FORMATS[16])]);
  assertFilters(() => startedBrowser(), bytes, says.setPixelFormat(FORMATS[16]));
});

test('a pixel format that comes before ServerInit is not undone by it', () => {
  const { browser, server } = begin({ clipboard: 'none' });
  browser.filter(
    Buffer.concat([Buffer.of(1), says.setPixelFormat(FORMATS[8]), says.updateRequest]),
  );
  const updates = update([rectangle(0, 2, 2, '01020304')]);
  const sent = Buffer.concat([serverInit(FORMATS[32]), updates]);
  const secret = Buffer.from('03 000000 00000003 616263'.replaceAll(' ', ''), 'hex');
  const out = server.filter(Buffer.concat([sent, secret, updates]));
  assert.equal(toHex(out), toHex(Buffer.concat([sent, updates])));
});

test('a pixel format that servers read in two ways ends the session', () => {
  const formats = [
    '18 18 00 01 00ff 00ff 00ff 00 08 10 000000', // 24 bits a pixel
    '00 18 00 01 00ff 00ff 00ff 00 08 10 000000',
    '20 18 00 00 00ff 00ff 00ff 00 08 10 000000', // a colour map: to QEMU always 8 bits
    '08 08 00 00 0007 0007 0003 00 03 06 000000',
    '20 20 00 01 00ff 00ff 00ff 00 08 10 000000', // QEMU leaves a byte out, others do not
    '20 10 00 01 00ff 00ff 00ff 00 08 10 000000',
    '20 18 00 01 00ff 00ff 00ff 01 09 11 000000', // bytes that are not at bytes
    '20 18 00 01 00ff 00ff 00ff 00 00 10 000000',
    '20 18 00 01 00ff 00ff 00ff 20 08 10 000000',
    '20 1e 00 01 03ff 03ff 03ff 00 0a 14 000000',
    '10 18 00 01 00ff 00ff 00ff 00 08 10 000000', // 24 bits in 16
    '10 10 00 01 00ff 00ff 00ff 00 08 10 000000',
    '10 00 00 01 001f 003f 001f 0b 05 00 000000',
    '10 10 00 01 0000 003f 001f 0b 05 00 000000',
    '10 10 00 01 001e 003f 001f 0b 05 00 000000',
    '08 10 00 01 0007 0007 0003 00 03 06 000000',
    '08 08 00 02 0007 0007 0003 00 03 06 000000',
  ];
  for (const format of formats) {
    assertBreach(() => startedBrowser(), says.setPixelFormat(format));
  }
  // noVNC's, TigerVNC's, and one with the most significant byte first.
  const plain = [
    ...Object.values(FORMATS),
    '08 08 00 01 0003 0003 0003 00 02 04 000000',
    '10 0f 00 01 001f 001f 001f 0a 05 00 000000',
    '20 18 01 01 00ff 00ff 00ff 18 10 08 000000',
  ];
  for (const format of plain) {
    const bytes = says.setPixelFormat(format);
    assertFilters(() => startedBrowser(), bytes, bytes);
  }
});
