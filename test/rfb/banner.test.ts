import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BANNER_LENGTH, isBanner } from '../../lib/rfb/banner.ts';
import { hex } from '../helpers/bytes.ts';

const BANNERS = [
  'RFB 003.003\n',
  'RFB 003.008\n',
  'RFB 003.889\n',
  'RFB 004.001\n',
  'RFB 999.999\n',
];

test('each banner is one, whole and at every beginning of it', () => {
  for (const text of BANNERS) {
    const bytes = Buffer.from(text);
    assert.equal(bytes.length, BANNER_LENGTH);
    for (let length = 0; length <= bytes.length; length++) {
      assert.equal(isBanner(bytes.subarray(0, length)), true, `${length} bytes of ${text}`);
    }
  }
});

test('what follows a banner is not looked at', () => {
  assert.equal(isBanner(Buffer.from('RFB 003.008\n\x01\x02')), true);
});

test('one wrong byte anywhere makes it none, from that byte on', () => {
  const bytes = hex('52 46 42 20 30 30 33 2e 30 30 38 0a');
  for (let at = 0; at < bytes.length; at++) {
    for (const wrong of [0x00, 0x2f, 0x3a, 0x61, 0xff]) {
      const broken = Buffer.from(bytes);
      broken[at] = wrong;
      assert.equal(isBanner(broken), false, `${wrong} at ${at}`);
      assert.equal(isBanner(broken.subarray(0, at + 1)), false);
      assert.equal(isBanner(broken.subarray(0, at)), true);
    }
  }
});
