import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hex, toHex } from '../../helpers/bytes.ts';
import * as says from '../helpers/browser-says.ts';
import { NOVNC_ENCODINGS, setEncodings } from '../helpers/browser-says.ts';
import { agreement, rectangle, serverCutText, serverInit, update } from '../helpers/server-says.ts';
import { ALL, agreed, begin, VIEW_ONLY } from '../helpers/sessions.ts';

const CLIPBOARD = 0xc0a1e5ce | 0;

function without(...gone: number[]): Buffer {
  return setEncodings(...NOVNC_ENCODINGS.filter((each) => !gone.includes(each)));
}

const FOR_VIEWERS = without(-316, -258, -309, -308, CLIPBOARD);

function concat(...parts: Buffer[]): string {
  return toHex(Buffer.concat(parts));
}

test('a session that turns view-only releases what is pressed, and asks for less', () => {
  const { browser } = agreed();
  browser.filter(
    Buffer.concat([
      says.key(0x61, true),
      says.key(0xffe1, true),
      says.key(0x61, false),
      says.qemuKey(0x62, 0x30, true),
      says.qemuKey(0x63, 0x2e, true),
      // The same key, though Shift has made it another letter.
      says.qemuKey(0x42, 0x30, false),
      says.qemuKey(0x64, 0, true),
      says.pointer(5, 300, 200),
    ]),
  );
  assert.equal(
    toHex(browser.restrict(VIEW_ONLY)),
    concat(
      says.key(0xffe1, false),
      says.qemuKey(0x63, 0x2e, false),
      says.qemuKey(0x64, 0, false),
      says.pointer(0, 300, 200),
      FOR_VIEWERS,
    ),
  );
  assert.equal(browser.restrict(VIEW_ONLY).length, 0);
  const bytes = Buffer.concat([says.key(1, true), says.longPointer(0x100), says.updateRequest]);
  assert.equal(toHex(browser.filter(bytes)), toHex(says.updateRequest));
});

test('buttons are released in the form that they were pressed in', () => {
  const { browser } = agreed();
  browser.filter(says.longPointer(0x101, 3, 4));
  const released = browser.restrict(VIEW_ONLY);
  assert.equal(toHex(released), concat(says.longPointer(0, 3, 4), FOR_VIEWERS));
});

test('buttons are released in the form that every server knows when the other is not asked for', () => {
  const { browser } = agreed();
  browser.filter(Buffer.concat([says.longPointer(1, 3, 4), setEncodings(0)]));
  assert.equal(toHex(browser.restrict(VIEW_ONLY)), toHex(says.pointer(0, 3, 4)));
});

test('nothing is sent for what nobody holds or has asked for', () => {
  const { browser } = begin();
  assert.equal(browser.restrict(VIEW_ONLY).length, 0);
  assert.equal(browser.restrict(ALL).length, 0);
  browser.filter(Buffer.concat([hex('00'), says.key(1, true), says.key(1, false)]));
  browser.filter(Buffer.concat([says.pointer(1), says.pointer(0)]));
  assert.equal(browser.restrict(VIEW_ONLY).length, 0);
});

test('keys that are pressed in view-only are not released later', () => {
  const { browser } = agreed(VIEW_ONLY);
  browser.filter(Buffer.concat([says.key(1, true), says.qemuKey(1, 1, true), says.pointer(1)]));
  assert.equal(toHex(browser.restrict(ALL)), toHex(setEncodings(...NOVNC_ENCODINGS)));
  assert.equal(toHex(browser.restrict(VIEW_ONLY)), toHex(FOR_VIEWERS));
});

test('what was forbidden is asked for once it is allowed, and then taken', () => {
  const { browser, server } = begin(VIEW_ONLY);
  browser.filter(Buffer.concat([hex('01'), setEncodings(...NOVNC_ENCODINGS)]));
  server.filter(serverInit());
  server.restrict(ALL);
  assert.equal(toHex(browser.restrict(ALL)), toHex(setEncodings(...NOVNC_ENCODINGS)));
  assert.throws(() => browser.filter(says.longPointer(1)), { code: 'BROWSER_PROTOCOL' });
  const again = begin(VIEW_ONLY);
  again.browser.filter(Buffer.concat([hex('01'), setEncodings(...NOVNC_ENCODINGS)]));
  again.browser.restrict(ALL);
  again.server.filter(Buffer.concat([serverInit(), agreement]));
  const bytes = Buffer.concat([
    says.longPointer(1),
    says.xvp,
    says.extendedCutText(hex('02000001')),
  ]);
  assert.equal(again.browser.filter(bytes), bytes);
});

test('no more than 256 keys can be held, and all of them are released', () => {
  const { browser } = agreed();
  for (let keysym = 1; keysym <= 200; keysym++) browser.filter(says.key(keysym, true));
  for (let code = 1; code <= 56; code++) browser.filter(says.qemuKey(9, code, true));
  for (const more of [says.key(999, true), says.qemuKey(999, 999, true)]) {
    assert.equal(browser.filter(Buffer.from(more)).length, 0);
  }
  // Those that repeat are not more of them.
  for (const again of [says.key(7, true), says.qemuKey(9, 7, true), says.key(999, false)]) {
    assert.equal(browser.filter(again), again);
  }
  const released = browser.restrict(VIEW_ONLY);
  assert.equal(released.length, 200 * 8 + 56 * 12 + FOR_VIEWERS.length);
});

