import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { mock, test } from 'node:test';
import { deferProbe, makeOpaque } from '../../public/build-novnc.mjs';

const novnc = new URL('../../node_modules/@novnc/novnc/', import.meta.url);
const source = (file: string) => readFile(new URL(file, novnc), 'utf8');

test('noVNC is the version whose private names the page uses', async () => {
  const { version } = JSON.parse(await source('package.json'));
  assert.equal(version, '1.7.0');
});

const rfb = await source('core/rfb.js');
const files = ['desktop.ts', 'desktop-input.ts', 'desktop-scaling.ts'].map((file) =>
  readFile(new URL(`../../public/screen/${file}`, import.meta.url), 'utf8'),
);
const own = (await Promise.all(files)).join('\n');

for (const name of new Set(own.match(/\b_[a-zA-Z]\w+/g))) {
  test(`noVNC still has the private ${name} that Desktop uses`, () => {
    assert.match(rfb, new RegExp(`this\\.${name}\\b`));
  });
}

for (const call of [
  '_handleMessage()',
  '_framebufferUpdate()',
  '_initMsg()',
  '_negotiateServerInit()',
  '_fail(details)',
  '_resize(width, height)',
  '_disconnect()',
  '_screenSize()',
  '_updateScale()',
  '_fixScrollbars()',
  '_handleExtendedDesktopSize()',
  '_handleRect()',
  '_handleKeyEvent(keysym, code, down, numlock, capslock)',
]) {
  test(`noVNC still has the method ${call} that Desktop overrides`, () => {
    assert.ok(rfb.includes(`\n    ${call} {`));
  });
}

const tight = await source('core/decoders/tight.js');
for (const call of [
  '_monoRect(x, y, width, height, data, palette, display)',
  '_paletteRect(x, y, width, height, data, palette, display)',
  '_getScratchBuffer(size)',
]) {
  test(`noVNC still has the method ${call} of its decoder for Tight`, () => {
    assert.ok(tight.includes(`\n    ${call} {`));
  });
}

test('noVNC still counts the colours of a rectangle of Tight, and blits at once', async () => {
  assert.match(tight, /this\._numColors = numColors;/);
  assert.match(
    await source('core/display.js'),
    /blitImage\(x, y, width, height, arr, offset, fromQueue\)/,
  );
});

test('noVNC still calls the steps of its handshake what Desktop looks for', () => {
  for (const step of ['Security', 'Authentication']) {
    assert.ok(rfb.includes(`this._rfbInitState = '${step}';`));
    assert.ok(own.includes(`'${step}'`));
  }
});

test('deferProbe makes a probe for H.264 that is made once, and false where it throws', async () => {
  const browser = deferProbe(await source('core/util/browser.js'));
  const statement = /^let probe;\n[\s\S]+?\)\);$/m.exec(browser)?.[0];
  for (const [check, expected] of [
    [() => Promise.resolve(true), true],
    [() => Promise.reject(new Error('no decoder')), false],
  ] as const) {
    const probe = mock.fn(check);
    const run = new Function(
      '_checkWebCodecsH264DecodeSupport',
      `let supportsWebCodecsH264Decode = false;
      ${statement?.replace('export ', '')}
      return Promise.all([probeH264(), probeH264()]).then(() => supportsWebCodecsH264Decode);`,
    );
    assert.equal(await run(probe), expected);
    assert.equal(probe.mock.callCount(), 1);
  }
});

test('makeOpaque changes the contexts of both canvases of a desktop, and not that of the cursor', async () => {
  const display = makeOpaque(await source('core/display.js'));
  assert.equal(display.match(/getContext\('2d', \{ alpha: false \}\)/g)?.length, 2);
  assert.equal(display.match(/getContext\(/g)?.length, 2);
});

test('a change of noVNC fails with a clear message when what it changes is not there', async () => {
  const browser = await source('core/util/browser.js');
  assert.throws(() => deferProbe('nothing'), /browser\.js must hold 1 x .+ 0 times/);
  assert.throws(() => deferProbe(browser + browser), /browser\.js must hold 1 x .+ 2 times/);
  assert.throws(() => makeOpaque('nothing'), /display\.js must hold 2 x .+ 0 times/);
});
