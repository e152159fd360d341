import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { PAGE_SETTINGS } from '../../lib/page-settings.ts';
import { settingsAsked } from '../../public/asked-settings.ts';
import { SettingsStore } from '../../public/settings-store.ts';

const warn = mock.method(console, 'warn', () => {});

test('an address asks for settings by their names', () => {
  const hash = '#viewOnly&scaling=fill&quality=3&compression=9&theme=dark&language=pt-BR';
  assert.deepEqual(settingsAsked(`${hash}&toolbarEdge=left&toolbarPinned=false`), {
    ...{ viewOnly: true, scaling: 'fill', quality: 3, compression: 9 },
    ...{ theme: 'dark', language: 'pt-BR', toolbarEdge: 'left', toolbarPinned: false },
  });
  assert.deepEqual(settingsAsked('#viewOnly=true'), { viewOnly: true });
  assert.deepEqual(settingsAsked(''), {});
  assert.equal(warn.mock.callCount(), 0);
});

test('what an address asks for that cannot be is left out, and the developer told', () => {
  for (const [hash, said] of [
    ['#quality=10', '#quality is to be a whole number from 0 to 9'],
    ['#quality=', '#quality is to be a whole number from 0 to 9'],
    ['#quality=1.5', '#quality is to be a whole number from 0 to 9'],
    ['#scaling=toString', '#scaling is to be one of fit, fill, actual, remote, remote-sharp'],
    ['#toolbarPinned=yes', '#toolbarPinned is to be true or false'],
    ['#viewOnly=no', '#viewOnly is to be true'],
  ] as const) {
    warn.mock.resetCalls();
    assert.deepEqual(settingsAsked(hash), {}, hash);
    assert.deepEqual(warn.mock.calls[0]?.arguments, [said]);
  }
});

test('an address takes nobody’s console away, and no care that somebody has taken', () => {
  const others = ['shared', 'bell', 'keepAwake', 'askBeforeLeaving', 'reconnect', 'typingPace'];
  for (const name of others) assert.ok(name in PAGE_SETTINGS, name);
  const hash = others.map((name) => `${name}=false`).join('&');
  assert.deepEqual(settingsAsked(`#${hash}&viewOnly=false&host=evil.example&__proto__=x`), {});
});

test('what is asked for holds before what was chosen once, and is not kept', () => {
  const kept = new Map([['express-novnc:quality:vm-1', '9']]);
  const shelf = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
  const store = new SettingsStore({}, shelf, 'vm-1', { quality: 1, scaling: 'fill' });
  assert.deepEqual([store.get('quality'), store.get('scaling')], [1, 'fill']);
  assert.deepEqual([...kept], [['express-novnc:quality:vm-1', '9']]);
  store.set('quality', 5);
  assert.equal(store.get('quality'), 5, 'chosen since');
  const forced = { scaling: { value: 'actual', force: true } } as const;
  assert.equal(
    new SettingsStore(forced, shelf, 'vm-1', { scaling: 'fill' }).get('scaling'),
    'actual',
  );
});