test('a message that has begun to come is judged by the rights at its end', () => {
  const { browser } = agreed();
  const bytes = Buffer.concat([says.key(1, true), says.updateRequest]);
  assert.equal(browser.filter(bytes.subarray(0, 5)).length, 0);
  assert.equal(toHex(browser.restrict(VIEW_ONLY)), toHex(FOR_VIEWERS));
  assert.equal(toHex(browser.filter(bytes.subarray(5))), toHex(says.updateRequest));
});

test('what has to be sent waits for the end of a long message that is on its way', () => {
  const text = says.cutText('a long text that is copied');
  const bytes = Buffer.concat([text, says.pointer(1), says.updateRequest]);
  for (let at = 9; at < text.length; at++) {
    for (const step of [1, 7, 1_000]) {
      const { browser } = agreed();
      browser.filter(says.key(0x61, true));
      const out = [Buffer.from(browser.filter(Buffer.from(bytes.subarray(0, at))))];
      assert.equal(browser.restrict(VIEW_ONLY).length, 0);
      assert.equal(browser.isOwing, true);
      for (let from = at; from < bytes.length; from += step) {
        out.push(Buffer.from(browser.filter(Buffer.from(bytes.subarray(from, from + step)))));
      }
      // The server waits for the rest of the text, and gets none of it.
      const blanked = Buffer.concat([text.subarray(0, at), Buffer.alloc(text.length - at, ' ')]);
      assert.equal(
        concat(...out),
        concat(blanked, says.key(0x61, false), FOR_VIEWERS, says.updateRequest),
      );
      assert.equal(browser.isOwing, false);
    }
  }
});

test('what is left of a message goes on blank where it may not be said any more', () => {
  for (const [message, rights] of [
    [says.cutText('copied'), { clipboard: 'none' }],
    [says.extendedCutText(hex('01000001 00')), { clipboard: 'to-browser' }],
    [says.setDesktopSize(2), { resize: false }],
    [says.setDesktopSize(2), VIEW_ONLY],
  ] as const) {
    const { browser } = agreed();
    const head = toHex(browser.filter(Buffer.from(message.subarray(0, 9))));
    browser.restrict({ ...ALL, ...rights });
    const rest = toHex(browser.filter(Buffer.from(message.subarray(9))));
    assert.ok(rest.startsWith(toHex(Buffer.alloc(message.length - 9, ' '))), rest);
    assert.equal(head, toHex(message.subarray(0, 9)));
  }
  const { browser } = agreed();
  const fence = says.fence(Buffer.from('payload'));
  browser.filter(fence.subarray(0, 10));
  browser.restrict(VIEW_ONLY);
  assert.ok(toHex(browser.filter(fence.subarray(10))).startsWith(toHex(Buffer.from('ayload'))));
});

test('what has to be sent twice in a long message is sent in order', () => {
  const { browser } = agreed();
  const text = says.cutText('copied');
  browser.filter(text.subarray(0, 10));
  assert.equal(browser.restrict(VIEW_ONLY).length, 0);
  assert.equal(browser.restrict(ALL).length, 0);
  assert.equal(
    toHex(browser.filter(text.subarray(10))),
    concat(text.subarray(10), FOR_VIEWERS, setEncodings(...NOVNC_ENCODINGS)),
  );
});

test('nothing waits for a long message that is skipped', () => {
  const { browser } = agreed({ clipboard: 'none' });
  const text = says.cutText('copied');
  assert.equal(browser.filter(text.subarray(0, 10)).length, 0);
  assert.equal(toHex(browser.restrict({ ...VIEW_ONLY, clipboard: 'none' })), toHex(FOR_VIEWERS));
  const rest = Buffer.concat([text.subarray(10), says.updateRequest]);
  assert.equal(toHex(browser.filter(rest)), toHex(says.updateRequest));
});

test('a browser that had the extended clipboard goes on without it, and is not ended for it', () => {
  const { browser, server } = agreed();
  for (const clipboard of ['to-server', 'to-browser', 'none'] as const) {
    const rights = { ...ALL, clipboard };
    server.restrict(rights);
    const bytes = browser.restrict(rights);
    assert.equal(toHex(bytes), clipboard === 'to-server' ? toHex(without(CLIPBOARD)) : '');
    const extended = Buffer.concat([says.extendedCutText(hex('08000001')), says.updateRequest]);
    assert.equal(toHex(browser.filter(extended)), toHex(says.updateRequest));
    const plain = says.cutText('plain');
    const expected = clipboard === 'to-server' ? toHex(plain) : '';
    assert.equal(toHex(browser.filter(plain)), expected);
  }
});

test('text of the server’s that is on its way when it is forbidden comes whole, later ones do not', () => {
  const { server } = agreed();
  const first = serverCutText('copied before');
  const second = serverCutText('copied after');
  const picture = update([rectangle(0, 1, 1, '01020304')]);
  assert.equal(toHex(server.filter(first.subarray(0, 12))), toHex(first.subarray(0, 12)));
  server.restrict({ ...ALL, clipboard: 'none' });
  const rest = Buffer.concat([first.subarray(12), second, picture, second]);
  assert.equal(toHex(server.filter(rest)), concat(first.subarray(12), picture));
  const begun = server.filter(Buffer.from(second.subarray(0, 12)));
  assert.equal(begun.length, 0);
  server.restrict(ALL);
  const out = server.filter(Buffer.concat([second.subarray(12), second]));
  assert.equal(toHex(out), toHex(second));
});
