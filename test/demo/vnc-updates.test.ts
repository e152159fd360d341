import assert from 'node:assert/strict';
import { once } from 'node:events';
import { afterEach, beforeEach, test } from 'node:test';
import { startVncServer, type VncServer } from '../../demo/vnc-server/vnc-server.ts';
import {
  COPY_RECT,
  CURSOR,
  DESKTOP_NAME,
  EXTENDED_DESKTOP_SIZE,
  RAW,
  RfbViewer,
  ZRLE,
} from './rfb-viewer.ts';

let server: VncServer;

beforeEach(async () => {
  const size = { width: 800, height: 600 };
  server = await startVncServer({ port: 0, host: '127.0.0.1', still: true, ...size });
});

afterEach(() => server.close());

function isSame(viewer: RfbViewer): boolean {
  const { width, height, pixels } = server.picture;
  if (viewer.width !== width || viewer.height !== height) return false;
  return Buffer.from(viewer.picture.buffer).equals(Buffer.from(pixels.buffer));
}

async function openWith(...encodings: number[]): Promise<RfbViewer> {
  const viewer = await RfbViewer.open(server.port);
  viewer.sendEncodings(...encodings);
  await viewer.drawUntil(() => isSame(viewer));
  return viewer;
}

/** Types, and waits until the server has all of it. */
async function type(viewer: RfbViewer, text: string): Promise<void> {
  viewer.type(`${text}\u00ff`);
  for await (const [{ keysym, down }] of events('key')) if (keysym === 0xff && !down) return;
}

async function point(viewer: RfbViewer, x: number, y: number, buttons: number): Promise<void> {
  viewer.sendPointer(x, y, buttons);
  await once(server, 'pointer');
}

async function* events(name: 'key') {
  for (;;) yield (await once(server, name)) as [{ keysym: number; down: boolean }];
}

function expected(toPixel: (red: number, green: number, blue: number) => number): Uint32Array {
  return server.picture.pixels.map((pixel) => {
    return toPixel((pixel >> 16) & 255, (pixel >> 8) & 255, pixel & 255) >>> 0;
  });
}

const scale = (value: number, max: number) => Math.round((value * max) / 255);

const formats = [
  {
    title: '32 bits as announced',
    format: '20 18 00 01 00ff 00ff 00ff 10 08 00 000000',
    sizes: [4, 3],
    toPixel: (r: number, g: number, b: number) => (r << 16) | (g << 8) | b,
  },
  {
    title: '32 bits with red first, as noVNC asks',
    format: '20 18 00 01 00ff 00ff 00ff 00 08 10 000000',
    sizes: [4, 3],
    toPixel: (r: number, g: number, b: number) => (b << 16) | (g << 8) | r,
  },
  {
    title: '32 bits, big-endian, in the three high bytes',
    format: '20 18 01 01 00ff 00ff 00ff 18 10 08 000000',
    sizes: [4, 3],
    bigEndian: true,
    toPixel: (r: number, g: number, b: number) => (r << 24) | (g << 16) | (b << 8),
    compactShift: 8,
  },
  {
    title: '32 bits of ten a colour',
    format: '20 1e 00 01 03ff 03ff 03ff 14 0a 00 000000',
    sizes: [4, 4],
    toPixel: (r: number, g: number, b: number) =>
      (scale(r, 1023) << 20) | (scale(g, 1023) << 10) | scale(b, 1023),
  },
  {
    title: '16 bits',
    format: '10 10 00 01 001f 003f 001f 0b 05 00 000000',
    sizes: [2, 2],
    toPixel: (r: number, g: number, b: number) =>
      (scale(r, 31) << 11) | (scale(g, 63) << 5) | scale(b, 31),
  },
  {
    title: '16 bits, big-endian',
    format: '10 0f 01 01 001f 001f 001f 0a 05 00 000000',
    sizes: [2, 2],
    bigEndian: true,
    toPixel: (r: number, g: number, b: number) =>
      (scale(r, 31) << 10) | (scale(g, 31) << 5) | scale(b, 31),
  },
  {
    title: '8 bits',
    format: '08 08 00 01 0007 0007 0003 00 03 06 000000',
    sizes: [1, 1],
    toPixel: (r: number, g: number, b: number) =>
      scale(r, 7) | (scale(g, 7) << 3) | (scale(b, 3) << 6),
  },
];

