import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { mock, test } from 'node:test';
import { limitProbe } from '../../public/build-novnc.mjs';

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

test('noVNC still calls the steps of its handshake what Desktop looks for', () => {
  for (const step of ['Security', 'Authentication']) {
    assert.ok(rfb.includes(`this._rfbInitState = '${step}';`));
    assert.ok(own.includes(`'${step}'`));
  }
});

for (const [probe, check] of [
  ['hangs', () => new Promise(() => {})],
  ['throws', () => Promise.reject(new Error('no decoder'))],
] as const) {
  test(`limitProbe makes a probe for H.264 that ${probe} answer false`, async () => {
    const line = limitProbe(await source('core/util/browser.js'))
      .split('\n')
      .slice(-200)
      .join('\n');
    const statement = /const probeH264 = [\s\S]+?\);$/m.exec(line)?.[0];
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      const run = new Function(
        '_checkWebCodecsH264DecodeSupport',
        'setTimeout',
        `let supportsWebCodecsH264Decode; ${statement} return probeH264();`,
      );
      const answer = run(check, setTimeout);
      mock.timers.tick(500);
      assert.equal(await answer, false);
    } finally {
      mock.timers.reset();
    }
  });
}

test('limitProbe fails with a clear message when the probe is not there exactly once', async () => {
  const browser = await source('core/util/browser.js');
  assert.throws(() => limitProbe('nothing'), /exactly once, but holds it 0 times/);
  assert.throws(() => limitProbe(browser + browser), /exactly once, but holds it 2 times/);
});
