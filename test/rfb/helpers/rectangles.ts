import { hex } from '../../helpers/bytes.ts';
import { rectangle } from './server-says.ts';

/** JPEG: tables, a restart, stuffed bytes, and two scans, one right behind the other. */
const JPEG = hex(`
  ffd8 ffe0 0004 ffd9 ffdb 0003 01 ffc0 0002
  ffda 0004 ffd9 11ff0022ffd033ff00 ffda 0003 ff ff0044 ffd9
`);

export const PIXEL = '01020304';

/** Rectangles of all encodings in 32 bits a pixel; what is in them looks like a ServerCutText. */
export const RECTANGLES: readonly [name: string, bytes: Buffer][] = [
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
