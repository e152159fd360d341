import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { BrowserMessages } from '../../lib/rfb/browser/browser-messages.ts';
import { hex } from '../helpers/bytes.ts';
import { lacking } from '../helpers/system.ts';
import {
  extendedCutText,
  FORMATS,
  fence,
  NOVNC_ENCODINGS,
  setEncodings,
  updateRequest,
} from '../rfb/helpers/browser-says.ts';
import { Random } from '../rfb/helpers/random.ts';
import { cut, randomMessage } from '../rfb/helpers/random-messages.ts';
import { serverCutText } from '../rfb/helpers/server-says.ts';
import { VIEW_ONLY } from '../rfb/helpers/sessions.ts';
import { eventually } from './eventually.ts';
import { RfbTap } from './rfb-tap.ts';
import { startTigerVnc, startX11Vnc, type XServer } from './x-server.ts';

const LAST_RECT = -224;
const JPEG_QUALITY = -26;
const CURSOR = -239;
const X_CURSOR = -240;
const FENCE = -312;
const PSEUDO_ENCODINGS = NOVNC_ENCODINGS.filter((each) => (each < 0 && each !== -260) || each > 50);
const EXTENDED_CLIPBOARD = 0xc0a1e5ce | 0;

/** What a server is asked for, the wanted encoding first. */
const SERVERS: readonly {
  name: string;
  start: typeof startTigerVnc;
  lacks: string | false;
  /** What it watches for text that is copied. */
  selection: string;
  asked: readonly (readonly [name: string, encodings: readonly number[]])[];
}[] = [
  {
    name: 'TigerVNC',
    start: startTigerVnc,
    lacks: lacking('Xtigervnc', 'xterm', 'xclock', 'xclip', 'xsetroot'),
    selection: 'clipboard',
    asked: [
      ['Raw', [0]],
      ['CopyRect and Raw', [0, 1, CURSOR]],
      ['RRE', [2, LAST_RECT]],
      ['Hextile', [5, 1, X_CURSOR]],
      ['ZRLE', [16, 1, CURSOR]],
      ['Tight', [7, 1, LAST_RECT]],
      ['Tight with JPEG', [7, 1, LAST_RECT, JPEG_QUALITY, CURSOR]],
    ],
  },
  {
    name: 'x11vnc',
    start: startX11Vnc,
    lacks: lacking('x11vnc', 'Xvfb', 'xterm', 'xclock', 'xclip', 'xsetroot'),
    selection: 'buffer-cut',
    asked: [
      ['Raw', [0]],
      ['RRE', [2]],
      ['CoRRE', [4]],
      ['Hextile', [5, 1, X_CURSOR]],
      ['Zlib', [6, CURSOR]],
      ['ZRLE', [16]],
      ['Tight', [7, LAST_RECT]],
      ['Tight with JPEG', [7, LAST_RECT, JPEG_QUALITY]],
    ],
  },
];

for (const { name, start, lacks, selection, asked } of SERVERS) {
  let server: XServer;
  before(async () => {
    if (lacks) return;
    server = await start({ size: '800x600' });
    server.start(
      'xterm',
      '-geometry',
      '90x30+0+0',
      '-e',
      // No two lines alike: of a text that repeats itself there is soon nothing to send.
      'while :; do date +%N | sha512sum; sleep 0.02; done',
    );
    server.start('xclock', '-geometry', '200x200+580+0', '-update', '1');
  });
  after(() => server?.stop());

  // With the extended clipboard TigerVNC only says that there is a text; fences want answers.
  const plain = NOVNC_ENCODINGS.filter((each) => each !== EXTENDED_CLIPBOARD && each !== FENCE);
  const everything = [['all that noVNC knows', plain] as const];
  for (const [encoding, encodings] of [...asked, ...everything]) {
    for (const [bits, format] of Object.entries(FORMATS)) {
      test(`${name} is followed in ${encoding} with ${bits} bits`, { skip: lacks }, async () => {
        const tap = await RfbTap.open(server.port, format, [...encodings]);
        const texts = ['first', 'second'].map((text) => `${text} ${encoding} ${bits}`);
        await tap.more(10_000);
        for (const text of texts) {
          await server.run('xsetroot', '-solid', text === texts[0] ? '#123' : '#321');
          await copy(server, selection, text);
          const message = serverCutText(text);
          await eventually(`the text ${text}`, () => tap.sent.includes(message));
          await tap.more(5_000);
        }
        tap.close();
        let expected = tap.sent;
        for (const text of texts) expected = without(expected, serverCutText(text));
        assert.ok(tap.passed.equals(expected));
        assert.equal(tap.lax.isFramed, true);
      });
    }
  }
}

