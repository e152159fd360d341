import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PAGE_SETTINGS } from '../../../lib/page-settings.ts';
import {
  isPicturePreset,
  PICTURE_PRESETS,
  presetOf,
} from '../../../public/toolbar/picture-presets.ts';

test('the numbers of each preset are that preset', () => {
  for (const [name, { quality, compression }] of Object.entries(PICTURE_PRESETS)) {
    assert.equal(presetOf(quality, compression), name);
  }
});

test('what is set at first is the balanced preset', () => {
  const { quality, compression } = PAGE_SETTINGS;
  assert.equal(presetOf(quality.value, compression.value), 'balanced');
});

test('other numbers are the own choice of the viewer', () => {
  assert.equal(presetOf(9, 9), 'custom');
  assert.equal(presetOf(6, 3), 'custom');
});

test('custom is no preset, nor is what every object has', () => {
  assert.equal(isPicturePreset('small'), true);
  assert.equal(isPicturePreset('custom'), false);
  assert.equal(isPicturePreset('toString'), false);
});
