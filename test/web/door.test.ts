import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import type { Request } from 'express';
import { ConsoleError } from '../../lib/errors.ts';
import {
  createAcceptor,
  doorOf,
  handleProtocols,
  handshakeFault,
  isDoorless,
} from '../../lib/web/door.ts';
import { KEY } from '../helpers/raw-browser.ts';

const acceptor = createAcceptor(1000);

test('of the subprotocols offered, binary is taken, and no other', () => {
  assert.equal(handleProtocols(['binary']), 'binary');
  assert.equal(handleProtocols(new Set(['base64', 'binary'])), 'binary');
  assert.equal(handleProtocols(['base64', 'Binary']), false);
  assert.equal(handleProtocols([]), false);
});

const faults: [string, object, 400 | 426 | null][] = [
  ['a whole handshake', {}, null],
  ['another method', { method: 'POST' }, 400],
  ['no key', { 'sec-websocket-key': undefined }, 400],
  ['a key of 15 bytes', { 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25j' }, 400],
  ['a key that is no base64', { 'sec-websocket-key': '!!!!!!!!!!!!!!!!!!!!!!==' }, 400],
  ['two keys', { 'sec-websocket-key': `${KEY}, ${KEY}` }, 400],
  ['version 8', { 'sec-websocket-version': '8' }, 426],
  ['two versions', { 'sec-websocket-version': '13, 13' }, 426],
  ['no version', { 'sec-websocket-version': undefined }, 426],
];
for (const [title, change, status] of faults) {
  test(`${title} ${status === null ? 'has no fault' : `is answered with ${status}`}`, () => {
    const { method = 'GET', ...fields } = change as { method?: string };
    const headers = { 'sec-websocket-key': KEY, 'sec-websocket-version': '13', ...fields };
    assert.equal(handshakeFault({ method, headers } as never)?.status ?? null, status);
  });
}

test('a plain request has no door, and asks for none', () => {
  const req = { headers: {} } as Request;
  assert.equal(doorOf(req, acceptor), null);
  assert.equal(isDoorless(req), false);
});

test('a WebSocket that nobody accepts is doorless', () => {
  for (const upgrade of ['websocket', 'WebSocket']) {
    const req = { headers: { upgrade } } as Request;
    assert.equal(doorOf(req, acceptor), null);
    assert.equal(isDoorless(req), true);
  }
  assert.equal(isDoorless({ headers: { upgrade: 'h2c' } } as Request), false);
});

test('the door of express-ws is open, is taken, and refuses by a close frame', () => {
  const closed: [number, string][] = [];
  const ws = Object.assign(new EventEmitter(), {
    readyState: 1,
    close: (code: number, reason: string) => closed.push([code, reason]),
  });
  const req = { headers: { upgrade: 'websocket' }, ws, wsHandled: false };
  const door = doorOf(req as never, acceptor);
  assert.equal(isDoorless(req as never), false);
  assert.equal(door?.isOpen, true);
  assert.equal(req.wsHandled, true);
  ws.emit('error', new Error('Invalid WebSocket frame'));
  let accepted: unknown;
  door?.accept((browser) => {
    accepted = browser;
  });
  assert.equal(accepted, ws);
  ws.readyState = 3;
  door?.accept(() => assert.fail('a browser that has left is not let in'));
  ws.readyState = 1;
  door?.refuse(new ConsoleError('TOO_MANY', 'detail'));
  assert.deepEqual(closed, [[4429, 'Too many consoles are open.']]);
});