for (const { title, format, sizes, bigEndian, toPixel, compactShift = 0 } of formats) {
  for (const encoding of [RAW, ZRLE]) {
    test(`the picture comes in ${title}, encoded as ${encoding}`, async () => {
      const viewer = await RfbViewer.open(server.port);
      viewer.sendFormat(format, sizes[0]!, sizes[1]!, bigEndian);
      viewer.sendEncodings(encoding);
      viewer.request(false);
      const { rectangles } = await viewer.readMessage();
      assert.deepEqual(rectangles, [{ x: 0, y: 0, width: 800, height: 600, encoding }]);
      const shift = encoding === ZRLE ? compactShift : 0;
      const pixels = expected(toPixel).map((pixel) => pixel >>> shift);
      assert.ok(Buffer.from(viewer.picture.buffer).equals(Buffer.from(pixels.buffer)));
    });
  }
}

test('a request for an area is answered with that area', async () => {
  const viewer = await RfbViewer.open(server.port);
  viewer.sendEncodings(ZRLE, RAW);
  viewer.request(false, [700, 30, 65, 70]);
  const { rectangles } = await viewer.readMessage();
  assert.deepEqual(rectangles, [{ x: 700, y: 30, width: 65, height: 70, encoding: ZRLE }]);
  for (let y = 30; y < 100; y++) {
    const [start, end] = [y * 800 + 700, y * 800 + 765];
    assert.deepEqual(viewer.picture.slice(start, end), server.picture.pixels.slice(start, end));
  }
});

test('an area outside of the picture is cut to the picture', async () => {
  const viewer = await RfbViewer.open(server.port);
  viewer.request(false, [790, 590, 65535, 65535]);
  const { rectangles } = await viewer.readMessage();
  assert.deepEqual(rectangles, [{ x: 790, y: 590, width: 10, height: 10, encoding: RAW }]);
});

test('a terminal that scrolls sends copies, and the picture stays the same', async () => {
  const viewer = await openWith(COPY_RECT, ZRLE);
  const encodings = new Set<number>();
  for (let line = 0; line < 30; line++) {
    await type(viewer, `line ${line}\n`);
    for (const { encoding } of await viewer.drawUntil(() => isSame(viewer)))
      encodings.add(encoding);
  }
  assert.deepEqual(encodings, new Set([ZRLE, COPY_RECT]));
});

test('many lines between two updates leave the picture the same', async () => {
  const viewer = await openWith(COPY_RECT, ZRLE);
  await type(viewer, 'help\nhelp\nhelp\necho done\nhelp\n');
  await viewer.drawUntil(() => isSame(viewer));
  assert.ok(isSame(viewer));
});

test('a window that is dragged is copied, whatever was drawn in it meanwhile', async () => {
  const viewer = await openWith(COPY_RECT, RAW);
  const clock = { x: 800 - 36 - 100, y: 70 };
  await point(viewer, clock.x, clock.y, 1);
  await viewer.drawUntil(() => isSame(viewer));
  for (const [dx, dy] of [
    [-30, 20],
    [-31, 26],
    [-300, 200],
    [90, 400],
    [140, -70],
    [0, 0],
  ] as const) {
    await point(viewer, clock.x + dx, clock.y + dy, 1);
    const drawn = await viewer.drawUntil(() => isSame(viewer));
    assert.equal(drawn.filter(({ encoding }) => encoding === COPY_RECT).length, 1);
  }
  await point(viewer, clock.x, clock.y, 0);
});

test('a window that is dragged many times between two updates leaves the picture the same', async () => {
  const viewer = await openWith(COPY_RECT, ZRLE);
  await point(viewer, 664, 70, 1);
  for (let step = 1; step < 40; step++) await point(viewer, 664 - 11 * step, 70 + 9 * step, 1);
  await viewer.drawUntil(() => isSame(viewer));
});

test('what was painted just before a window is dragged moves along', async () => {
  const viewer = await openWith(COPY_RECT, RAW);
  await point(viewer, 700, 240, 1);
  await point(viewer, 700, 240, 0);
  await viewer.drawUntil(() => isSame(viewer));
  await point(viewer, 600, 500, 1);
  await point(viewer, 660, 520, 1);
  await point(viewer, 660, 520, 0);
  await point(viewer, 700, 240, 1);
  await point(viewer, 680, 230, 1);
  const drawn = await viewer.drawUntil(() => isSame(viewer));
  assert.equal(drawn[0]?.encoding, COPY_RECT);
});

