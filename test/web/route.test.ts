import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeName, isRead, routeOf, targetOf } from '../../lib/web/route.ts';

const page = (segment: string, isFolder = false) => ({ kind: 'page', segment, isFolder });
const asset = (file: string) => ({ kind: 'asset', file });
const relay = { kind: 'relay' };
const wall = { kind: 'wall' };
const action = (id: string) => ({ kind: 'action', id });

const routes: [string, object | null][] = [
  ['/', wall],
  ['', null],
  ['/?x=1', wall],
  ['//', null],
  ['//evil.example/%2F..', null],
  ['/host:5901', page('host:5901')],
  ['/host:5901?proxy', page('host:5901')],
  ['/host:5901/', page('host:5901', true)],
  ['/host:5901/?x', page('host:5901', true)],
  ['/host/x', null],
  ['/host//', null],
  ['/a%2Fb', page('a%2Fb')],
  ['/proxy', relay],
  ['/proxy?target=a', relay],
  ['/proxy/.websocket?target=a', relay],
  ['/proxy/', page('proxy', true)],
  ['/proxy/x', null],
  ['/Proxy', page('Proxy')],
  ['/assets/main.js', asset('main.js')],
  ['/assets/main.js?x', asset('main.js')],
  ['/assets/..%2fx', asset('..%2fx')],
  ['/actions', page('actions')],
  ['/actions/', page('actions', true)],
  ['/actions/power-on', action('power-on')],
  ['/actions/power-on?target=a', action('power-on')],
  ['/actions/a/b', null],
  ['/assets', page('assets')],
  ['/assets/', page('assets', true)],
  ['/assets/a/b', null],
];
for (const [url, route] of routes) {
  test(`${JSON.stringify(url)} is ${route === null ? 'no route' : JSON.stringify(route)}`, () => {
    assert.deepEqual(routeOf(url), route);
  });
}

test('only GET and HEAD read', () => {
  for (const method of ['GET', 'HEAD']) assert.equal(isRead({ method }), true);
  for (const method of ['POST', 'OPTIONS', 'get', '']) assert.equal(isRead({ method }), false);
});

test('a name is decoded once; broken encoding is no name', () => {
  assert.equal(decodeName('a%20b%252F%C3%BC+'), 'a b%2Fü+');
  for (const segment of ['%', '%z', '%zz', '%c0%ae', '%ed%a0%80', '%ff', 'a%2']) {
    assert.throws(() => decodeName(segment), { code: 'NAME_INVALID' }, segment);
  }
});

const targets: [string, string | null][] = [
  ['/proxy?target=host%3A5901', 'host:5901'],
  ['/proxy?x=1&target=a&y=2', 'a'],
  ['/proxy?target=', ''],
  ['/proxy?target=a=b', 'a=b'],
  ['/proxy?target=a?b', 'a?b'],
  ['/proxy?target=a+b', 'a+b'],
  ['/proxy/.websocket?target=a', 'a'],
  ['/proxy', null],
  ['/proxy?', null],
  ['/proxy?Target=a', null],
  ['/proxy?target', null],
  ['/proxy?target[]=a', null],
  ['/proxy?xtarget=a', null],
  ['/proxy?target=a&target=b', null],
  ['/proxy?target=%zz', null],
];
for (const [url, target] of targets) {
  test(`${url} asks for ${target === null ? 'nothing that is clear' : JSON.stringify(target)}`, () => {
    if (target === null) assert.throws(() => targetOf(url), { code: 'NAME_INVALID' });
    else assert.equal(targetOf(url), target);
  });
}
