import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SettingsStore, type Shelf } from '../../public/settings-store.ts';

class FakeShelf extends Map<string, string> implements Shelf {
  getItem(key: string): string | null {
    return this.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    this.set(key, value);
  }

  removeItem(key: string): void {
    this.delete(key);
  }
}

test('a setting is the default until somebody chooses', () => {
  const store = new SettingsStore({ bell: { value: false } }, new FakeShelf(), 'vm-1');
  assert.equal(store.get('scaling'), 'fit');
  assert.equal(store.get('bell'), false, 'the host chose');
});

test('a choice is kept for its target, and for all when it is made for all', () => {
  const shelf = new FakeShelf();
  const one = new SettingsStore({}, shelf, 'vm-1');
  one.set('quality', 9);
  one.set('theme', 'dark', 'all');
  const again = new SettingsStore({}, shelf, 'vm-1');
  const other = new SettingsStore({}, shelf, 'vm-2');
  assert.deepEqual([again.get('quality'), again.get('theme')], [9, 'dark']);
  assert.deepEqual([other.get('quality'), other.get('theme')], [6, 'dark']);
});

test('a choice for all takes the place of the one for this target', () => {
  const shelf = new FakeShelf();
  const store = new SettingsStore({}, shelf, 'vm-1');
  store.set('quality', 9);
  store.set('quality', 3, 'all');
  assert.equal(new SettingsStore({}, shelf, 'vm-1').get('quality'), 3);
});

test('colours and language are chosen once, for all targets', () => {
  const shelf = new FakeShelf();
  const store = new SettingsStore({}, shelf, 'vm-1');
  store.set('theme', 'dark');
  store.set('language', 'de');
  const other = new SettingsStore({}, shelf, '');
  assert.deepEqual([other.get('theme'), other.get('language')], ['dark', 'de']);
});

test('what holds here can be made to hold for all', () => {
  const shelf = new FakeShelf();
  const store = new SettingsStore({}, shelf, 'vm-1');
  store.set('scaling', 'fill');
  store.keepForAll();
  assert.equal(new SettingsStore({}, shelf, 'vm-2').get('scaling'), 'fill');
});

test('what is chosen in another tab leaves this one as it is', () => {
  const shelf = new FakeShelf();
  const store = new SettingsStore({}, shelf, 'vm-1');
  const told: number[] = [];
  store.watch('quality', (value) => told.push(value));
  new SettingsStore({}, shelf, 'vm-1').set('quality', 9);
  assert.equal(store.get('quality'), 6);
  store.set('quality', 3);
  store.reset();
  assert.deepEqual(told, [6, 3, 6]);
  assert.equal(shelf.size, 0);
});

test('what the host forces cannot be chosen', () => {
  const shelf = new FakeShelf();
  new SettingsStore({}, shelf, 'vm-1').set('viewOnly', false);
  const store = new SettingsStore({ viewOnly: { value: true, force: true } }, shelf, 'vm-1');
  store.set('viewOnly', false);
  assert.equal(store.get('viewOnly'), true);
  assert.equal(store.isForced('viewOnly'), true);
  assert.equal(store.isHidden('viewOnly'), false);
});

test('what was kept wrong counts for nothing', () => {
  const shelf = new FakeShelf();
  for (const text of ['', '{', '"wide"', '99', 'null', '{"a":1}']) {
    shelf.set('express-novnc:scaling:vm-1', text);
    shelf.set('express-novnc:quality:vm-1', text);
    const store = new SettingsStore({}, shelf, 'vm-1');
    assert.equal(store.get('scaling'), 'fit');
    assert.equal(store.get('quality'), 6);
  }
});

test('a shelf that throws keeps nothing, and the choice holds all the same', () => {
  const broken = new Proxy({} as Shelf, {
    get: () => () => {
      throw new Error('denied');
    },
  });
  for (const shelf of [broken, null]) {
    const store = new SettingsStore({}, shelf, 'vm-1');
    store.set('bell', false);
    assert.equal(store.get('bell'), false);
  }
});

test('a listener is told at once, at each change, and when all is forgotten', () => {
  const store = new SettingsStore({}, new FakeShelf(), 'vm-1');
  const told: number[] = [];
  store.watch('quality', (value) => told.push(value));
  store.set('quality', 8);
  store.set('compression', 8);
  store.reset();
  assert.deepEqual(told, [6, 8, 6]);
});