test('a viewer that offers no copies gets none', async () => {
  const viewer = await openWith(ZRLE);
  await point(viewer, 664, 70, 1);
  await point(viewer, 500, 200, 1);
  const drawn = await viewer.drawUntil(() => isSame(viewer));
  assert.ok(drawn.length > 0 && drawn.every(({ encoding }) => encoding === ZRLE));
});

test('what one viewer paints the others see, each in the encoding it prefers', async () => {
  const [painter, watcher] = await Promise.all([openWith(ZRLE), openWith(RAW, ZRLE)]);
  await point(painter, 600, 500, 1);
  await point(painter, 660, 520, 1);
  await point(painter, 660, 520, 0);
  const drawn = await watcher.drawUntil(() => isSame(watcher));
  assert.ok(drawn.length > 0 && drawn.every(({ encoding }) => encoding === RAW));
});

test('a viewer that draws the mouse itself gets the arrow once', async () => {
  const viewer = await RfbViewer.open(server.port);
  viewer.sendEncodings(RAW, CURSOR);
  viewer.request(false);
  const first = await viewer.readMessage();
  assert.deepEqual(
    first.rectangles.map(({ encoding }) => encoding),
    [CURSOR, RAW],
  );
  viewer.request(false);
  const second = await viewer.readMessage();
  assert.deepEqual(
    second.rectangles.map(({ encoding }) => encoding),
    [RAW],
  );
});

test('a viewer resizes the desktop, and all viewers are told', async () => {
  const viewer = await openWith(ZRLE, EXTENDED_DESKTOP_SIZE);
  const other = await openWith(ZRLE, EXTENDED_DESKTOP_SIZE);
  const resized = once(server, 'resize');
  viewer.send('fb 00 0280 01e0 01 00  00000000 0000 0000 0280 01e0 00000000');
  assert.deepEqual(await resized, [{ width: 640, height: 480 }]);
  for (const [watcher, reason] of [
    [viewer, 1],
    [other, 2],
  ] as const) {
    const drawn = await watcher.drawUntil(() => isSame(watcher));
    const size = { x: reason, y: 0, width: 640, height: 480, encoding: EXTENDED_DESKTOP_SIZE };
    assert.deepEqual(
      drawn.filter(({ encoding }) => encoding === EXTENDED_DESKTOP_SIZE),
      [size],
    );
  }
});

test('a size that is not served is refused and changes nothing', async () => {
  const viewer = await openWith(ZRLE, EXTENDED_DESKTOP_SIZE);
  viewer.send('fb 00 ffff 01e0 01 00  00000000 0000 0000 ffff 01e0 00000000');
  viewer.request(true);
  const { rectangles } = await viewer.readMessage();
  const refusal = { x: 1, y: 3, width: 800, height: 600, encoding: EXTENDED_DESKTOP_SIZE };
  assert.deepEqual(rectangles, [refusal]);
  assert.equal(server.picture.width, 800);
});

test('a viewer that cannot be told of a new size keeps its own', async () => {
  const viewer = await openWith(RAW);
  const other = await openWith(RAW, EXTENDED_DESKTOP_SIZE);
  other.send('fb 00 0400 0300 01 00  00000000 0000 0000 0400 0300 00000000');
  await once(server, 'resize');
  viewer.request(true);
  const { rectangles } = await viewer.readMessage();
  assert.deepEqual(rectangles, [{ x: 0, y: 0, width: 800, height: 600, encoding: RAW }]);
});

test('windows stay within reach when the desktop gets small', async () => {
  const viewer = await openWith(ZRLE, EXTENDED_DESKTOP_SIZE);
  viewer.send('fb 00 00f0 00c8 01 00  00000000 0000 0000 00f0 00c8 00000000');
  await once(server, 'resize');
  await viewer.drawUntil(() => isSame(viewer));
  const before = server.picture.pixels.slice();
  await point(viewer, 100, 70, 1);
  await point(viewer, 120, 90, 1);
  assert.notDeepEqual(server.picture.pixels, before);
  await viewer.drawUntil(() => isSame(viewer));
});

test('a new name is told', async () => {
  const viewer = await openWith(RAW, DESKTOP_NAME);
  server.rename('Night shift');
  await viewer.drawUntil(() => viewer.name === 'Night shift');
});
