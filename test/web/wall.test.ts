import assert from 'node:assert/strict';
import { test } from 'node:test';
import { folderOf, groupsOf, type Listing } from '../../lib/web/wall.ts';

test('consoles are sorted into groups in the order they come', () => {
  const groups = groupsOf([
    { name: 'a', group: 'Lab', state: 'running' },
    { name: 'b' },
    { name: 'c d/ü', label: 'C', description: 'Third', group: 'Lab', state: 'Off' },
  ]);
  assert.deepEqual(groups, [
    {
      name: 'Lab',
      cards: [
        {
          ...{ href: './a', name: 'a', label: 'a', description: '' },
          ...{ state: 'running', tone: 'good' },
        },
        {
          ...{ href: './c%20d%2F%C3%BC', name: 'c d/ü', label: 'C', description: 'Third' },
          ...{ state: 'Off', tone: 'soft' },
        },
      ],
    },
    {
      name: '',
      cards: [{ href: './b', name: 'b', label: 'b', description: '', state: '', tone: 'busy' }],
    },
  ]);
  assert.deepEqual(groupsOf(new Set()), []);
});

const wrong: [unknown, RegExp][] = [
  [undefined, /did not return an array/],
  [null, /did not return an array/],
  [{ name: 'a' }, /did not return an array/],
  [['a'], /is not an object/],
  [[null], /is not an object/],
  [[{}], /has no name/],
  [[{ name: '' }], /has no name/],
  [[{ name: '..' }], /has no name: "\.\."/],
  [[{ name: 'proxy' }], /has no name: "proxy"/],
  [[{ name: 'a', label: 7 }], /has a label that is no string/],
  [[{ name: 'a', group: null }], /has a group that is no string/],
];
for (const [listing, message] of wrong) {
  test(`a list of ${JSON.stringify(listing)} is not one: ${message.source}`, () => {
    assert.throws(() => groupsOf(listing as Listing), { message });
  });
}

test('a mount without its slash leads to the one with it, never elsewhere', () => {
  assert.equal(folderOf('/console'), './console/');
  assert.equal(folderOf('/a/console?x=/'), './console/');
  assert.equal(folderOf('//evil.example'), './evil.example/');
  for (const url of ['/', '/console/', '/console/?x', '', '/\\evil.example']) {
    assert.equal(folderOf(url), null, url);
  }
});
