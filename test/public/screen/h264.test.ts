import assert from 'node:assert/strict';
import { test } from 'node:test';
import { H264Switch } from '../../../public/screen/h264.ts';

test('H264Switch offers H.264 until it has failed once', () => {
  const h264 = new H264Switch();
  assert.deepEqual(h264.filter([1, 50, 7, -32]), [1, 50, 7, -32]);
  h264.fail();
  assert.deepEqual(h264.filter([1, 50, 7, -32]), [1, 7, -32]);
  assert.equal(h264.hasFailed, true);
});