test('TigerVNC’s extended clipboard is followed, and its agreements seen', {
  skip: SERVERS[0]!.lacks,
}, async () => {
  const server = await startTigerVnc({ size: '400x300' });
  try {
    const tap = await RfbTap.open(server.port, FORMATS[32], NOVNC_ENCODINGS);
    await tap.more(100);
    await eventually('capabilities', () => tap.lax.agreed.extendedClipboard);
    const caps = tap.sent.indexOf(hex('03 000000 ffffff'));
    const end = caps + 8 - tap.sent.readInt32BE(caps + 4);
    const capabilities = Buffer.from(tap.sent.subarray(caps, end));
    // Without a viewer's own there are no notices; the fence comes back when they have been read.
    const passed = Buffer.from('passed');
    tap.write(Buffer.concat([extendedCutText(hex('1f000001 00000000')), fence(passed)]));
    await eventually('a fence', () => tap.sent.includes(passed));
    await copy(server, 'clipboard', 'copied');
    const notice = hex('03 000000 fffffffc 08000001');
    await eventually('a notice', () => tap.sent.includes(notice));
    await server.run('xsetroot', '-solid', '#123');
    await tap.more(1);
    tap.close();
    assert.ok(tap.passed.equals(without(without(tap.sent, capabilities), notice)));
    const { agreed } = tap.lax;
    assert.ok(agreed.fence && agreed.continuousUpdates && agreed.desktopSize && agreed.qemuKeys);
    // Since 1.15.
    assert.equal(agreed.extendedMouse, tap.sent.includes(hex('00000000 00000000 fffffec4')));
  } finally {
    await server.stop();
  }
});

for (const { name, start, lacks } of SERVERS) {
  test(`${name} cuts what a view-only browser sends as the relay does`, {
    skip: lacks,
  }, async () => {
    const server = await start({ size: '400x300' });
    try {
      const tap = await RfbTap.open(server.port, FORMATS[32], NOVNC_ENCODINGS);
      await tap.more(100);
      // Of what a viewer may not send, the length is of no concern to the server.
      const agreed = { ...tap.lax.agreed, extendedMouse: true };
      const browser = new BrowserMessages(VIEW_ONLY, { agreed, setPixelFormat() {} });
      browser.filter(Buffer.concat([Buffer.of(1), updateRequest]));
      const random = new Random(1);
      for (let i = 0; i < 1_000; i++) {
        const message = randomMessage(random);
        // TigerVNC closes the connection for what it was asked for and then is not.
        const bytes = message[0] === 2 ? setEncodings(...NOVNC_ENCODINGS) : message;
        for (const chunk of cut(bytes, random)) tap.write(Buffer.from(browser.filter(chunk)));
      }
      // TigerVNC gives the fence back, and may wait for its own; others send a picture.
      const inStep = Buffer.from('in step');
      const raw = setEncodings(0, ...PSEUDO_ENCODINGS);
      const last = Buffer.concat([raw, fence(inStep)]);
      const picture = tap.sent.length + 400 * 300 * 4;
      tap.write(browser.filter(last));
      tap.write(hex('03 00 0000 0000 0190 012c'));
      await eventually('an answer', () => tap.sent.includes(inStep) || tap.sent.length > picture);
      tap.close();
    } finally {
      await server.stop();
    }
  });
}

async function copy(server: XServer, selection: string, text: string): Promise<void> {
  const command = 'printf %s "$1" | xclip -selection "$2" >&- 2>&-';
  await server.run('sh', '-c', command, 'sh', text, selection);
}

function without(bytes: Buffer, part: Buffer): Buffer {
  const at = bytes.indexOf(part);
  return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + part.length)]);
}
